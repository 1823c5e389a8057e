//! Consumers, as `$JS.API.CONSUMER.LIST`, `CONSUMER.INFO` and JSZ tell of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ClusterSample, ServerNanos};

/// Consumers of one stream: a page or all pages of its list, or single replies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsumersSample {
    /// Name of the account; absent: the observer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Name of the stream.
    pub stream: String,
    /// In any order.
    pub consumers: Vec<ConsumerSample>,
    /// Consumers that the server knows of and which did not answer (`missing` of the reply).
    pub missing: Vec<String>,
    /// Consumers that the server cannot run, and why (`offline` of the reply).
    pub offline: BTreeMap<String, String>,
    /// Consumers of which the server says that there is no such one.
    pub gone: Vec<String>,
    /// These are all consumers of the stream: one that is named nowhere in here is gone.
    pub complete: bool,
    /// The longest time until each of these is looked at again, visible or not. One not seen for three times as long is
    /// stale.
    pub interval_ms: u64,
}

/// The names of all the consumers of one stream (`CONSUMER.NAMES`): one that is not among them is gone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsumerNamesSample {
    /// Name of the account; absent: the observer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Name of the stream.
    pub stream: String,
    /// All of them.
    pub names: Vec<String>,
}

/// One consumer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsumerSample {
    /// Its name.
    pub name: String,
    /// Server time of this reply (`ts`, since 2.10). Without it there are no rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ts: Option<ServerNanos>,
    /// When it was created: another time means another consumer of the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_ns: Option<ServerNanos>,
    /// Whether workers ask or the server sends.
    pub mode: Mode,
    /// It outlives its users; false: ephemeral.
    pub durable: bool,
    /// It goes when nobody has used it for so long; absent: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inactive_threshold_ns: Option<u64>,
    /// Subjects it takes; none: all of the stream.
    pub filter_subjects: Vec<String>,
    /// What has to be acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ack_policy: Option<AckPolicy>,
    /// A message not acknowledged for so long is delivered again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ack_wait_ns: Option<u64>,
    /// Deliveries of one message; absent: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_deliver: Option<u64>,
    /// Messages that may be out unacknowledged; absent: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_ack_pending: Option<u64>,
    /// Pull requests that may wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_waiting: Option<u64>,
    /// Where a push consumer sends to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliver_subject: Option<String>,
    /// Group among which it sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliver_group: Option<String>,
    /// Flow control or idle heartbeats without acknowledgements, as ordered consumers have.
    pub ordered: bool,
    /// At which pace it delivers.
    pub replay: Replay,
    /// Share of acknowledgements whose time the server tells, such as `5%`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_frequency: Option<String>,
    /// Copies that it is configured to have; absent: as its stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_replicas: Option<u64>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `io.nats.monitor.*` are thresholds.
    pub metadata: BTreeMap<String, String>,
    /// What has been delivered.
    pub delivered: SequencePair,
    /// Up to where all is acknowledged.
    pub ack_floor: SequencePair,
    /// Matching messages not delivered yet.
    pub num_pending: u64,
    /// Messages delivered and not acknowledged: a gauge.
    pub num_ack_pending: u64,
    /// Messages now marked as delivered more than once: a gauge, not a counter.
    pub num_redelivered: u64,
    /// Pull requests that wait.
    pub num_waiting: u64,
    /// Delivery is paused.
    pub paused: bool,
    /// For how much longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_remaining_ns: Option<u64>,
    /// Somebody listens where a push consumer sends to; absent: the server does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push_bound: Option<bool>,
    /// Priority groups and whom they are pinned to.
    pub priority_groups: Vec<PriorityGroup>,
    /// Its RAFT group; absent: not clustered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterSample>,
}

/// A place in a consumer's deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SequencePair {
    /// Counts every delivery, also repeated ones.
    pub consumer_seq: u64,
    /// The message in the stream.
    pub stream_seq: u64,
    /// When that was; absent: the server has forgotten since it started, which is not "never".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_active_ns: Option<ServerNanos>,
}

/// A priority group of a consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PriorityGroup {
    /// Its name.
    pub group: String,
    /// The client that alone gets messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned_client_id: Option<String>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned_ts: Option<ServerNanos>,
}

/// How messages get to workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Workers ask.
    #[default]
    Pull,
    /// The server sends.
    Push,
}

/// At which pace a consumer delivers what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Replay {
    /// As fast as it is asked for.
    #[default]
    Instant,
    /// As it was published: who waits for a message may wait for long.
    Original,
}

/// What has to be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AckPolicy {
    /// Nothing.
    None,
    /// One acknowledgement is for all before.
    All,
    /// Every message.
    Explicit,
    /// Nothing by workers: flow control acknowledges.
    FlowControl,
}
