//! Pods, what they use, and what Kubernetes tells of them.

use serde::{Deserialize, Serialize};

use super::Millis;

/// Pods: all of them, or what has changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PodsSample {
    /// New and changed ones, in any order.
    pub pods: Vec<PodSample>,
    /// Names of those that are gone, as `namespace/name`.
    pub gone: Vec<String>,
    /// These are all: one that is not among them is gone.
    pub complete: bool,
}

/// One pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PodSample {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its identity: another one is another pod of the same name.
    pub uid: String,
    /// What kubectl shows as STATUS: `Running`, `CrashLoopBackOff`, `Terminating`, `Init:0/1`.
    pub status: String,
    /// Containers that are ready.
    pub containers_ready: u32,
    /// Containers that it has.
    pub containers: u32,
    /// Restarts of all containers.
    pub restarts: u64,
    /// When the last one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_restart_ms: Option<Millis>,
    /// Why a container last ended: `OOMKilled`, `Error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_reason: Option<String>,
    /// With which exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_exit_code: Option<i32>,
    /// Why it is not ready, in words of Kubernetes: `0/1 nodes are available`, `Back-off pulling image`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// It is being deleted.
    pub terminating: bool,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The node it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_ms: Option<Millis>,
    /// Its component of the project, by label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The workload it belongs to (its Deployment, where a `ReplicaSet` lies between).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// What its containers ask for and may use, summed up.
    pub resources: ContainerResources,
    /// Somebody forwards a port to it.
    pub port_forward: bool,
}

/// The workload of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Owner {
    /// Such as `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// What containers ask for and may use. Absent: not set for each of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerResources {
    /// Requested thousandths of a processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request_millicores: Option<u64>,
    /// Limit of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit_millicores: Option<u64>,
    /// Requested memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request_bytes: Option<u64>,
    /// Limit of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit_bytes: Option<u64>,
}

/// What pods use, by the metrics API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PodMetricsSample {
    /// In any order.
    pub pods: Vec<PodUsage>,
}

/// What one pod uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PodUsage {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Thousandths of a processor.
    pub cpu_millicores: u64,
    /// Memory.
    pub memory_bytes: u64,
}

/// Events of Kubernetes, as they come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KubernetesEventsSample {
    /// In any order.
    pub events: Vec<KubernetesEventSample>,
}

/// One event of Kubernetes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KubernetesEventSample {
    /// Its identity: the same event comes again with a higher count.
    pub uid: String,
    /// Namespace of what it is about.
    pub namespace: String,
    /// Kind of what it is about.
    pub kind: String,
    /// Name of what it is about.
    pub name: String,
    /// It is a `Warning`, not `Normal`.
    pub warning: bool,
    /// One word: `BackOff`.
    pub reason: String,
    /// What has happened.
    pub message: String,
    /// How often.
    pub count: u64,
    /// When last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_ms: Option<Millis>,
}
