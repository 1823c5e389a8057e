//! One consumer in depth, for the view that a person has opened.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{ConsumerRow, EventRow, PodRow, StreamRow, WorkerRow};

/// One consumer in depth.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ConsumerDetail {
    /// Its row.
    pub consumer: ConsumerRow,
    /// Its stream's row.
    pub stream: Option<StreamRow>,
    /// The limits that its owner has set: names after `io.nats.monitor.`, values as in the metadata.
    pub thresholds: BTreeMap<String, String>,
    /// All samples there are, the oldest first.
    pub series: Vec<SeriesPoint>,
    /// The message to be delivered next.
    pub next: Option<MessageRow>,
    /// The oldest message that is not acknowledged.
    pub oldest_unacked: Option<MessageRow>,
    /// Instances that work on it.
    pub workers: Vec<WorkerRow>,
    /// Their pods.
    pub pods: Vec<PodRow>,
    /// What happened to it, the newest first.
    pub events: Vec<EventRow>,
}

/// One sample of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SeriesPoint {
    /// Milliseconds since 1970 of the server's clock.
    pub ts_ms: i64,
    /// Matching messages not delivered yet.
    pub num_pending: u64,
    /// Messages delivered and not acknowledged.
    pub num_ack_pending: u64,
    /// Messages marked as delivered more than once.
    pub num_redelivered: u64,
    /// Pull requests that wait.
    pub num_waiting: u64,
    /// Deliveries in a second since the sample before.
    pub deliver_per_s: Option<f64>,
    /// Repeated ones among those.
    pub redeliver_per_s: Option<f64>,
    /// Acknowledgements in a second since the sample before.
    pub ack_per_s: Option<f64>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessageRow {
    /// Its sequence in the stream.
    pub seq: u64,
    /// Its subject.
    pub subject: String,
    /// Its age by the server's clock.
    pub age_ms: Option<i64>,
    /// Bytes of its payload.
    pub payload_bytes: u64,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
}
