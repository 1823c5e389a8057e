//! What services put into `data` of their `$SRV.STATS`: counters and histograms, both since they started.
//!
//! Any other `data` is nobody's mistake and is ignored: see [`ServiceData::from_value`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The `data` of a service that tells more than ADR-32 has room for, version 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceData {
    /// The version: 1.
    pub v: u64,
    /// Unit of all times: `ns`.
    pub unit: String,
    /// Pod that it runs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// Node that it runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Requests that it can be busy with at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u64>,
    /// What it takes messages from.
    pub consumes: Vec<StreamConsumer>,
    /// By name: of the proxy's routes, or of the operations of a worker.
    pub routes: BTreeMap<String, RouteData>,
}

/// A consumer of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamConsumer {
    /// Name of the stream.
    pub stream: String,
    /// Name of the consumer.
    pub consumer: String,
}

/// What went over one route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteData {
    /// The subject that its requests are published to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Requests that went well.
    pub ok: u64,
    /// Requests that did not, by what became of them: `4xx`, `5xx`, `timeout`, `no_responders`.
    pub err: BTreeMap<String, u64>,
    /// Requests under way; absent: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inflight: Option<u64>,
    /// How long requests took.
    pub hist: Buckets,
    /// How long parts of them took: `publish`, `queue`, `work`, `answer`.
    pub phases: BTreeMap<String, Buckets>,
}

/// A histogram as it travels: `{"scheme":"log2x4","zero":n,"b":[[index,count],...]}`.
///
/// In scheme `log2x4` every doubling has 4 buckets of equal width: a value `v >= 1` with `e = floor(log2 v)` is in bucket
/// `4 e + floor(4 (v - 2^e) / 2^e)`; 0 is in `zero`. Counts add up over instances and subtract over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Buckets {
    /// `log2x4`.
    pub scheme: String,
    /// How many were 0.
    pub zero: u64,
    /// Index and count of the buckets that are not empty.
    pub b: Vec<(u32, u64)>,
}

impl Default for Buckets {
    fn default() -> Self {
        Self {
            scheme: "log2x4".to_owned(),
            zero: 0,
            b: Vec::new(),
        }
    }
}

impl ServiceData {
    /// The `data` of one endpoint, if it is of a kind that is understood.
    pub fn from_value(value: &Value) -> Option<Self> {
        let data = Self::deserialize(value).ok()?;
        (data.v == 1 && data.unit == "ns").then_some(data)
    }
}
