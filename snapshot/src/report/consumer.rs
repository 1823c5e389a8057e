//! Consumers in a report.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::ClusterRow;
use super::StateCounts;
use crate::judge::{Confidence, Severity, State};
use crate::sample::{AckPolicy, Mode};

/// One consumer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ConsumerRow {
    /// Its account; null: the observer's own.
    pub account: Option<String>,
    /// Its stream.
    pub stream: String,
    /// Its name.
    pub consumer: String,
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
    /// Time since it was last looked at; null: it has never answered.
    pub age_ms: Option<i64>,
    /// It goes when nobody uses it.
    pub ephemeral: bool,
    /// What the server says; null before its first answer.
    pub raw: Option<ConsumerRaw>,
    /// What follows from it.
    pub derived: ConsumerDerived,
    /// `num_pending` of the last samples, the oldest first.
    pub trend_num_pending: Vec<u64>,
    /// Instances of services that say they work on it, as `service/id`.
    pub workers: Vec<String>,
}

/// What the server says of a consumer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ConsumerRaw {
    /// Whether workers ask or the server sends.
    pub mode: Mode,
    /// It outlives its users.
    pub durable: bool,
    /// It is an ordered consumer of a client.
    pub ordered: bool,
    /// Subjects it takes; none: all of the stream.
    pub filter_subjects: Vec<String>,
    /// What has to be acknowledged.
    pub ack_policy: Option<AckPolicy>,
    /// A message not acknowledged for so long is delivered again.
    pub ack_wait_ms: Option<u64>,
    /// Deliveries of one message; null: no limit.
    pub max_deliver: Option<u64>,
    /// Messages that may be out unacknowledged; null: no limit.
    pub max_ack_pending: Option<u64>,
    /// Pull requests that may wait.
    pub max_waiting: Option<u64>,
    /// Where a push consumer sends to.
    pub deliver_subject: Option<String>,
    /// Among which group.
    pub deliver_group: Option<String>,
    /// It goes when nobody has used it for so long; null: never.
    pub inactive_threshold_ms: Option<u64>,
    /// Matching messages not delivered yet.
    pub num_pending: u64,
    /// Messages delivered and not acknowledged.
    pub num_ack_pending: u64,
    /// Messages now marked as delivered more than once.
    pub num_redelivered: u64,
    /// Pull requests that wait.
    pub num_waiting: u64,
    /// Deliveries so far, also repeated ones.
    pub delivered_consumer_seq: u64,
    /// The last message delivered.
    pub delivered_stream_seq: u64,
    /// Time since the last delivery by the server's clock; null: it does not know, which is not "never".
    pub last_delivery_ms: Option<i64>,
    /// The delivery up to which all is acknowledged.
    pub ack_floor_consumer_seq: u64,
    /// The message up to which all is acknowledged.
    pub ack_floor_stream_seq: u64,
    /// Time since that last moved; null: the server does not know.
    pub last_ack_ms: Option<i64>,
    /// Delivery is paused.
    pub paused: bool,
    /// For how much longer.
    pub pause_remaining_ms: Option<u64>,
    /// Somebody listens where a push consumer sends to.
    pub push_bound: Option<bool>,
    /// Priority groups and whom they are pinned to.
    pub priority_groups: Vec<PriorityGroupRow>,
    /// Its RAFT group; null: not clustered.
    pub cluster: Option<ClusterRow>,
    /// When it was created, in milliseconds since 1970 of the server's clock.
    pub created_ms: Option<i64>,
    /// Free text.
    pub description: Option<String>,
    /// What its owner has noted.
    pub metadata: BTreeMap<String, String>,
}

/// A priority group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PriorityGroupRow {
    /// Its name.
    pub group: String,
    /// The client that alone gets messages.
    pub pinned_client_id: Option<String>,
}

/// What follows from a consumer's samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct ConsumerDerived {
    /// Messages that wait or are out.
    pub backlog: Option<u64>,
    /// Deliveries in a second.
    pub deliver_per_s: Option<f64>,
    /// First deliveries in a second; at most, where the consumer takes only some subjects.
    pub new_per_s: Option<f64>,
    /// Repeated deliveries in a second; at least, where the consumer takes only some subjects.
    pub redeliver_per_s: Option<f64>,
    /// Repeated deliveries, as a share of 1.
    pub redeliver_share: Option<f64>,
    /// Acknowledgements in a second, with those given up; null where nothing has to be acknowledged.
    pub ack_per_s: Option<f64>,
    /// By how many messages the queue shrinks in a second; negative: it grows.
    pub drain_per_s: Option<f64>,
    /// When the queue will be empty; null: it does not shrink.
    pub eta_s: Option<f64>,
    /// Age of the message to be delivered next; 0: none waits.
    pub time_lag_ms: Option<i64>,
    /// `exact`: the message's own time. `estimated`: it lies between two others.
    pub time_lag_confidence: Option<Confidence>,
    /// Age of the oldest message that is not acknowledged; null: none is out.
    pub ack_age_ms: Option<i64>,
    /// As of `time_lag_confidence`.
    pub ack_age_confidence: Option<Confidence>,
    /// Time until messages are lost undelivered; null: nothing drops them.
    pub runway_ms: Option<i64>,
    /// At least so many messages were delivered as often as they may be, and lie aside.
    pub parked: Option<u64>,
    /// At most so many messages have left the stream undelivered.
    pub skipped: Option<u64>,
    /// So many messages may wait without anything being wrong.
    pub allowed: Option<u64>,
    /// Half of all sampled acknowledgements of the last minute took no longer.
    pub ack_time_p50_ms: Option<f64>,
    /// And 99 %.
    pub ack_time_p99_ms: Option<f64>,
}

/// Ephemeral consumers of one stream together.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EphemeralsRow {
    /// Their account; null: the observer's own.
    pub account: Option<String>,
    /// Their stream.
    pub stream: String,
    /// How many there are.
    pub count: u64,
    /// The worst of their states.
    pub severity: Severity,
    /// How many are in which state.
    pub states: StateCounts,
    /// Messages not delivered yet, of all.
    pub num_pending: u64,
    /// Messages out, of all.
    pub num_ack_pending: u64,
    /// Deliveries in a second, of all.
    pub deliver_per_s: Option<f64>,
}
