//! A stream.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::duration::Nanos;
use super::wiring::{ConsumerLimits, Placement, Republish, Source, SubjectTransform};

/// When a stream lets go of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Retention {
    /// When a limit is reached.
    Limits,
    /// When every consumer has acknowledged.
    Interest,
    /// When one consumer has acknowledged.
    WorkQueue,
}

/// Where a stream keeps its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// On disk.
    File,
    /// In the server's memory: gone when it restarts.
    Memory,
}

/// What gives way when a stream is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Discard {
    /// The oldest message.
    Old,
    /// The publish that comes too late.
    New,
}

/// How a file store packs its blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// With S2.
    S2,
}

/// `spec` of a `Stream` resource. Serialises as the API's `StreamConfig`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all(serialize = "snake_case", deserialize = "camelCase"),
    deny_unknown_fields
)]
pub struct StreamDefinition {
    /// The stream's name on the server.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Subjects it captures; none for a mirror.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// When messages are let go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// Most consumers; -1 for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_consumers: Option<i64>,
    /// Most messages on one subject; -1 for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_msgs_per_subject: Option<i64>,
    /// Most messages; -1 for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_msgs: Option<i64>,
    /// Most bytes; -1 for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<i64>,
    /// Age at which messages are removed; 0 for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Nanos>,
    /// Most bytes in one message, headers included; -1 for the server's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_msg_size: Option<i32>,
    /// Where messages are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// What gives way when it is full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discard: Option<Discard>,
    /// How many servers hold a copy, 1 to 5.
    #[serde(
        default,
        rename(serialize = "num_replicas"),
        skip_serializing_if = "Option::is_none"
    )]
    pub replicas: Option<u8>,
    /// Whether publishes go without an acknowledgement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_ack: Option<bool>,
    /// How long ids of messages are remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_window: Option<Nanos>,
    /// Which servers may hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// The stream of which it is a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror: Option<Source>,
    /// Streams that flow into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// How the file store packs its blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<Compression>,
    /// Rewrites subjects on the way in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_transform: Option<SubjectTransform>,
    /// Publishes each stored message again on another subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub republish: Option<Republish>,
    /// Whether nothing may be added or removed any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<bool>,
    /// Whether single messages may not be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deny_delete: Option<bool>,
    /// Whether it may not be purged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deny_purge: Option<bool>,
    /// Whether any replica may answer reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_direct: Option<bool>,
    /// Whether `Nats-Rollup` is honoured.
    #[serde(
        default,
        rename(serialize = "allow_rollup_hdrs"),
        skip_serializing_if = "Option::is_none"
    )]
    pub allow_rollup: Option<bool>,
    /// Whether mirrors may answer reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror_direct: Option<bool>,
    /// Whether `discard: new` counts by subject.
    #[serde(
        default,
        rename(serialize = "discard_new_per_subject"),
        skip_serializing_if = "Option::is_none"
    )]
    pub discard_per_subject: Option<bool>,
    /// Sequence of the first message.
    #[serde(
        default,
        rename(serialize = "first_seq"),
        skip_serializing_if = "Option::is_none"
    )]
    pub first_sequence: Option<u64>,
    /// Free text by key, shown by tools.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Bounds for the settings of consumers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer_limits: Option<ConsumerLimits>,
    /// Whether `Nats-TTL` is honoured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_msg_ttl: Option<bool>,
    /// How long a marker stands where the last message of a subject expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_delete_marker_ttl: Option<Nanos>,
    /// Whether `Nats-Incr` counters are honoured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_msg_counter: Option<bool>,
    /// Whether atomic batches are honoured.
    #[serde(
        default,
        rename(serialize = "allow_atomic"),
        skip_serializing_if = "Option::is_none"
    )]
    pub allow_atomic_publish: Option<bool>,
    /// Whether scheduled messages are honoured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_msg_schedules: Option<bool>,
    /// Whether fast batches are honoured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_batched: Option<bool>,
    /// How soon a publish is on disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persist_mode: Option<String>,
    /// For NACK: keep the stream when the resource is deleted.
    #[serde(default, skip_serializing)]
    pub prevent_delete: Option<bool>,
    /// For NACK: leave an existing stream as it is.
    #[serde(default, skip_serializing)]
    pub prevent_update: Option<bool>,
    /// For NACK: the account resource to connect with.
    #[serde(default, skip_serializing)]
    pub account: Option<String>,
    /// For NACK: a credentials file to connect with.
    #[serde(default, skip_serializing)]
    pub creds: Option<String>,
    /// For NACK: an `NKey` file to connect with.
    #[serde(default, skip_serializing)]
    pub nkey: Option<String>,
    /// For NACK: the servers to connect to.
    #[serde(default, skip_serializing)]
    pub servers: Vec<String>,
    /// For NACK: whether TLS comes before the server's greeting.
    #[serde(default, skip_serializing)]
    pub tls_first: Option<bool>,
    /// For NACK: the JetStream domain.
    #[serde(default, skip_serializing)]
    pub js_domain: Option<String>,
}
