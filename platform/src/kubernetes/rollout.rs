//! Rollouts: whether a workload runs as it was last asked to.
//!
//! The rules are those of `kubectl rollout status` (`k8s.io/kubectl/pkg/polymorphichelpers`), made stricter where that looks away. A status
//! says something about the wanted state only when its `observedGeneration` has reached the object's `generation`: until then
//! it tells of the rollout before.

mod condition;
mod custom;
mod gateway;
mod job;
mod rule;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::text;
pub use rule::Rule;

/// How far a rollout is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// All pods are those that are wanted, and available.
    Done,
    /// It goes on.
    Progressing(String),
    /// Something is wrong that may pass: it is tried again.
    Failing(String),
    /// It has been given up by Kubernetes.
    Failed(String),
}

/// Pods of a workload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// As many as there should be.
    pub wanted: i32,
    /// Those of the newest template.
    pub updated: i32,
    /// Those that are ready.
    pub ready: i32,
}

/// A Deployment's rollout: done when its newest template is the only one, with every pod that is wanted available.
pub fn deployment(deployment: &Deployment) -> Rollout {
    let wanted = deployment
        .spec
        .as_ref()
        .and_then(|spec| spec.replicas)
        .unwrap_or(1);
    let paused = deployment
        .spec
        .as_ref()
        .and_then(|spec| spec.paused)
        .unwrap_or(false);
    let status = deployment.status.clone().unwrap_or_default();
    if let Some(unseen) = unseen(&deployment.metadata, status.observed_generation) {
        return unseen;
    }
    let conditions = status.conditions.unwrap_or_default();
    let progressing = conditions
        .iter()
        .find(|condition| condition.type_ == "Progressing");
    if let Some(condition) =
        progressing.filter(|condition| condition.reason.as_deref() == Some("ProgressDeadlineExceeded"))
    {
        let message = condition
            .message
            .as_deref()
            .unwrap_or("it made no progress in time");
        return Rollout::Failed(text::line(message));
    }
    let failure = conditions
        .iter()
        .find(|condition| condition.type_ == "ReplicaFailure" && condition.status == "True");
    if let Some(failure) = failure {
        // A quota, an admission rule: Kubernetes tries again.
        return Rollout::Failing(text::line(
            failure.message.as_deref().unwrap_or("pods cannot be created"),
        ));
    }
    let updated = status.updated_replicas.unwrap_or(0);
    let all = status.replicas.unwrap_or(0);
    let available = status.available_replicas.unwrap_or(0);
    if updated < wanted && paused {
        return Rollout::Progressing(format!("paused with {updated} of {wanted} pods updated"));
    }
    if updated < wanted {
        return Rollout::Progressing(format!("{updated} of {wanted} pods updated"));
    }
    if all > updated {
        return Rollout::Progressing(format!("{} old pods are not gone yet", all - updated));
    }
    if updated > wanted {
        return Rollout::Progressing(format!("{} pods too many are not gone yet", updated - wanted));
    }
    if available < updated {
        return Rollout::Progressing(format!("{available} of {updated} pods available"));
    }
    Rollout::Done
}

/// A `StatefulSet`'s rollout: done when every pod is ready and, as far as its strategy goes, of the newest revision.
pub fn stateful_set(set: &StatefulSet) -> Rollout {
    let spec = set.spec.clone().unwrap_or_default();
    let wanted = spec.replicas.unwrap_or(1);
    let status = set.status.clone().unwrap_or_default();
    if let Some(unseen) = unseen(&set.metadata, status.observed_generation) {
        return unseen;
    }
    let ready = status.ready_replicas.unwrap_or(0);
    let available = status.available_replicas.unwrap_or(ready);
    let updated = status.updated_replicas.unwrap_or(0);
    let strategy = spec.update_strategy.unwrap_or_default();
    let by_hand = strategy.type_.as_deref() == Some("OnDelete");
    let kept = strategy
        .rolling_update
        .and_then(|rolling| rolling.partition)
        .unwrap_or(0);
    let to_update = if by_hand {
        0
    } else {
        wanted.saturating_sub(kept).max(0)
    };
    let same_revision = status.update_revision.is_some() && status.update_revision == status.current_revision;
    if status.replicas > wanted {
        return Rollout::Progressing(format!(
            "{} pods too many are not gone yet",
            status.replicas - wanted
        ));
    }
    if !same_revision && updated < to_update {
        return Rollout::Progressing(format!("{updated} of {to_update} pods updated"));
    }
    if ready < wanted {
        return Rollout::Progressing(format!("{ready} of {wanted} pods ready"));
    }
    if available < wanted {
        return Rollout::Progressing(format!("{available} of {wanted} pods available"));
    }
    Rollout::Done
}

/// A `DaemonSet`'s rollout: done when every node that should has an available pod of the newest template.
pub fn daemon_set(set: &DaemonSet) -> Rollout {
    let status = set.status.clone().unwrap_or_default();
    if let Some(unseen) = unseen(&set.metadata, status.observed_generation) {
        return unseen;
    }
    let strategy = set.spec.as_ref().and_then(|spec| spec.update_strategy.as_ref());
    let by_hand = strategy.is_some_and(|strategy| strategy.type_.as_deref() == Some("OnDelete"));
    let wanted = status.desired_number_scheduled;
    let updated = status.updated_number_scheduled.unwrap_or(0);
    let available = status.number_available.unwrap_or(0);
    if !by_hand && updated < wanted {
        return Rollout::Progressing(format!("{updated} of {wanted} pods updated"));
    }
    if available < wanted {
        return Rollout::Progressing(format!("{available} of {wanted} pods available"));
    }
    Rollout::Done
}

/// A Deployment's pods.
pub fn deployment_counts(deployment: &Deployment) -> Counts {
    let status = deployment.status.clone().unwrap_or_default();
    Counts {
        wanted: deployment
            .spec
            .as_ref()
            .and_then(|spec| spec.replicas)
            .unwrap_or(1),
        updated: status.updated_replicas.unwrap_or(0),
        ready: status.ready_replicas.unwrap_or(0),
    }
}

/// A `StatefulSet`'s pods.
pub fn stateful_set_counts(set: &StatefulSet) -> Counts {
    let status = set.status.clone().unwrap_or_default();
    Counts {
        wanted: set.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1),
        updated: status.updated_replicas.unwrap_or(0),
        ready: status.ready_replicas.unwrap_or(0),
    }
}

/// A `DaemonSet`'s pods.
pub fn daemon_set_counts(set: &DaemonSet) -> Counts {
    let status = set.status.clone().unwrap_or_default();
    Counts {
        wanted: status.desired_number_scheduled,
        updated: status.updated_number_scheduled.unwrap_or(0),
        ready: status.number_ready,
    }
}

fn unseen(metadata: &ObjectMeta, observed: Option<i64>) -> Option<Rollout> {
    let wanted = metadata.generation.unwrap_or(0);
    let observed = observed.unwrap_or(0);
    (observed < wanted)
        .then(|| Rollout::Progressing("Kubernetes has not looked at the last change yet".to_owned()))
}

#[cfg(test)]
mod tests;
