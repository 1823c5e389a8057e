//! Dead letters: messages no worker can handle, kept as they came with the reason in their headers.

use async_nats::client::RequestErrorKind;
use async_nats::{HeaderMap, Message, Request};
use bytes::Bytes;
use contract::headers::{HeaderSink as _, HeaderSource as _, names};
use serde::Deserialize;
use tokio::time::Instant;

use super::settings::{BURY_AGAIN, SERVER_ANSWERS_WITHIN, Settings};
use crate::nats::{Connection, Incoming, Outgoing, Stamp};

/// Longest reason in characters.
const MAX_REASON_CHARACTERS: usize = 500;

#[derive(Deserialize)]
struct PubAck {
    error: Option<ApiError>,
    seq: Option<u64>,
}

#[derive(Deserialize)]
struct ApiError {
    #[serde(default)]
    description: String,
}

/// Stores the message below `<dead_prefix>.<its subject>` and returns when the stream has confirmed it. Tries again
/// for as long as the settings say.
pub(super) async fn bury(
    connection: &Connection,
    settings: &Settings,
    message: &Message,
    stamp: &Stamp<'_>,
    reason: &str,
) -> Result<(), String> {
    let give_up = Instant::now() + settings.dead_letter_patience;
    let subject = format!("{}.{}", settings.dead_prefix, message.subject);
    let headers = headers(message, stamp, reason).map_err(|error| error.to_string())?;
    let (mut headers, mut payload) = (headers, message.payload.clone());
    let mut failures = 0;
    loop {
        let trouble = match store(connection, &subject, headers.clone(), payload.clone()).await {
            Ok(()) => return Ok(()),
            Err(Trouble::TooLarge) if !payload.is_empty() => {
                let note = format!(
                    "{reason} (its payload of {} {}",
                    payload.len(),
                    names::DEAD_WITHOUT_PAYLOAD
                );
                headers = self::headers(message, stamp, &note).map_err(|error| error.to_string())?;
                payload = Bytes::new();
                continue;
            }
            Err(Trouble::TooLarge) => return Err(format!("{subject}: its headers are too large")),
            Err(Trouble::Other(trouble)) => trouble,
        };
        failures += 1;
        let pause = BURY_AGAIN.after(failures);
        if Instant::now() + pause >= give_up {
            return Err(format!("{subject}: {trouble}"));
        }
        tokio::time::sleep(pause).await;
    }
}

enum Trouble {
    TooLarge,
    Other(String),
}

async fn store(
    connection: &Connection,
    subject: &str,
    headers: HeaderMap,
    payload: Bytes,
) -> Result<(), Trouble> {
    let request = Request::new()
        .headers(headers)
        .payload(payload)
        .inbox(connection.new_inbox())
        .timeout(Some(SERVER_ANSWERS_WITHIN));
    let answer = connection
        .client()
        .send_request(subject.to_owned(), request)
        .await
        .map_err(|error| match error.kind() {
            RequestErrorKind::MaxPayloadExceeded => Trouble::TooLarge,
            RequestErrorKind::NoResponders => Trouble::Other(
                "no stream takes dead letters; create it with `ratectl streams apply`".to_owned(),
            ),
            _ => Trouble::Other(error.to_string()),
        })?;
    match serde_json::from_slice(&answer.payload) {
        Ok(PubAck {
            error: None,
            seq: Some(_),
        }) => Ok(()),
        Ok(PubAck {
            error: Some(error), ..
        }) => Err(Trouble::Other(error.description)),
        Ok(PubAck { .. }) | Err(_) => Err(Trouble::Other(
            "the answer is no acknowledgement of a stream".to_owned(),
        )),
    }
}

/// The message's own headers without those the server acts on, and ours.
fn headers(
    message: &Message,
    stamp: &Stamp<'_>,
    reason: &str,
) -> Result<HeaderMap, crate::nats::RefusedHeader> {
    let mut headers = Outgoing::new();
    Incoming(message.headers.as_ref()).each(&mut |name, value| {
        let of_server = name
            .get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("nats-"));
        if !of_server {
            headers.append(name, value);
        }
    });
    let reason: String = reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_REASON_CHARACTERS)
        .collect();
    // With the time: a stream made anew counts its sequences from 1 again.
    let id = format!(
        "{}:{}:{}",
        stamp.stream, stamp.stream_sequence, stamp.stored_unix_nanos
    );
    headers.append(names::NATS_MSG_ID, &id);
    headers.append(names::DEAD_REASON, &reason);
    headers.append(names::DEAD_STREAM, stamp.stream);
    headers.append(names::DEAD_SEQUENCE, &stamp.stream_sequence.to_string());
    headers.append(names::DEAD_DELIVERIES, &stamp.delivered.to_string());
    headers.finish()
}
