//! Sending an answer so that it has left this process before the request is acknowledged.

use async_nats::client::PublishErrorKind;
use async_nats::{HeaderMap, Subject};
use bytes::Bytes;
use contract::envelope::{self, Reply, Request, Version};
use contract::headers::{HeaderSink as _, names};
use contract::problem::Problem;
use http::StatusCode;

use crate::nats::{Connection, Incoming, Outgoing, RefusedHeader};

/// Who waits for an answer, and in which form.
#[derive(Clone, Debug)]
pub(super) struct Recipient {
    version: Version,
    reply_to: Subject,
    /// As text, the way it goes into the header.
    id: String,
}

/// Why an answer did not leave. The request must not be acknowledged then.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsent {
    /// The connection is closed for good.
    #[error("cannot write the answer to NATS")]
    Publish(#[source] async_nats::PublishError),
    /// The connection is closed for good.
    #[error("cannot flush the answer to NATS")]
    Flush(#[source] async_nats::client::FlushError),
}

impl Recipient {
    /// Of a request that could be read.
    pub(super) fn of(request: &Request) -> Self {
        Self {
            version: request.version,
            reply_to: request.reply_to.as_str().into(),
            id: request.id.to_string(),
        }
    }

    /// Of a message that could not be read as a request, if at least it says where the answer goes.
    pub(super) fn guess(headers: Option<&HeaderMap>, payload: &[u8]) -> Option<Self> {
        let address = envelope::return_address(&Incoming(headers), payload)?;
        Some(Self {
            version: address.version,
            reply_to: address.reply_to.into(),
            id: address.id.to_string(),
        })
    }

    /// A problem document for this request.
    pub(super) fn problem(&self, status: StatusCode, title: &str) -> Problem {
        Problem::new(status, title).request_id(self.id.as_str())
    }

    fn encode(&self, reply: &Reply) -> Result<(HeaderMap, Bytes), RefusedHeader> {
        let mut headers = Outgoing::new();
        headers.append(names::ID, &self.id);
        let payload = envelope::encode_reply(self.version, reply, &mut headers);
        Ok((headers.finish()?, payload))
    }
}

/// Sends an answer and returns when it has been written to the server's socket.
///
/// If the connection breaks on the way, the answer is sent again on the next one: a second one does no harm, a lost
/// one costs the client its deadline.
pub(super) async fn send(connection: &Connection, to: &Recipient, reply: &Reply) -> Result<(), Unsent> {
    let client = connection.client();
    loop {
        let connects = connection.connects();
        let Err(error) = publish(connection, to, reply).await else {
            client.flush().await.map_err(Unsent::Flush)?;
            if connection.connects() == connects {
                return Ok(());
            }
            continue;
        };
        if error.kind() != PublishErrorKind::MaxPayloadExceeded {
            return Err(Unsent::Publish(error));
        }
        let bytes = reply.body.len();
        tracing::error!(
            bytes,
            request_id = to.id,
            "the answer is larger than NATS carries; answering 502 instead"
        );
        let problem = to
            .problem(StatusCode::BAD_GATEWAY, "Answer too large")
            .detail(format!(
                "The request was served, but its answer of {bytes} bytes is larger than can be sent."
            ))
            .retryable(false);
        return Box::pin(send(connection, to, &problem.into_reply())).await;
    }
}

async fn publish(
    connection: &Connection,
    to: &Recipient,
    reply: &Reply,
) -> Result<(), async_nats::PublishError> {
    let (headers, payload) = match to.encode(reply) {
        Ok(encoded) => encoded,
        Err(error) => {
            tracing::error!(%error, request_id = to.id, "the answer has a header NATS cannot carry; answering 502");
            let problem = to
                .problem(StatusCode::BAD_GATEWAY, "Answer not sendable")
                .retryable(false);
            to.encode(&problem.into_reply()).unwrap_or_default()
        }
    };
    connection
        .client()
        .publish_with_headers(to.reply_to.clone(), headers, payload)
        .await
}
