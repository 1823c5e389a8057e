//! Routes, workers and pods in a report.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::judge::Severity;
use crate::sample::Owner;

/// What a route belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RouteSide {
    /// A proxy: requests come in here.
    Proxy,
    /// A worker: requests are served here.
    Worker,
}

/// One route of a proxy, or operation of a worker, over all instances.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RouteRow {
    /// The service.
    pub service: String,
    /// The route.
    pub route: String,
    /// What the service is.
    pub side: RouteSide,
    /// The subject that its requests are published to.
    pub subject: Option<String>,
    /// How bad its errors are.
    pub severity: Severity,
    /// Requests in a second.
    pub requests_per_s: Option<f64>,
    /// Half of them took no longer.
    pub p50_ms: Option<f64>,
    /// 90 % of them.
    pub p90_ms: Option<f64>,
    /// 99 % of them.
    pub p99_ms: Option<f64>,
    /// None took longer.
    pub max_ms: Option<f64>,
    /// Requests that failed, as a share of 1.
    pub error_share: Option<f64>,
    /// Failed requests in a second, by what became of them.
    pub errors_per_s: BTreeMap<String, f64>,
    /// Requests under way; null: not known.
    pub inflight: Option<u64>,
    /// Instances that have it.
    pub instances: u64,
    /// Where the time goes: publish, queue, work, answer.
    pub phases: Vec<PhaseRow>,
    /// Requests in a second, of the last polls, the oldest first.
    pub trend_requests_per_s: Vec<Option<f64>>,
    /// Of the last polls, the oldest first: lower bound in milliseconds and count of each class of duration.
    pub heat: Vec<Vec<(f64, u64)>>,
}

/// A part of what a request takes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PhaseRow {
    /// Its name.
    pub phase: String,
    /// Half took no longer.
    pub p50_ms: Option<f64>,
    /// 99 % took no longer.
    pub p99_ms: Option<f64>,
}

/// Whether an instance answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum WorkerState {
    /// It does.
    Up,
    /// It missed one poll.
    Late,
    /// It missed two or more: it is not 0, it is gone.
    Gone,
}

/// One instance of a service.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WorkerRow {
    /// The service.
    pub service: String,
    /// The instance.
    pub id: String,
    /// Version of the service.
    pub version: String,
    /// Whether it answers.
    pub state: WorkerState,
    /// How bad that is.
    pub severity: Severity,
    /// Endpoints.
    pub endpoints: u64,
    /// Requests in a second.
    pub requests_per_s: Option<f64>,
    /// Requests that failed, as a share of 1.
    pub error_share: Option<f64>,
    /// What a request of the last polls took on average.
    pub average_ms: Option<f64>,
    /// Half took no longer; null: it has no histogram.
    pub p50_ms: Option<f64>,
    /// 99 % took no longer.
    pub p99_ms: Option<f64>,
    /// How busy it was, as a share of what it can be; above 1 where it does not say how much that is.
    pub busy_share: Option<f64>,
    /// How long its answer took.
    pub round_trip_ms: Option<f64>,
    /// Its last failure.
    pub last_error: Option<String>,
    /// For how long it has run, by its own clock against the observer's.
    pub uptime_ms: Option<i64>,
    /// Its pod.
    pub pod: Option<String>,
    /// Its node.
    pub node: Option<String>,
    /// What it takes messages from, as `stream/consumer`.
    pub consumes: Vec<String>,
    /// Time since it last answered.
    pub age_ms: i64,
}

/// One pod.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PodRow {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub pod: String,
    /// What kubectl shows as STATUS.
    pub status: String,
    /// How bad that is.
    pub severity: Severity,
    /// Why.
    pub reason: Option<String>,
    /// What to type.
    pub command: Option<String>,
    /// Containers that are ready.
    pub containers_ready: u32,
    /// Containers.
    pub containers: u32,
    /// Restarts of all containers.
    pub restarts: u64,
    /// Of which in the last ten minutes, as far as they were seen.
    pub restarts_10_min: u64,
    /// Time since the last one.
    pub last_restart_ms: Option<i64>,
    /// Why a container last ended.
    pub last_reason: Option<String>,
    /// With which exit code.
    pub last_exit_code: Option<i32>,
    /// Thousandths of a processor in use.
    pub cpu_millicores: Option<u64>,
    /// That, as a share of what is requested.
    pub cpu_request_share: Option<f64>,
    /// And of the limit.
    pub cpu_limit_share: Option<f64>,
    /// Memory in use.
    pub memory_bytes: Option<u64>,
    /// That, as a share of what is requested.
    pub memory_request_share: Option<f64>,
    /// And of the limit.
    pub memory_limit_share: Option<f64>,
    /// Its address.
    pub ip: Option<String>,
    /// Its node.
    pub node: Option<String>,
    /// Its age.
    pub age_ms: Option<i64>,
    /// Its component of the project.
    pub component: Option<String>,
    /// The workload it belongs to.
    pub owner: Option<Owner>,
    /// Somebody forwards a port to it.
    pub port_forward: bool,
    /// The instance of a service that runs in it, as `service/id`.
    pub worker: Option<String>,
}
