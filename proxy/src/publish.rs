//! Writing a request as a NATS message and handing it to the connection.

use std::time::Instant;

use async_nats::Client;
use async_nats::client::PublishErrorKind;
use async_nats::header::{HeaderMap, HeaderName, HeaderValue, NATS_MESSAGE_ID, NATS_MESSAGE_TTL};
use bytes::Bytes;
use contract::envelope::{self, EncodeError, RequestHead};
use runtime::nats::Outgoing;
use uuid::Uuid;

use crate::exchange::Order;
use crate::failure::Failure;
use crate::pending::Token;
use crate::shard::Core;

/// More than the headers of any message take: HTTP heads are limited to less, and ours are few.
const HEADERS_ROOM: usize = 64 << 10;

/// A message ready to go.
#[derive(Debug)]
pub(crate) struct Letter {
    subject: String,
    reply: String,
    headers: HeaderMap,
    payload: Bytes,
}

impl Letter {
    /// Writes the message for one attempt; what is left of the request's time goes with it.
    pub(crate) fn write(core: &Core, order: &Order<'_>, token: Token, attempt: u32) -> Result<Self, Failure> {
        let remaining = order.deadline.saturating_duration_since(Instant::now());
        let reply_to = core.inbox.answer(token);
        let head = RequestHead {
            id: order.id,
            reply_to: &reply_to,
            method: order.method,
            path: order.path,
            query: order.query,
            timeout: remaining,
            deadline_unix_ms: order.deadline_unix_ms,
            attempt,
            headers: order.headers,
        };
        let mut sink = Outgoing::new();
        let payload = envelope::encode_request(order.route.envelope, &head, &order.body, &mut sink)
            .map_err(Failure::Encoding)?;
        let mut headers = sink
            .finish()
            .map_err(|refused| Failure::Encoding(EncodeError::HeaderValue(refused.0)))?;
        headers.insert(NATS_MESSAGE_ID, message_id(order.id));
        if core.facts.of(order.route).takes_ttl() {
            // Whole seconds, never fewer than are left: the worker has the exact time in its headers.
            let seconds = remaining.as_millis().div_ceil(1000).max(1);
            headers.insert(
                NATS_MESSAGE_TTL,
                HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)),
            );
        }
        Ok(Self {
            subject: order.subject.clone(),
            reply: core.inbox.acknowledgement(token),
            headers,
            payload,
        })
    }

    /// Hands the message to the connection, which may take a while when the connection is stalled.
    pub(crate) async fn send(self, client: &Client) -> Result<(), Failure> {
        // Counted only where it may matter, since it costs a walk over all headers.
        let may_not_fit = self.payload.len() + HEADERS_ROOM > client.max_payload();
        let headers_bytes = if may_not_fit { wire_bytes(&self.headers) } else { 0 };
        let sent =
            client.publish_with_reply_and_headers(self.subject, self.reply, self.headers, self.payload);
        match sent.await {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => Err(Failure::BodyTooLarge(
                client.max_payload().saturating_sub(headers_bytes),
            )),
            Err(error) => {
                tracing::warn!(%error, "a request could not be handed to the NATS connection");
                Err(Failure::Disconnected)
            }
        }
    }
}

/// The length of a header block on the wire.
fn wire_bytes(headers: &HeaderMap) -> usize {
    let line = |name: &HeaderName, value: &HeaderValue| {
        AsRef::<str>::as_ref(name).len() + ": ".len() + value.as_str().len() + "\r\n".len()
    };
    let lines = headers
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| line(name, value)));
    "NATS/1.0\r\n\r\n".len() + lines.sum::<usize>()
}

fn message_id(id: Uuid) -> String {
    id.hyphenated().to_string()
}
