//! What a server has.

use serde::Serialize;
use serde_json::Value;

use super::{Error, JetStream};

/// A stream as it is on the server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamState {
    /// Its name.
    pub name: String,
    /// The subjects it captures.
    pub subjects: Vec<String>,
    /// `limits`, `interest` or `workqueue`.
    pub retention: String,
    /// Messages in it.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Its consumers, by name.
    pub consumers: Vec<ConsumerState>,
}

/// A consumer as it is on the server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerState {
    /// Its name.
    pub name: String,
    /// Messages it has yet to deliver for the first time.
    pub pending: u64,
    /// Messages delivered and not yet acknowledged.
    pub ack_pending: u64,
    /// Pull requests waiting for messages.
    pub waiting: u64,
}

/// Every stream of the server with its consumers, by name.
///
/// # Errors
/// When the server does not answer, or refuses.
pub async fn ls(jetstream: &JetStream) -> Result<Vec<StreamState>, Error> {
    let mut states = Vec::new();
    for stream in jetstream.streams().await? {
        let mut state = stream_state(&stream);
        for consumer in jetstream.consumers(&state.name).await? {
            state.consumers.push(consumer_state(&consumer));
        }
        states.push(state);
    }
    Ok(states)
}

fn stream_state(info: &Value) -> StreamState {
    StreamState {
        name: text(info, "/config/name"),
        subjects: info
            .pointer("/config/subjects")
            .and_then(Value::as_array)
            .map(|subjects| {
                subjects
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default(),
        retention: text(info, "/config/retention"),
        messages: number(info, "/state/messages"),
        bytes: number(info, "/state/bytes"),
        consumers: Vec::new(),
    }
}

fn consumer_state(info: &Value) -> ConsumerState {
    ConsumerState {
        name: text(info, "/name"),
        pending: number(info, "/num_pending"),
        ack_pending: number(info, "/num_ack_pending"),
        waiting: number(info, "/num_waiting"),
    }
}

fn text(info: &Value, pointer: &str) -> String {
    info.pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn number(info: &Value, pointer: &str) -> u64 {
    info.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}
