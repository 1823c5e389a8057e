//! A consumer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::duration::Nanos;

/// How deliveries are acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AckPolicy {
    /// Not at all.
    None,
    /// One acknowledgement covers all before it.
    All,
    /// Each on its own; a work queue takes nothing else.
    Explicit,
}

/// With which message a consumer starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "snake_case", deserialize = "camelCase"))]
pub enum DeliverPolicy {
    /// The first one stored.
    All,
    /// The last one stored.
    Last,
    /// The next one to come.
    New,
    /// The last one of each subject.
    LastPerSubject,
    /// `opt_start_seq`.
    ByStartSequence,
    /// `opt_start_time`.
    ByStartTime,
}

/// How fast old messages are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayPolicy {
    /// As fast as they are asked for.
    Instant,
    /// With the pauses in which they came.
    Original,
}

/// `spec` of a `Consumer` resource. Serialises as the API's `ConsumerConfig`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all(serialize = "snake_case", deserialize = "camelCase"),
    deny_unknown_fields
)]
pub struct ConsumerDefinition {
    /// The stream it reads; not a part of its configuration on the server.
    #[serde(rename(deserialize = "streamName"), skip_serializing)]
    pub stream: String,
    /// Its name on the server, where it lives on without readers.
    pub durable_name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How deliveries are acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack_policy: Option<AckPolicy>,
    /// How long a delivery may stay unacknowledged before it is made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack_wait: Option<Nanos>,
    /// With which message it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_policy: Option<DeliverPolicy>,
    /// Subject of a push consumer; absent for pull.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_subject: Option<String>,
    /// Queue group of a push consumer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_group: Option<String>,
    /// The one subject it sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_subject: Option<String>,
    /// The subjects it sees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filter_subjects: Vec<String>,
    /// Whether a push consumer is slowed down by its reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_control: Option<bool>,
    /// How often an idle push consumer says that it is alive.
    #[serde(
        default,
        rename(serialize = "idle_heartbeat"),
        skip_serializing_if = "Option::is_none"
    )]
    pub heartbeat_interval: Option<Nanos>,
    /// Most deliveries not yet acknowledged; -1 for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ack_pending: Option<i64>,
    /// Most deliveries of one message; -1 for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_deliver: Option<i64>,
    /// Waiting times before each further delivery; replaces `ack_wait`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backoff: Vec<Nanos>,
    /// Most pull requests waiting at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_waiting: Option<i64>,
    /// First sequence, for [`DeliverPolicy::ByStartSequence`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_start_seq: Option<u64>,
    /// First time stamp (RFC 3339), for [`DeliverPolicy::ByStartTime`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_start_time: Option<String>,
    /// Most bits a second for a push consumer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit_bps: Option<u64>,
    /// How fast old messages are delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_policy: Option<ReplayPolicy>,
    /// Share of acknowledgements to sample, such as `100%`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_freq: Option<String>,
    /// Whether payloads are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers_only: Option<bool>,
    /// Most messages one pull may ask for.
    #[serde(
        default,
        rename(serialize = "max_batch", deserialize = "maxRequestBatch"),
        skip_serializing_if = "Option::is_none"
    )]
    pub max_request_batch: Option<i64>,
    /// Longest time one pull may wait.
    #[serde(
        default,
        rename(serialize = "max_expires", deserialize = "maxRequestExpires"),
        skip_serializing_if = "Option::is_none"
    )]
    pub max_request_expires: Option<Nanos>,
    /// Most bytes one pull may ask for.
    #[serde(
        default,
        rename(serialize = "max_bytes", deserialize = "maxRequestMaxBytes"),
        skip_serializing_if = "Option::is_none"
    )]
    pub max_request_max_bytes: Option<i64>,
    /// Idle time after which it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inactive_threshold: Option<Nanos>,
    /// How many servers hold its state; 0 for as many as the stream.
    #[serde(
        default,
        rename(serialize = "num_replicas"),
        skip_serializing_if = "Option::is_none"
    )]
    pub replicas: Option<u8>,
    /// Whether its state is kept in memory only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mem_storage: Option<bool>,
    /// Free text by key, shown by tools.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Time (RFC 3339) until which nothing is delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_until: Option<String>,
    /// How members of a priority group share: `none`, `overflow`, `pinned_client` or `prioritized`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_policy: Option<String>,
    /// How long a pinned client may be silent.
    #[serde(
        default,
        rename(serialize = "priority_timeout"),
        skip_serializing_if = "Option::is_none"
    )]
    pub pinned_ttl: Option<Nanos>,
    /// Names of its priority groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub priority_groups: Vec<String>,
    /// For NACK: keep the consumer when the resource is deleted.
    #[serde(default, skip_serializing)]
    pub prevent_delete: Option<bool>,
    /// For NACK: leave an existing consumer as it is.
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
