//! Steps: the parts of a longer operation, as a person watches them go by.

use std::fmt;

use serde::Serialize;

/// What one part of an operation is about. Two steps are the same one when kind and subject are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Step {
    /// What sort of thing.
    #[serde(rename = "step")]
    pub kind: StepKind,
    /// Which one: the name of a container or network, an image reference, a path.
    pub subject: String,
}

/// What a step works on, in the order in which a cluster comes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// The cluster's lock on this machine.
    Lock,
    /// An image that the engine must have.
    Image,
    /// The network the containers share.
    Network,
    /// A named volume.
    Volume,
    /// A registry container.
    Registry,
    /// A node's container.
    Node,
    /// The Kubernetes API server answers `/readyz`.
    Api,
    /// A node is Ready.
    NodeReady,
    /// The cluster's DNS serves, by the rollout of its Deployment.
    Dns,
    /// The default `ServiceAccount` is there, without which no pod starts.
    ServiceAccount,
    /// The registry answers, asked from this machine.
    RegistryFromHost,
    /// The registry answers, asked from inside a node.
    RegistryFromNode,
    /// The `ConfigMap` of KEP-1755, which tells other tools about the registry.
    RegistryHosting,
    /// The cluster's entries in the kubeconfig file.
    Kubeconfig,
    /// A component's image is built, or found built.
    Build,
    /// A component's image is pushed.
    Push,
    /// A component's objects are applied.
    Apply,
    /// Streams and consumers are made through the JetStream API.
    Streams,
    /// A component's rollout is watched.
    Rollout,
    /// Objects are removed.
    Remove,
}

/// How far a step is. As JSON, beside the step: `"state":"done","outcome":"created","afterMs":812`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum StepState {
    /// It began.
    Running {
        /// Milliseconds after which it is given up.
        limit_ms: u64,
    },
    /// Bytes were moved.
    Progress {
        /// Bytes so far.
        done_bytes: u64,
        /// Bytes in all, once known.
        total_bytes: Option<u64>,
    },
    /// It waits; sent when the reason changes.
    Waiting {
        /// What is not so yet, in a few words.
        reason: String,
    },
    /// It is done.
    Done {
        /// What was done.
        outcome: Outcome,
        /// Milliseconds since it began.
        after_ms: u64,
    },
    /// It failed; the operation's error says why at length.
    Failed {
        /// One sentence.
        reason: String,
        /// Milliseconds since it began.
        after_ms: u64,
    },
    /// It was given up because something else failed or somebody pressed Ctrl-C.
    Cancelled,
}

/// What a finished step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was made.
    Created,
    /// It was there, stopped, and runs now.
    Started,
    /// It ran and is stopped now.
    Stopped,
    /// It is gone.
    Removed,
    /// It was there and was made right.
    Repaired,
    /// It was there and was changed.
    Configured,
    /// It was built.
    Built,
    /// It was sent.
    Pushed,
    /// Its pods were replaced.
    Restarted,
    /// It was fetched.
    Pulled,
    /// It was looked at and is as it should be.
    Verified,
    /// It was as wanted; nothing was done.
    Unchanged,
}

impl Step {
    /// A step.
    pub fn new(kind: StepKind, subject: impl Into<String>) -> Self {
        let subject = subject.into();
        Self { kind, subject }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = &self.subject;
        match self.kind {
            StepKind::Lock => write!(f, "lock of cluster {subject}"),
            StepKind::Image => write!(f, "image {subject}"),
            StepKind::Network => write!(f, "network {subject}"),
            StepKind::Volume => write!(f, "volume {subject}"),
            StepKind::Registry => write!(f, "registry {subject}"),
            StepKind::Node => write!(f, "node {subject}"),
            StepKind::Api => write!(f, "Kubernetes API at {subject}"),
            StepKind::NodeReady => write!(f, "node {subject} ready"),
            StepKind::Dns => write!(f, "cluster DNS {subject}"),
            StepKind::ServiceAccount => write!(f, "ServiceAccount {subject}"),
            StepKind::RegistryFromHost => write!(f, "registry at {subject} from this machine"),
            StepKind::RegistryFromNode => write!(f, "registry at {subject} from inside the node"),
            StepKind::RegistryHosting => write!(f, "ConfigMap {subject}"),
            StepKind::Kubeconfig => write!(f, "kubeconfig {subject}"),
            StepKind::Build => write!(f, "build of {subject}"),
            StepKind::Push => write!(f, "push of {subject}"),
            StepKind::Apply => write!(f, "manifests of {subject}"),
            StepKind::Streams => write!(f, "streams of {subject}"),
            StepKind::Rollout => write!(f, "rollout of {subject}"),
            StepKind::Remove => write!(f, "removal of {subject}"),
        }
    }
}
