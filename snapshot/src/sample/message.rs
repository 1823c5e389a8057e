//! Single messages: a question of ours, and its answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ServerNanos;

/// Asks for the first message of a consumer's filter from a sequence on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Name of the account; absent: the observer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Name of the stream.
    pub stream: String,
    /// The consumer that it is about.
    pub consumer: String,
    /// Which message of the consumer it is.
    pub position: Position,
    /// Not before this one.
    pub seq: u64,
    /// Of these subjects; none: any.
    #[serde(default)]
    pub filter_subjects: Vec<String>,
    /// `DIRECT.GET` can be used.
    #[serde(default)]
    pub direct: bool,
}

/// A place in a consumer's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// The message to be delivered next.
    Next,
    /// The oldest message that is not acknowledged.
    OldestUnacked,
}

/// The answer to a [`Query`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageSample {
    /// What was asked.
    pub query: Query,
    /// What there was.
    pub found: Found,
}

/// What a [`Query`] found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The message.
    Message(Message),
    /// There is none of that filter from there on.
    Nothing,
    /// It could not be asked: why.
    Failed(String),
}

/// A message, without its payload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// Its sequence in the stream.
    pub seq: u64,
    /// When the stream took it.
    pub ts: ServerNanos,
    /// Its subject.
    pub subject: String,
    /// Bytes of its payload.
    pub payload_bytes: u64,
    /// Its headers, several values joined by `, `; bounded by the source.
    pub headers: BTreeMap<String, String>,
}
