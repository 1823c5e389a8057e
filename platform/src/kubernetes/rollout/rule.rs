//! Which rule says whether an object is as it was last asked to be.

use k8s_openapi::api::core::v1::Pod;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Rollout, custom, gateway, job};
use crate::kubernetes::pods;

/// How the rollout of one kind of object is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A Deployment: the newest template, available.
    Deployment,
    /// A `StatefulSet`.
    StatefulSet,
    /// A `DaemonSet`.
    DaemonSet,
    /// A Job: Complete, or Failed.
    Job,
    /// A bare pod: ready, or ended well.
    Pod,
    /// A `CustomResourceDefinition`: Established, its names accepted.
    Definition,
    /// An `APIService`: Available.
    ApiService,
    /// What NACK keeps: streams, consumers, buckets, accounts.
    Stream,
    /// A Gateway: Accepted and Programmed.
    Gateway,
    /// A `GatewayClass`: Accepted.
    GatewayClass,
    /// A route: Accepted by each of its parents, with everything it refers to found.
    Route,
    /// Any other custom resource, by the conditions that most controllers write.
    Conditions,
}

impl Rule {
    /// The rule for a kind; `None` for one whose objects are done when they are written.
    pub fn of(group: &str, kind: &str) -> Option<Self> {
        Some(match (group, kind) {
            ("apps", "Deployment") => Self::Deployment,
            ("apps", "StatefulSet") => Self::StatefulSet,
            ("apps", "DaemonSet") => Self::DaemonSet,
            ("batch", "Job") => Self::Job,
            ("", "Pod") => Self::Pod,
            ("apiextensions.k8s.io", "CustomResourceDefinition") => Self::Definition,
            ("apiregistration.k8s.io", "APIService") => Self::ApiService,
            ("jetstream.nats.io", _) => Self::Stream,
            ("gateway.networking.k8s.io", "Gateway") => Self::Gateway,
            ("gateway.networking.k8s.io", "GatewayClass") => Self::GatewayClass,
            ("gateway.networking.k8s.io", kind) if kind.ends_with("Route") => Self::Route,
            // The groups of Kubernetes itself have no dot, or end like this.
            (group, _) if !group.contains('.') || group.ends_with(".k8s.io") => return None,
            _ => Self::Conditions,
        })
    }

    /// How far the rollout of `object` is, as the API server gave it.
    pub fn judge(self, object: &Value) -> Rollout {
        match self {
            Self::Deployment => typed(object, super::deployment),
            Self::StatefulSet => typed(object, super::stateful_set),
            Self::DaemonSet => typed(object, super::daemon_set),
            Self::Job => job::job(object),
            Self::Pod => typed(object, pod),
            Self::Definition => custom::definition(object),
            Self::ApiService => custom::api_service(object),
            Self::Stream => custom::stream(object),
            Self::Gateway => gateway::gateway(object),
            Self::GatewayClass => gateway::class(object),
            Self::Route => gateway::route(object),
            Self::Conditions => custom::conditions(object),
        }
    }

    /// Whether its work may be to write other objects, such as a Secret.
    pub fn makes_objects(self) -> bool {
        matches!(self, Self::Conditions | Self::Job)
    }

    /// Whether it keeps pods running.
    pub fn keeps_pods(self) -> bool {
        self.has_pods() && self != Self::Job
    }

    /// Whether pods do its work.
    pub fn has_pods(self) -> bool {
        matches!(
            self,
            Self::Deployment | Self::StatefulSet | Self::DaemonSet | Self::Job | Self::Pod
        )
    }
}

fn typed<T: DeserializeOwned>(object: &Value, judge: impl FnOnce(&T) -> Rollout) -> Rollout {
    match serde_json::from_value(object.clone()) {
        Ok(object) => judge(&object),
        Err(error) => Rollout::Progressing(format!("its state cannot be read: {error}")),
    }
}

fn pod(pod: &Pod) -> Rollout {
    match pods::trouble(pod) {
        None if pod.status.is_some() => Rollout::Done,
        None => Rollout::Progressing("not started yet".to_owned()),
        Some(trouble) => Rollout::Progressing(trouble),
    }
}

#[cfg(test)]
mod tests;
