//! Where a report comes from.

use schemars::JsonSchema;
use serde::Serialize;

use crate::sample::{Source, SourceState};

/// One source.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SourceRow {
    /// Which.
    pub source: Source,
    /// How it is.
    pub state: SourceState,
    /// Why it is not up.
    pub reason: Option<String>,
    /// What it asks.
    pub endpoint: Option<String>,
    /// The version of what answers.
    pub version: Option<String>,
    /// How long an answer takes.
    pub round_trip_ms: Option<f64>,
    /// How long it waits between two polls.
    pub interval_ms: Option<u64>,
    /// Time since it last said how it is.
    pub age_ms: i64,
    /// Requests so far.
    pub requests: u64,
    /// Of which failed.
    pub errors: u64,
    /// Bytes received so far.
    pub bytes: u64,
    /// Requests in a second.
    pub requests_per_s: Option<f64>,
    /// Bytes received in a second.
    pub bytes_per_s: Option<f64>,
    /// 99 % of the last requests took no longer.
    pub p99_ms: Option<f64>,
}

/// An account's use of JetStream.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AccountRow {
    /// Its name; null: the observer's own.
    pub account: Option<String>,
    /// Bytes in memory.
    pub memory_bytes: Option<u64>,
    /// Limit of those.
    pub max_memory_bytes: Option<u64>,
    /// Bytes on disk.
    pub storage_bytes: Option<u64>,
    /// Limit of those.
    pub max_storage_bytes: Option<u64>,
    /// Streams.
    pub streams: Option<u64>,
    /// Consumers.
    pub consumers: Option<u64>,
    /// Requests to the API so far.
    pub api_total: Option<u64>,
    /// Of which failed.
    pub api_errors: Option<u64>,
    /// Of which failed since the sample before.
    pub api_errors_new: Option<u64>,
    /// Requests that the API is busy with.
    pub api_inflight: Option<u64>,
    /// The API level that the server speaks.
    pub api_level: Option<u64>,
    /// Leader of the cluster's meta group.
    pub meta_leader: Option<String>,
    /// Changes that the meta group has not done yet.
    pub meta_pending: Option<u64>,
}
