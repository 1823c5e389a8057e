//! What servers reply, read leniently: a field that is missing, of another type or out of range is unknown and spoils nothing else.

mod account;
mod consumer;
mod stream;

use std::collections::BTreeMap;

use serde_json::Value;
use snapshot::sample::{ClusterSample, ReplicaSample, ServerNanos};

use super::clock;

pub(super) use account::account;
pub(super) use consumer::consumer;
pub(super) use stream::stream;

/// Errors of the API for what is not there.
const NOT_FOUND: [u64; 2] = [10_059, 10_014];

/// A part of a reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a>(pub(super) &'a Value);

impl<'a> Part<'a> {
    /// What lies at a JSON pointer.
    pub(super) fn at(self, pointer: &str) -> Option<Part<'a>> {
        self.0.pointer(pointer).filter(|value| !value.is_null()).map(Part)
    }

    /// A text that is not empty.
    pub(super) fn text(self, pointer: &str) -> Option<String> {
        let text = self.at(pointer)?.0.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub(super) fn number(self, pointer: &str) -> Option<u64> {
        self.at(pointer)?.0.as_u64()
    }

    pub(super) fn signed(self, pointer: &str) -> Option<i64> {
        self.at(pointer)?.0.as_i64()
    }

    /// A number for which 0 and below mean that there is none.
    pub(super) fn limit(self, pointer: &str) -> Option<u64> {
        self.number(pointer).filter(|number| *number > 0)
    }

    pub(super) fn flag(self, pointer: &str) -> Option<bool> {
        self.at(pointer)?.0.as_bool()
    }

    pub(super) fn time(self, pointer: &str) -> Option<ServerNanos> {
        clock::parse(self.at(pointer)?.0.as_str()?)
    }

    pub(super) fn list(self, pointer: &str) -> impl Iterator<Item = Part<'a>> {
        let list = self.at(pointer).and_then(|part| part.0.as_array());
        list.into_iter().flatten().map(Part)
    }

    pub(super) fn texts(self, pointer: &str) -> Vec<String> {
        let texts = self.list(pointer).filter_map(|part| part.0.as_str());
        texts.map(str::to_owned).collect()
    }

    pub(super) fn map(self, pointer: &str) -> BTreeMap<String, String> {
        let map = self.at(pointer).and_then(|part| part.0.as_object());
        let entries = map.into_iter().flatten();
        entries
            .map(|(key, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (key.clone(), value)
            })
            .collect()
    }

    /// Closed enumerations of the samples are written as the server writes them.
    pub(super) fn word<T: serde::de::DeserializeOwned>(self, pointer: &str) -> Option<T> {
        T::deserialize(self.at(pointer)?.0).ok()
    }
}

/// Where the replicas are.
pub(super) fn cluster(part: Part<'_>) -> Option<ClusterSample> {
    let part = part.at("/cluster")?;
    let replica = |part: Part<'_>| {
        Some(ReplicaSample {
            name: part.text("/name")?,
            current: part.flag("/current").unwrap_or(false),
            offline: part.flag("/offline").unwrap_or(false),
            active_ns: part.signed("/active"),
            lag: part.number("/lag"),
        })
    };
    let replicas: Vec<ReplicaSample> = part.list("/replicas").filter_map(replica).collect();
    let (name, leader) = (part.text("/name"), part.text("/leader"));
    // A single server tells its own name as the leader, and of no cluster.
    if name.is_none() && replicas.is_empty() {
        return None;
    }
    Some(ClusterSample {
        name,
        leader,
        leader_since_ns: part.time("/leader_since"),
        replicas,
    })
}

/// An error reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{description} ({code})")]
pub(super) struct ApiError {
    /// JetStream's code; the HTTP-like one where there is no other.
    pub(super) code: u64,
    /// In the server's words.
    pub(super) description: String,
}

impl ApiError {
    /// Whether what was asked about is not there.
    pub(super) fn is_not_found(&self) -> bool {
        NOT_FOUND.contains(&self.code)
    }
}

/// A reply, unless it is an error.
pub(super) fn read(payload: &[u8]) -> Result<Value, ApiError> {
    let reply: Value = serde_json::from_slice(payload).map_err(|error| ApiError {
        code: 0,
        description: format!("a reply that is no JSON: {error}"),
    })?;
    let part = Part(&reply);
    let Some(error) = part.at("/error") else {
        return Ok(reply);
    };
    Err(ApiError {
        code: error
            .number("/err_code")
            .or_else(|| error.number("/code"))
            .unwrap_or(0),
        description: error
            .text("/description")
            .unwrap_or_else(|| "an error without words".to_owned()),
    })
}

#[cfg(test)]
mod tests;
