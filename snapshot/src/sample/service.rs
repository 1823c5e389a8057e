//! Services, as `$SRV.STATS` (ADR-32) tells of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ServerNanos, ServiceData};

/// One poll of `$SRV.STATS`: everybody who answered it. Who misses two of them is gone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServicesSample {
    /// In any order.
    pub services: Vec<ServiceSample>,
    /// How long until the next poll.
    pub interval_ms: u64,
}

/// One instance of a service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceSample {
    /// Name of the service.
    pub name: String,
    /// Id of the instance.
    pub id: String,
    /// Version of the service.
    pub version: String,
    /// What it says of itself; `pod`, `node`, `stream` and `consumer` link it.
    pub metadata: BTreeMap<String, String>,
    /// Since when it runs, by its own clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_ns: Option<ServerNanos>,
    /// How long its answer took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_trip_ms: Option<f64>,
    /// Its endpoints.
    pub endpoints: Vec<EndpointSample>,
}

/// One endpoint of an instance. All counters are since it started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointSample {
    /// Its name.
    pub name: String,
    /// The subject it listens to.
    pub subject: String,
    /// The queue group it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_group: Option<String>,
    /// Requests so far.
    pub num_requests: u64,
    /// Of which failed.
    pub num_errors: u64,
    /// The last failure; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Time spent in all of them.
    pub processing_time_ns: u64,
    /// What it tells beyond; see [`ServiceData::from_value`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<ServiceData>,
}
