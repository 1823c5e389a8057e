//! Publishes requests and waits for their answers.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_nats::{Client, Subject};
use bytes::Bytes;
use contract::envelope::{self, RequestHead, Version};
use contract::headers::names;
use contract::subject::{Codec, Path};
use http::Method;
use uuid::Uuid;

use super::headers::Headers;
use super::inbox::Inbox;
use crate::Error;
use crate::load::{Caller, Failure};
use crate::sample;

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// One place in an inbox: makes one request at a time.
pub struct Requester {
    client: Client,
    inbox: Arc<Inbox>,
    place: usize,
    subject: Subject,
    /// All headers of a request; a copy gets its own id and reply subject.
    template: Headers,
    body: Bytes,
}

/// Opens one connection and `count` requesters on it.
pub(super) async fn open(url: &str, count: usize) -> Result<Vec<Requester>, Error> {
    let client = super::connect(url).await?;
    let inbox = Inbox::open(&client, count).await?;
    let subject = subject();
    let template = template();
    let requester = |place| Requester {
        client: client.clone(),
        inbox: Arc::clone(&inbox),
        place,
        subject: subject.clone(),
        template: template.clone(),
        body: Bytes::from_static(sample::BODY),
    };
    Ok((0..count).map(requester).collect())
}

/// The subject the proxy gives the sample request.
fn subject() -> Subject {
    let codec = Codec::new("api").expect("the system's prefix is valid");
    let path = Path::parse(sample::PATH).expect("the sample's path is valid");
    codec
        .encode(&Method::POST, &path)
        .expect("the sample's path has a subject")
        .into()
}

/// The headers the proxy gives the sample request.
fn template() -> Headers {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let timeout = Duration::from_secs(30);
    let id = Uuid::now_v7();
    let mut headers = Headers::default();
    let head = RequestHead {
        id,
        reply_to: "_PX.to-be-replaced",
        method: &Method::POST,
        path: sample::PATH,
        query: None,
        timeout,
        deadline_unix_ms: u64::try_from((now + timeout).as_millis()).unwrap_or(u64::MAX),
        attempt: 1,
        headers: &sample::headers(),
    };
    envelope::encode_request(
        Version::V2,
        &head,
        &Bytes::from_static(sample::BODY),
        &mut headers,
    )
    .expect("the sample request can be encoded");
    headers.0.insert(names::NATS_MSG_ID, id.to_string());
    headers.0.insert(names::NATS_TTL, "30");
    headers
}

impl Caller for Requester {
    async fn call(&mut self) -> Result<(), Failure> {
        let (acknowledgement, answer, outcome) = self.inbox.expect(self.place);
        let mut headers = self.template.0.clone();
        let id = Uuid::now_v7().to_string();
        headers.insert(names::ID, id.as_str());
        headers.insert(names::NATS_MSG_ID, id);
        headers.insert(names::REPLY, answer);
        self.client
            .publish_with_reply_and_headers(self.subject.clone(), acknowledgement, headers, self.body.clone())
            .await
            .map_err(|_| Failure::Broken("cannot publish"))?;
        tokio::time::timeout(ANSWER_WITHIN, outcome)
            .await
            .map_err(|_| Failure::Broken("no answer within 60 s"))?
            .unwrap_or(Err(Failure::Broken("connection gone")))
    }
}
