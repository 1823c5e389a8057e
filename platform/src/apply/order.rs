//! In which order kinds are applied; they are removed in the opposite one.

use crate::manifest::{Id, Object};

/// A layer: what is in it can be applied side by side. Later ones need earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    Namespaces,
    Definitions,
    Configuration,
    Services,
    Workloads,
    Custom,
    Routes,
}

impl Layer {
    pub(crate) const ALL: [Self; 7] = [
        Self::Namespaces,
        Self::Definitions,
        Self::Configuration,
        Self::Services,
        Self::Workloads,
        Self::Custom,
        Self::Routes,
    ];

    pub(crate) fn of_id(id: &Id) -> Self {
        Self::of_kind(&id.group, &id.kind)
    }

    pub(crate) fn of(object: &Object) -> Self {
        Self::of_kind(object.group(), object.kind())
    }

    fn of_kind(group: &str, kind: &str) -> Self {
        match (group, kind) {
            ("", "Namespace") => Self::Namespaces,
            ("apiextensions.k8s.io", _) => Self::Definitions,
            ("", "Service" | "Endpoints") | ("discovery.k8s.io", _) => Self::Services,
            ("", "Pod" | "ReplicationController") | ("apps" | "batch" | "autoscaling" | "policy", _) => {
                Self::Workloads
            }
            ("networking.k8s.io", "NetworkPolicy") => Self::Workloads,
            ("networking.k8s.io", "Ingress") => Self::Routes,
            ("gateway.networking.k8s.io", kind) if kind.ends_with("Route") => Self::Routes,
            // The first two answer for what runs, and refuse everything while it does not.
            ("admissionregistration.k8s.io" | "apiregistration.k8s.io" | "gateway.networking.k8s.io", _) => {
                Self::Custom
            }
            (group, _) if is_built_in(group) => Self::Configuration,
            _ => Self::Custom,
        }
    }
}

/// Whether Kubernetes itself serves the group.
fn is_built_in(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("", "Namespace" => Layer::Namespaces)]
    #[test_case("apiextensions.k8s.io", "CustomResourceDefinition" => Layer::Definitions)]
    #[test_case("", "Secret" => Layer::Configuration)]
    #[test_case("rbac.authorization.k8s.io", "ClusterRole" => Layer::Configuration)]
    #[test_case("storage.k8s.io", "StorageClass" => Layer::Configuration)]
    #[test_case("", "Service" => Layer::Services)]
    #[test_case("apps", "Deployment" => Layer::Workloads)]
    #[test_case("policy", "PodDisruptionBudget" => Layer::Workloads)]
    #[test_case("networking.k8s.io", "NetworkPolicy" => Layer::Workloads)]
    #[test_case("jetstream.nats.io", "Stream" => Layer::Custom)]
    #[test_case("keda.sh", "ScaledObject" => Layer::Custom)]
    #[test_case("gateway.networking.k8s.io", "Gateway" => Layer::Custom)]
    #[test_case("gateway.networking.k8s.io", "HTTPRoute" => Layer::Routes)]
    #[test_case("networking.k8s.io", "Ingress" => Layer::Routes)]
    fn layer(group: &str, kind: &str) -> Layer {
        Layer::of_kind(group, kind)
    }
}
