//! What is wrong with a rollout, in words for a person.

use serde::Serialize;

/// What is wrong with one object. Everything in it is fit for a terminal: no control characters, lines of bounded length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// The object, such as `Deployment rating/proxy`.
    pub subject: String,
    /// What it is, for programs.
    pub kind: Kind,
    /// What it is, in one line that names pod and container.
    pub cause: String,
    /// What shows it: the newest distinct warnings of the cluster, then the end of a log.
    pub evidence: Vec<String>,
    /// A command that shows more.
    pub next: String,
}

/// The sorts of trouble that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The registry has no such image.
    ImageNotFound,
    /// The registry does not give it to this cluster.
    ImageRefused,
    /// What is meant as an image's name is none.
    ImageName,
    /// There is no such image for the node's kind of machine, or its program is for another.
    ImagePlatform,
    /// The image cannot be fetched for another reason.
    ImagePull,
    /// The container cannot be started: its command cannot be run, or the runtime refuses.
    Start,
    /// The container ends again and again.
    Crash,
    /// The container needs more memory than it may have.
    OutOfMemory,
    /// A probe fails.
    Probe,
    /// No node takes the pod.
    Unschedulable,
    /// A Secret or `ConfigMap`, or a key of it, is not there.
    MissingConfig,
    /// A quota is used up.
    Quota,
    /// An admission rule refuses the pods.
    Admission,
    /// The pods' `ServiceAccount` is not there.
    ServiceAccount,
    /// The pods cannot be created for another reason.
    PodCreation,
    /// A volume cannot be mounted or attached, or its claim is not bound.
    Volume,
    /// The pod cannot be set up on its node: its network, its sandbox.
    Sandbox,
    /// The node has thrown the pod out.
    Evicted,
    /// The pod's node is not ready.
    Node,
    /// The Job has failed.
    Job,
    /// The controller of a custom resource refuses it.
    Resource,
    /// Kubernetes has given the rollout up because it made no progress.
    Deadline,
    /// The object is gone.
    Gone,
    /// A pod of an earlier revision does not run, and so is not replaced.
    OlderPod,
    /// It is not done, and nothing says why.
    NotReady,
}
