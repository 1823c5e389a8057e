//! The order in which objects are applied: what others need comes first.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Object;
use super::scope::is_built_in;

/// Objects that may be applied side by side; each layer when the one before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// Namespaces.
    Namespaces,
    /// Definitions of resources.
    Definitions,
    /// What workloads refer to: accounts, roles, configuration, secrets, quotas, classes, storage.
    Configuration,
    /// Services, before the pods that look for them.
    Services,
    /// What runs, and what governs how it runs.
    Workloads,
    /// Custom resources, whose controllers may be among the workloads.
    CustomResources,
    /// What leads requests to all this: routes, and hooks into the API server.
    Routes,
}

/// Group and kind of what is built in and is no configuration.
const LAYERS: [(&str, &str, Layer); 24] = [
    ("", "Namespace", Layer::Namespaces),
    (
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        Layer::Definitions,
    ),
    ("", "Service", Layer::Services),
    ("", "Endpoints", Layer::Services),
    ("discovery.k8s.io", "EndpointSlice", Layer::Services),
    ("", "Pod", Layer::Workloads),
    ("", "PodTemplate", Layer::Workloads),
    ("", "ReplicationController", Layer::Workloads),
    ("apps", "ControllerRevision", Layer::Workloads),
    ("apps", "DaemonSet", Layer::Workloads),
    ("apps", "Deployment", Layer::Workloads),
    ("apps", "ReplicaSet", Layer::Workloads),
    ("apps", "StatefulSet", Layer::Workloads),
    ("autoscaling", "HorizontalPodAutoscaler", Layer::Workloads),
    ("batch", "CronJob", Layer::Workloads),
    ("batch", "Job", Layer::Workloads),
    ("networking.k8s.io", "NetworkPolicy", Layer::Workloads),
    ("policy", "PodDisruptionBudget", Layer::Workloads),
    ("networking.k8s.io", "Ingress", Layer::Routes),
    ("apiregistration.k8s.io", "APIService", Layer::Routes),
    (
        "admissionregistration.k8s.io",
        "MutatingAdmissionPolicyBinding",
        Layer::Routes,
    ),
    (
        "admissionregistration.k8s.io",
        "MutatingWebhookConfiguration",
        Layer::Routes,
    ),
    (
        "admissionregistration.k8s.io",
        "ValidatingAdmissionPolicyBinding",
        Layer::Routes,
    ),
    (
        "admissionregistration.k8s.io",
        "ValidatingWebhookConfiguration",
        Layer::Routes,
    ),
];

impl Layer {
    /// That of an object.
    pub fn of(object: &Object) -> Self {
        Self::of_kind(object.group(), object.kind())
    }

    /// That of all objects of a kind.
    pub fn of_kind(group: &str, kind: &str) -> Self {
        if is_built_in(group) {
            let listed = LAYERS.iter().find(|(of, name, _)| (*of, *name) == (group, kind));
            return listed.map_or(Self::Configuration, |(.., layer)| *layer);
        }
        // HTTPRoute, GRPCRoute, IngressRoute and their like.
        if kind.ends_with("Route") {
            Self::Routes
        } else {
            Self::CustomResources
        }
    }
}

/// The objects by layer, first to last; inside a layer in the order they came in. Layers without objects are left out.
pub fn layers(objects: Vec<Object>) -> Vec<(Layer, Vec<Object>)> {
    let mut layers: BTreeMap<Layer, Vec<Object>> = BTreeMap::new();
    for object in objects {
        layers.entry(Layer::of(&object)).or_default().push(object);
    }
    layers.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn object(api_version: &str, kind: &str) -> Object {
        let value = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}});
        Object::new(value).unwrap()
    }

    #[test_case("v1", "Namespace" => Layer::Namespaces)]
    #[test_case("apiextensions.k8s.io/v1", "CustomResourceDefinition" => Layer::Definitions)]
    #[test_case("v1", "ServiceAccount" => Layer::Configuration)]
    #[test_case("rbac.authorization.k8s.io/v1", "ClusterRoleBinding" => Layer::Configuration)]
    #[test_case("v1", "Secret" => Layer::Configuration)]
    #[test_case("v1", "ResourceQuota" => Layer::Configuration)]
    #[test_case("scheduling.k8s.io/v1", "PriorityClass" => Layer::Configuration)]
    #[test_case("storage.k8s.io/v1", "StorageClass" => Layer::Configuration)]
    #[test_case("v1", "PersistentVolumeClaim" => Layer::Configuration)]
    #[test_case("networking.k8s.io/v1", "IngressClass" => Layer::Configuration)]
    #[test_case("v1", "Service" => Layer::Services)]
    #[test_case("apps/v1", "Deployment" => Layer::Workloads)]
    #[test_case("apps/v1", "StatefulSet" => Layer::Workloads)]
    #[test_case("batch/v1", "Job" => Layer::Workloads)]
    #[test_case("policy/v1", "PodDisruptionBudget" => Layer::Workloads)]
    #[test_case("autoscaling/v2", "HorizontalPodAutoscaler" => Layer::Workloads)]
    #[test_case("networking.k8s.io/v1", "NetworkPolicy" => Layer::Workloads)]
    #[test_case("jetstream.nats.io/v1beta2", "Stream" => Layer::CustomResources)]
    #[test_case("gateway.networking.k8s.io/v1", "GatewayClass" => Layer::CustomResources)]
    #[test_case("gateway.networking.k8s.io/v1", "Gateway" => Layer::CustomResources)]
    #[test_case("keda.sh/v1alpha1", "ScaledObject" => Layer::CustomResources)]
    #[test_case("gateway.networking.k8s.io/v1", "HTTPRoute" => Layer::Routes)]
    #[test_case("networking.k8s.io/v1", "Ingress" => Layer::Routes)]
    #[test_case("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration" => Layer::Routes)]
    fn the_layer_of(api_version: &str, kind: &str) -> Layer {
        Layer::of(&object(api_version, kind))
    }

    #[test]
    fn layers_come_in_order_and_keep_the_order_inside() {
        let kinds = [
            ("gateway.networking.k8s.io/v1", "HTTPRoute"),
            ("apps/v1", "StatefulSet"),
            ("v1", "Service"),
            ("apps/v1", "Deployment"),
            ("v1", "Namespace"),
        ];
        let sorted = layers(kinds.map(|(version, kind)| object(version, kind)).into());
        let names: Vec<(Layer, Vec<&str>)> = sorted
            .iter()
            .map(|(layer, objects)| (*layer, objects.iter().map(Object::kind).collect()))
            .collect();
        assert_eq!(
            names,
            [
                (Layer::Namespaces, vec!["Namespace"]),
                (Layer::Services, vec!["Service"]),
                (Layer::Workloads, vec!["StatefulSet", "Deployment"]),
                (Layer::Routes, vec!["HTTPRoute"]),
            ]
        );
    }
}
