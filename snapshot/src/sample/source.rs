//! Sources about themselves.

use serde::{Deserialize, Serialize};

/// Where samples come from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The JetStream API: streams and consumers.
    Jetstream,
    /// Times of single messages.
    Messages,
    /// Advisories and metrics that servers publish.
    Advisories,
    /// `$SRV.STATS`.
    Services,
    /// The proxy's metrics over HTTP.
    Proxy,
    /// The system account or the monitoring port of a NATS server.
    Server,
    /// Pods, watched.
    Pods,
    /// The metrics API of Kubernetes.
    PodMetrics,
    /// Events of Kubernetes, watched.
    KubernetesEvents,
}

/// How a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// It has not answered yet, or tries to come back.
    #[default]
    Connecting,
    /// It answers.
    Up,
    /// It does not answer; the reason says why. It goes on trying.
    Down,
    /// It is not there and need not be: nobody asked for it, or the cluster has no such API.
    Absent,
}

/// A source about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceReport {
    /// Which.
    pub source: Source,
    /// How it is.
    pub state: SourceState,
    /// Why it is down, connecting or absent: one sentence without a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it asks: an address without credentials, a Kubernetes context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The version of what answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How long an answer takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_ms: Option<f64>,
    /// How long it waits between two polls now, after any back-off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u64>,
    /// What observing costs.
    #[serde(default)]
    pub cost: Cost,
}

/// What a source has cost since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cost {
    /// Requests sent.
    pub requests: u64,
    /// Requests that failed or were not answered in time.
    pub errors: u64,
    /// Bytes received.
    pub bytes: u64,
    /// 99 % of the last requests took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
}
