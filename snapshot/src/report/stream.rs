//! Streams in a report.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::judge::{Confidence, Severity, State};
use crate::sample::{ClusterSample, Discard, Retention, Storage};

/// One stream.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StreamRow {
    /// Its account; null: the observer's own.
    pub account: Option<String>,
    /// Its name.
    pub stream: String,
    /// What it is in.
    pub state: State,
    /// How bad that is.
    pub severity: Severity,
    /// Why.
    pub reason: String,
    /// What to type.
    pub command: Option<String>,
    /// How sure that is.
    pub confidence: Confidence,
    /// For how long it has been in this state.
    pub since_ms: i64,
    /// Time since it was last looked at.
    pub age_ms: Option<i64>,
    /// What the server says; null before its first answer.
    pub raw: Option<StreamRaw>,
    /// What follows from it.
    pub derived: StreamDerived,
    /// Rates of the last samples, the oldest first.
    pub trend_publish_per_s: Vec<Option<f64>>,
}

/// What the server says of a stream.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StreamRaw {
    /// Subjects it takes messages of.
    pub subjects: Vec<String>,
    /// What becomes of acknowledged messages.
    pub retention: Option<Retention>,
    /// Where the messages are.
    pub storage: Option<Storage>,
    /// What is dropped when it is full.
    pub discard: Option<Discard>,
    /// Limit of messages; null: none.
    pub max_msgs: Option<u64>,
    /// Limit of messages of one subject; null: none.
    pub max_msgs_per_subject: Option<u64>,
    /// Limit of bytes; null: none.
    pub max_bytes: Option<u64>,
    /// Limit of age; null: none.
    pub max_age_ms: Option<u64>,
    /// Messages in it.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Sequence of the oldest message.
    pub first_seq: u64,
    /// Sequence of the newest message.
    pub last_seq: u64,
    /// Different subjects.
    pub num_subjects: Option<u64>,
    /// Messages deleted from between others.
    pub num_deleted: Option<u64>,
    /// Messages that the server could not read back.
    pub lost_msgs: Option<u64>,
    /// Consumers it has.
    pub consumer_count: Option<u64>,
    /// Copies that it is configured to have.
    pub num_replicas: Option<u64>,
    /// Its RAFT group; null: not clustered.
    pub cluster: Option<ClusterRow>,
    /// The stream that it mirrors.
    pub mirror: Option<SourceLagRow>,
    /// The streams that it takes messages from.
    pub sources: Vec<SourceLagRow>,
    /// Nothing can be published any more.
    pub sealed: bool,
    /// When it was created, in milliseconds since 1970 of the server's clock.
    pub created_ms: Option<i64>,
    /// Free text.
    pub description: Option<String>,
    /// What its owner has noted.
    pub metadata: BTreeMap<String, String>,
}

/// What follows from a stream's samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct StreamDerived {
    /// Messages that it takes in a second.
    pub publish_per_s: Option<f64>,
    /// By how many messages it grows in a second; negative: it shrinks.
    pub growth_per_s: Option<f64>,
    /// The fullest of its limits (messages, bytes or age), as a share of 1.
    pub limit_share: Option<f64>,
    /// Which that is: `messages`, `bytes` or `age`.
    pub limit: Option<&'static str>,
    /// Age of its oldest message.
    pub oldest_ms: Option<i64>,
    /// Age of its newest message.
    pub newest_ms: Option<i64>,
    /// The longest queue of its consumers.
    pub worst_num_pending: Option<u64>,
    /// The greatest age of the next message of its consumers.
    pub worst_time_lag_ms: Option<i64>,
    /// The worst of its consumers' states.
    pub worst_consumer_severity: Option<Severity>,
    /// The shortest time until one of its consumers loses messages.
    pub runway_ms: Option<i64>,
    /// The greatest lag behind what it mirrors or takes from.
    pub source_lag: Option<u64>,
}

/// A RAFT group.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ClusterRow {
    /// The server that leads; null: nobody does.
    pub leader: Option<String>,
    /// Replicas that have all, the leader among them.
    pub current: u64,
    /// All replicas.
    pub replicas_count: u64,
    /// The greatest lag of a follower.
    pub lag: Option<u64>,
    /// The followers, by name.
    pub replicas: Vec<ReplicaRow>,
}

/// A follower.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReplicaRow {
    /// The server's name.
    pub name: String,
    /// It has all that the leader has.
    pub current: bool,
    /// The leader has not heard of it for long.
    pub offline: bool,
    /// Time since the leader last heard of it.
    pub active_ms: Option<i64>,
    /// Operations that it is behind.
    pub lag: Option<u64>,
}

impl ClusterRow {
    pub(crate) fn of(sample: &ClusterSample) -> Self {
        let leader = sample.leader.clone().filter(|leader| !leader.is_empty());
        let followers = u64::try_from(sample.replicas.len()).unwrap_or(u64::MAX);
        let current = sample
            .replicas
            .iter()
            .filter(|replica| replica.current && !replica.offline)
            .count();
        let mut replicas: Vec<ReplicaRow> = sample
            .replicas
            .iter()
            .map(|replica| ReplicaRow {
                name: replica.name.clone(),
                current: replica.current,
                offline: replica.offline,
                active_ms: replica.active_ns.map(crate::number::millis),
                lag: replica.lag,
            })
            .collect();
        replicas.sort_by(|one, other| one.name.cmp(&other.name));
        Self {
            current: u64::try_from(current).unwrap_or(u64::MAX) + u64::from(leader.is_some()),
            replicas_count: followers.saturating_add(u64::from(leader.is_some())),
            lag: sample.replicas.iter().filter_map(|replica| replica.lag).max(),
            leader,
            replicas,
        }
    }
}

/// Where a stream's messages come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceLagRow {
    /// Name of the stream.
    pub stream: String,
    /// Messages that are not here yet.
    pub lag: Option<u64>,
    /// Time since the last contact; null: never.
    pub active_ms: Option<i64>,
    /// Why it does not work.
    pub error: Option<String>,
}
