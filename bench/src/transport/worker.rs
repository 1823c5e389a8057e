//! The worker of the transport's own limit: raw pull requests, an answer and an acknowledgement a message.

use std::thread::JoinHandle;

use async_nats::{Client, Message, Subject};
use bytes::Bytes;
use contract::envelope::{self, Reply};
use contract::subject::Codec;
use futures_util::StreamExt as _;
use http::StatusCode;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::headers::Headers;
use crate::{Error, sample};

/// Where pull requests go.
const NEXT: &str = "$JS.API.CONSUMER.MSG.NEXT.REQUESTS.rating-service";
/// Messages asked for at once; large, as one pull request is then shared by many messages.
const BATCH: u64 = 1024;

/// A worker that echoes every request, on a thread and a connection of its own.
pub struct Worker {
    /// The server's URL.
    pub url: String,
    /// Ends it.
    pub stop: CancellationToken,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When the thread cannot be started.
    pub fn spawn(self) -> Result<JoinHandle<Result<(), Error>>, Error> {
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(Error::Runtime)?.block_on(self.run())
        };
        std::thread::Builder::new()
            .name("worker".into())
            .spawn(run)
            .map_err(Error::Runtime)
    }

    async fn run(self) -> Result<(), Error> {
        let client = super::connect(&self.url).await?;
        let codec = Codec::new("api").expect("the system's prefix is valid");
        let inbox = Subject::from(format!("_INBOX.{}", Uuid::now_v7().simple()));
        let mut messages = client
            .subscribe(inbox.clone())
            .await
            .map_err(Error::nats("subscribe to the pull inbox"))?;
        let mut credit = 0;
        while !self.stop.is_cancelled() {
            if credit <= BATCH / 2 {
                pull(&client, &inbox, BATCH - credit)
                    .await
                    .map_err(Error::nats("pull from the stream"))?;
                credit = BATCH;
            }
            let message = tokio::select! {
                biased;
                message = messages.next() => message,
                () = self.stop.cancelled() => None,
            };
            let Some(message) = message else { break };
            if message.status.is_some() {
                credit -= unused(&message).min(credit);
            } else {
                credit -= 1;
                answer(&client, &codec, message)
                    .await
                    .map_err(Error::nats("answer a request"))?;
            }
        }
        Ok(())
    }
}

async fn pull(client: &Client, inbox: &Subject, batch: u64) -> Result<(), async_nats::PublishError> {
    let request = format!("{{\"batch\":{batch},\"expires\":30000000000}}");
    client
        .publish_with_reply(NEXT, inbox.clone(), request.into())
        .await
}

/// How many messages of a pull request that has ended will never come.
fn unused(message: &Message) -> u64 {
    let headers = message.headers.as_ref();
    let pending = headers.and_then(|headers| headers.get("Nats-Pending-Messages"));
    pending.and_then(|value| value.as_str().parse().ok()).unwrap_or(0)
}

async fn answer(client: &Client, codec: &Codec, message: Message) -> Result<(), async_nats::PublishError> {
    let Message {
        subject,
        reply,
        payload,
        headers,
        ..
    } = message;
    let headers = Headers(headers.unwrap_or_default());
    if let Ok(request) = envelope::decode_request(codec, &subject, &headers, payload) {
        let reply = Reply {
            status: StatusCode::OK,
            headers: sample::answer_headers(),
            body: request.body,
        };
        let mut headers = Headers::default();
        let payload = envelope::encode_reply(request.version, &reply, &mut headers);
        client
            .publish_with_headers(request.reply_to, headers.0, payload)
            .await?;
    }
    match reply {
        Some(acknowledge) => client.publish(acknowledge, Bytes::from_static(b"+ACK")).await,
        None => Ok(()),
    }
}
