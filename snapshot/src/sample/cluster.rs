//! Where the replicas of a stream or consumer are.

use serde::{Deserialize, Serialize};

/// The RAFT group of a stream or consumer. Absent for what is not clustered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterSample {
    /// Name of the NATS cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The server that leads; absent (or empty in the reply): nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader: Option<String>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_since_ns: Option<i64>,
    /// The followers, without the leader.
    pub replicas: Vec<ReplicaSample>,
}

/// One follower, as its leader sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplicaSample {
    /// The server's name.
    pub name: String,
    /// It has all that the leader has.
    pub current: bool,
    /// The leader has not heard of it for long.
    pub offline: bool,
    /// Nanoseconds since the leader last heard of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_ns: Option<i64>,
    /// Operations that it is behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag: Option<u64>,
}
