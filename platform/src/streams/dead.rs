//! Dead letters: looked at, and sent again to where they came from.
//!
//! A letter leaves the dead-letter stream only when what it asks for was answered, or, where nobody is to answer, when the stream it came from
//! has stored it. It carries the id of its request, so that a worker that has done the work before only answers again; and it is stored
//! under an id of its own, so that the server drops it when it is sent twice in a row.

mod again;

use async_nats::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use contract::headers::names;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;

use super::{Error, JetStream};

pub use again::SentAgain;

/// What the subjects of dead letters begin with.
pub const PREFIX: &str = "dead.";
/// `JetStream`'s error code for "no message found".
const NO_MESSAGE: u32 = 10_037;

/// A message that no worker could serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its place in the dead-letter stream.
    pub sequence: u64,
    /// The subject that it had before.
    pub subject: String,
    /// Why it is here.
    pub reason: String,
}

/// The first letters of a dead-letter stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadLetters {
    /// Those that can be sent again, the oldest first.
    pub letters: Vec<DeadLetter>,
    /// How many were passed over: they do not say where they came from, or their payload had no room here.
    pub passed_over: u64,
    /// There are more than were looked at.
    pub more: bool,
}

impl JetStream {
    /// Looks at the first `most` messages of a dead-letter stream.
    ///
    /// # Errors
    /// When there is no such stream, or the server refuses or does not answer.
    pub async fn dead_letters(&self, stream: &str, most: usize) -> Result<DeadLetters, Error> {
        let mut found = DeadLetters::default();
        let mut next = 1;
        for looked_at in 0.. {
            let Some(message) = self.first_from(stream, next).await? else {
                break;
            };
            if looked_at == most {
                found.more = true;
                break;
            }
            next = message.sequence.saturating_add(1);
            match Letter::of(message) {
                Some(letter) => found.letters.push(letter.told()),
                None => found.passed_over += 1,
            }
        }
        Ok(found)
    }
}

/// A letter with everything that it is made of.
struct Letter {
    sequence: u64,
    subject: String,
    /// The stream that it was taken from.
    of: String,
    reason: String,
    at_unix_nanos: i128,
    headers: HeaderMap,
    payload: Bytes,
}

impl Letter {
    /// Nothing, if it cannot be sent again as it was.
    fn of(message: Message) -> Option<Self> {
        let header = |name: &str| message.headers.get(name).map(|value| value.as_str().to_owned());
        let reason = header(names::DEAD_REASON).unwrap_or_default();
        let letter = Self {
            sequence: message.sequence,
            subject: message.subject.strip_prefix(PREFIX)?.to_owned(),
            of: header(names::DEAD_STREAM)?,
            reason,
            at_unix_nanos: message.at_unix_nanos,
            headers: message.headers,
            payload: message.payload,
        };
        (!letter.reason.ends_with(names::DEAD_WITHOUT_PAYLOAD)).then_some(letter)
    }

    fn told(self) -> DeadLetter {
        DeadLetter {
            sequence: self.sequence,
            subject: self.subject,
            reason: self.reason,
        }
    }
}

/// A message as the server tells it, with every line of its headers: the client library keeps one of those that repeat.
struct Message {
    sequence: u64,
    subject: String,
    at_unix_nanos: i128,
    headers: HeaderMap,
    payload: Bytes,
}

/// How the server tells it.
#[derive(Deserialize)]
struct Told {
    seq: u64,
    subject: String,
    #[serde(default)]
    hdrs: String,
    #[serde(default)]
    data: String,
    #[serde(with = "time::serde::rfc3339")]
    time: OffsetDateTime,
}

impl JetStream {
    /// The first message from a sequence on.
    async fn first_from(&self, stream: &str, sequence: u64) -> Result<Option<Message>, Error> {
        let operation = format!("read message {sequence} of stream {stream}");
        let body = json!({"seq": sequence.max(1), "next_by_subj": ">"});
        let reply = self
            .call(&format!("STREAM.MSG.GET.{stream}"), &operation, &body)
            .await;
        let mut reply = match reply {
            Ok(reply) => reply,
            Err(Error::Refused { source, .. }) if source.err_code == NO_MESSAGE => return Ok(None),
            Err(error) => return Err(error),
        };
        let told = serde_json::from_value(reply["message"].take());
        let told: Told = told.map_err(|source| Error::Malformed { operation, source })?;
        Ok(Some(Message {
            sequence: told.seq,
            subject: told.subject,
            at_unix_nanos: told.time.unix_timestamp_nanos(),
            headers: headers(&STANDARD.decode(told.hdrs).unwrap_or_default()),
            payload: STANDARD.decode(told.data).unwrap_or_default().into(),
        }))
    }
}

/// The lines below the version, in their order.
fn headers(bytes: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let text = String::from_utf8_lossy(bytes);
    for (name, value) in text.split("\r\n").skip(1).filter_map(|line| line.split_once(':')) {
        headers.append(name, value.trim());
    }
    headers
}
