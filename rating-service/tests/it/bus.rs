//! A real nats-server and what the tests read from it.

use contract::envelope::{self, Reply, RequestHead, Version};
use contract::headers::{HeaderSource as _, names};
use contract::subject::{Codec, Path};
use futures_util::StreamExt as _;
use runtime::nats::{Connection, Incoming, Outgoing, Settings};
use std::time::Duration;
use testbed::nats::Server;
use uuid::Uuid;

use crate::ask::Ask;

/// Longer than any answer takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection as the service makes it.
pub(crate) async fn connect(server: &Server) -> Connection {
    let settings = Settings {
        urls: vec![server.url()],
        ..Settings::default()
    };
    runtime::nats::connect(&settings).await.unwrap()
}

/// An event as it lies in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) aggregate_id: String,
    pub(crate) version: i64,
    pub(crate) payload: Vec<u8>,
}

/// Everything in EVENTS, in its order.
pub(crate) async fn published(server: &Server) -> Vec<Published> {
    let stream = async_nats::jetstream::new(server.client().await.unwrap())
        .get_stream("EVENTS")
        .await
        .unwrap();
    let mut events = Vec::new();
    for sequence in 1..=stream.get_info().await.unwrap().state.last_sequence {
        let message = stream.get_raw_message(sequence).await.unwrap();
        let headers = Incoming(Some(&message.headers));
        let header = |name| headers.first(name).unwrap().to_owned();
        events.push(Published {
            subject: message.subject.to_string(),
            message_id: header(names::NATS_MSG_ID),
            aggregate_id: header("Px-Aggregate-Id"),
            version: header("Px-Aggregate-Version").parse().unwrap(),
            payload: message.payload.to_vec(),
        });
    }
    events
}

/// What a proxy does: publishes requests into the work queue and takes answers from its inbox.
pub(crate) struct Proxy {
    client: async_nats::Client,
    codec: Codec,
}

impl Proxy {
    pub(crate) async fn new(server: &Server, prefix: &str) -> Self {
        Self {
            client: server.client().await.unwrap(),
            codec: Codec::new(prefix).unwrap(),
        }
    }

    /// Sends a request into the queue and returns its answer.
    pub(crate) async fn ask(&self, version: Version, ask: &Ask) -> Reply {
        self.try_ask(version, ask, PATIENCE)
            .await
            .expect("an answer comes in time")
    }

    /// Sends a request that is worth answering for only so long.
    pub(crate) async fn try_ask(&self, version: Version, ask: &Ask, timeout: Duration) -> Option<Reply> {
        let inbox = format!("_PX.test.{}", Uuid::now_v7().simple());
        let mut answers = self.client.subscribe(inbox.clone()).await.unwrap();
        self.publish(version, ask, &inbox, timeout).await;
        let answer = tokio::time::timeout(timeout, answers.next()).await.ok()?.unwrap();
        Some(envelope::decode_reply(&Incoming(answer.headers.as_ref()), answer.payload).unwrap())
    }

    /// Puts a request into the queue.
    async fn publish(&self, version: Version, ask: &Ask, inbox: &str, timeout: Duration) {
        let request = &ask.0;
        let path = request.path.to_string();
        let head = RequestHead {
            id: request.id,
            reply_to: inbox,
            method: &request.method,
            path: &path,
            query: request.query.as_deref(),
            timeout,
            deadline_unix_ms: 0,
            attempt: 1,
            headers: &request.headers,
        };
        let mut headers = Outgoing::new();
        let payload = envelope::encode_request(version, &head, &request.body, &mut headers).unwrap();
        let subject = self
            .codec
            .encode(&request.method, &Path::parse(&path).unwrap())
            .unwrap();
        let stream = async_nats::jetstream::new(self.client.clone());
        let confirmed = stream
            .publish_with_headers(subject, headers.finish().unwrap(), payload)
            .await
            .unwrap();
        confirmed.await.unwrap();
    }
}
