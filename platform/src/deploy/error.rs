//! What can go wrong with a deployment.

use super::plan::PlanError;
use crate::{apply, docker, forward, image, kubernetes, manifest, rollout, streams};

/// Why a deployment, or another operation on a system in a cluster, has not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was asked for is not in the project.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Components have failed. What does not need them was deployed.
    #[error("cannot deploy {}{}", names(failed), left_out(skipped))]
    Failed {
        /// Each with the reason, never empty.
        failed: Vec<Failed>,
        /// Those that were not tried.
        skipped: Vec<Skipped>,
    },
    /// One component cannot be dealt with.
    #[error("cannot {operation} {component}")]
    Component {
        /// Such as `render`.
        operation: &'static str,
        /// Its name.
        component: String,
        /// Why.
        #[source]
        cause: Cause,
    },
    /// The cluster cannot be asked.
    #[error(transparent)]
    Kubernetes(#[from] kubernetes::Error),
    /// Somebody pressed Ctrl-C.
    #[error("cancelled")]
    Cancelled,
}

/// A component that could not be deployed.
#[derive(Debug)]
pub struct Failed {
    /// Its name.
    pub component: String,
    /// Why.
    pub cause: Cause,
}

/// A component that was not deployed because of another.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// Its name.
    pub component: String,
    /// The component that it needs.
    pub because: String,
}

/// Why a component could not be deployed, by the step at which that became clear.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// Its image.
    #[error(transparent)]
    Image(#[from] image::Error),
    /// The engine that would build its image.
    #[error(transparent)]
    Engine(#[from] docker::Error),
    /// The profile has no registry, and images have to be pushed somewhere.
    #[error("profile {profile} has no registry for the image")]
    NoRegistry {
        /// The profile.
        profile: String,
    },
    /// Its manifests, before any cluster has seen them.
    #[error(transparent)]
    Manifest(#[from] manifest::Error),
    /// Its objects.
    #[error(transparent)]
    Apply(Box<apply::Error>),
    /// Its rollout.
    #[error(transparent)]
    Rollout(#[from] rollout::Error),
    /// Its definitions of streams and consumers.
    #[error(transparent)]
    Definition(#[from] contract::definition::DefinitionError),
    /// Its streams and consumers.
    #[error(transparent)]
    Streams(#[from] streams::Error),
    /// The way to the NATS server in the cluster.
    #[error(transparent)]
    Forward(#[from] forward::Error),
    /// A request to the cluster.
    #[error(transparent)]
    Kubernetes(#[from] kubernetes::Error),
    /// What was to be scaled is not in its manifests, or has no number of pods.
    #[error("its manifests have no {workload} with a number of pods")]
    NotScaled {
        /// Such as `Deployment web`.
        workload: String,
    },
    /// What was to be scaled is scaled by something else.
    #[error("the HorizontalPodAutoscaler {autoscaler} decides how many pods {workload} has")]
    Autoscaled {
        /// Such as `Deployment shop/web`.
        workload: String,
        /// Its name.
        autoscaler: String,
    },
    /// What keeps Secrets from being guessed.
    #[error("the kernel gives no random numbers")]
    NoRandomNumbers(#[source] std::io::Error),
    /// Somebody pressed Ctrl-C.
    #[error("cancelled")]
    Cancelled,
}

impl From<apply::Error> for Cause {
    fn from(error: apply::Error) -> Self {
        Self::Apply(Box::new(error))
    }
}

fn names(failed: &[Failed]) -> String {
    let names: Vec<&str> = failed.iter().map(|failed| failed.component.as_str()).collect();
    names.join(", ")
}

fn left_out(skipped: &[Skipped]) -> String {
    match skipped {
        [] => String::new(),
        some => {
            let names: Vec<&str> = some.iter().map(|skipped| skipped.component.as_str()).collect();
            format!("; not tried, as they need it: {}", names.join(", "))
        }
    }
}
