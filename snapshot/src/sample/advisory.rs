//! What servers tell unasked: advisories and sampled times of acknowledgement.

use serde::{Deserialize, Serialize};

use super::{Buckets, ServerNanos};

/// One advisory, or equal ones that came close together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdvisorySample {
    /// What has happened.
    pub kind: AdvisoryKind,
    /// Name of the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Name of the consumer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer: Option<String>,
    /// The last message that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_seq: Option<u64>,
    /// How often that message has been delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliveries: Option<u64>,
    /// What the worker or server gives as the reason, or the new leader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Server time of the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ts: Option<ServerNanos>,
    /// How many these are, at least 1.
    pub count: u64,
}

/// What an advisory is about.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AdvisoryKind {
    /// A message was delivered as often as it may be.
    MaxDeliveries,
    /// A worker gave a message back.
    MsgNaked,
    /// A worker gave a message up.
    MsgTerminated,
    /// A consumer was created.
    ConsumerCreated,
    /// A consumer was deleted.
    ConsumerDeleted,
    /// A consumer was paused or resumed.
    ConsumerPause,
    /// A priority group was pinned to a client.
    ConsumerPinned,
    /// And is not any more.
    ConsumerUnpinned,
    /// A consumer has a new leader.
    ConsumerLeaderElected,
    /// A consumer has none.
    ConsumerQuorumLost,
    /// A stream was created.
    StreamCreated,
    /// A stream was changed.
    StreamUpdated,
    /// A stream was deleted.
    StreamDeleted,
    /// A stream has a new leader.
    StreamLeaderElected,
    /// A stream has none.
    StreamQuorumLost,
    /// A batch of messages was not finished.
    StreamBatchAbandoned,
    /// A server has no room.
    ServerOutOfStorage,
    /// A server was taken out of the cluster.
    ServerRemoved,
    /// The API had more requests than it could keep, and dropped `count` of them.
    ApiLimitReached,
    /// The cluster has a new meta leader.
    DomainLeaderElected,
    /// One that has no name here; its type is the reason.
    #[default]
    Other,
}

/// Times from delivery to acknowledgement (`$JS.EVENT.METRIC.CONSUMER.ACK`), since the sample before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AckTimesSample {
    /// Name of the stream.
    pub stream: String,
    /// Name of the consumer.
    pub consumer: String,
    /// The times, in nanoseconds.
    pub ack_time: Buckets,
    /// How many of these messages had been delivered more than once.
    pub redelivered: u64,
}
