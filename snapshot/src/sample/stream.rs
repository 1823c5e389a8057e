//! Streams, as `$JS.API.STREAM.LIST`, `STREAM.INFO` and JSZ tell of them, and the account they are in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ClusterSample, ServerNanos};

/// Streams of one account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamsSample {
    /// Name of the account; absent: the observer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// In any order.
    pub streams: Vec<StreamSample>,
    /// Streams that the server knows of and which did not answer (`missing` of the reply).
    pub missing: Vec<String>,
    /// Streams that the server cannot run, and why (`offline` of the reply).
    pub offline: BTreeMap<String, String>,
    /// These are all the streams: one that is named nowhere in here is gone.
    pub complete: bool,
    /// The longest time until each of these is looked at again. One not seen for three times as long is stale.
    pub interval_ms: u64,
}

/// One stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamSample {
    /// Its name.
    pub name: String,
    /// Server time of this reply (`ts`, since 2.10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ts: Option<ServerNanos>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_ns: Option<ServerNanos>,
    /// Subjects it takes messages of.
    pub subjects: Vec<String>,
    /// What becomes of acknowledged messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// Where the messages are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// What is dropped when it is full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discard: Option<Discard>,
    /// Limit of messages; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_msgs: Option<u64>,
    /// Limit of messages of one subject; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_msgs_per_subject: Option<u64>,
    /// Limit of bytes; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Limit of age; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_ns: Option<u64>,
    /// Limit of consumers; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_consumers: Option<u64>,
    /// Copies that it is configured to have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_replicas: Option<u64>,
    /// Messages can be had without the API's queue (`DIRECT.GET`).
    pub allow_direct: bool,
    /// Nothing can be published any more.
    pub sealed: bool,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `io.nats.monitor.*` are thresholds.
    pub metadata: BTreeMap<String, String>,
    /// Messages in it.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Sequence of the oldest message.
    pub first_seq: u64,
    /// Time of the oldest message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_ts: Option<ServerNanos>,
    /// Sequence of the newest message.
    pub last_seq: u64,
    /// Time of the newest message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_ts: Option<ServerNanos>,
    /// Different subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_subjects: Option<u64>,
    /// Messages deleted from between others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_deleted: Option<u64>,
    /// What the server could not read back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<Lost>,
    /// Consumers it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer_count: Option<u64>,
    /// Its RAFT group; absent: not clustered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterSample>,
    /// The stream that it mirrors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mirror: Option<StreamSource>,
    /// The streams that it takes messages from.
    pub sources: Vec<StreamSource>,
}

/// Where a stream's messages come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamSource {
    /// Name of the stream.
    pub name: String,
    /// Messages that are not here yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag: Option<u64>,
    /// Nanoseconds since the last contact; absent: never (-1 in the reply).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_ns: Option<i64>,
    /// Why it does not work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What a server lost of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lost {
    /// Messages.
    pub msgs: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What becomes of acknowledged messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Retention {
    /// They stay until a limit drops them.
    Limits,
    /// They go when all consumers have acknowledged them.
    Interest,
    /// They go when one has.
    Workqueue,
}

/// Where messages are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// On disk.
    File,
    /// In memory.
    Memory,
}

/// What a full stream drops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Discard {
    /// The oldest messages.
    Old,
    /// It refuses new ones.
    New,
}

/// An account's use of JetStream (`$JS.API.INFO`), and what a system account adds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountSample {
    /// Name of the account; absent: the observer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Bytes in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Limit of those; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_memory_bytes: Option<u64>,
    /// Bytes on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_bytes: Option<u64>,
    /// Limit of those; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_storage_bytes: Option<u64>,
    /// Streams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streams: Option<u64>,
    /// Consumers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumers: Option<u64>,
    /// Requests to the API so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_total: Option<u64>,
    /// Of which failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_errors: Option<u64>,
    /// Requests that the API is busy with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_inflight: Option<u64>,
    /// The API level that the server speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_level: Option<u64>,
    /// Leader of the cluster's meta group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_leader: Option<String>,
    /// Changes that the meta group has not done yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_pending: Option<u64>,
}
