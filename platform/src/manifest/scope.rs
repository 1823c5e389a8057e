//! What lives in a namespace and what does not, as far as it is known without asking a cluster.

use serde_json::Value;

use super::Object;

/// Whether objects of a kind live in namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Namespaced,
    Cluster,
    /// A resource that somebody has defined; only the cluster, or its definition, knows.
    Unknown,
}

/// The API groups that every cluster has. What they have is namespaced, but for [`CLUSTER_KINDS`].
const BUILT_IN: [&str; 19] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "scheduling.k8s.io",
    "storage.k8s.io",
];
/// Group and kind of what is built in and belongs to the whole cluster.
const CLUSTER_KINDS: [(&str, &str); 31] = [
    ("", "ComponentStatus"),
    ("", "Namespace"),
    ("", "Node"),
    ("", "PersistentVolume"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("authentication.k8s.io", "SelfSubjectReview"),
    ("authentication.k8s.io", "TokenReview"),
    ("authorization.k8s.io", "SelfSubjectAccessReview"),
    ("authorization.k8s.io", "SelfSubjectRulesReview"),
    ("authorization.k8s.io", "SubjectAccessReview"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("certificates.k8s.io", "ClusterTrustBundle"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ("networking.k8s.io", "IPAddress"),
    ("networking.k8s.io", "IngressClass"),
    ("networking.k8s.io", "ServiceCIDR"),
    ("node.k8s.io", "RuntimeClass"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "CSINode"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttachment"),
    ("storage.k8s.io", "VolumeAttributesClass"),
];
/// A built-in group of its own, because its name would be taken for a defined one.
const RBAC: &str = "rbac.authorization.k8s.io";

impl Scope {
    /// That of a kind which no definition at hand describes.
    pub(super) fn of(group: &str, kind: &str) -> Self {
        if group == RBAC && kind.starts_with("Cluster") || CLUSTER_KINDS.contains(&(group, kind)) {
            Self::Cluster
        } else if is_built_in(group) {
            Self::Namespaced
        } else {
            Self::Unknown
        }
    }
}

/// Whether every cluster has this group.
pub(super) fn is_built_in(group: &str) -> bool {
    group == RBAC || BUILT_IN.contains(&group)
}

/// Kinds that are defined by objects at hand.
#[derive(Debug, Default)]
pub(super) struct Defined(Vec<(String, String, Scope)>);

impl Defined {
    /// What the definitions among `objects` say.
    pub(super) fn by<'a>(objects: impl IntoIterator<Item = &'a Object>) -> Self {
        let of = |object: &Object| {
            let text = |pointer| object.value().pointer(pointer).and_then(Value::as_str);
            let definition =
                object.group() == "apiextensions.k8s.io" && object.kind() == "CustomResourceDefinition";
            let scope = match text("/spec/scope")? {
                "Cluster" => Scope::Cluster,
                _ => Scope::Namespaced,
            };
            definition.then_some(())?;
            Some((
                text("/spec/group")?.to_owned(),
                text("/spec/names/kind")?.to_owned(),
                scope,
            ))
        };
        Self(objects.into_iter().filter_map(of).collect())
    }

    /// The scope of an object.
    pub(super) fn scope(&self, object: &Object) -> Scope {
        let (group, kind) = (object.group(), object.kind());
        match Scope::of(group, kind) {
            Scope::Unknown => self
                .0
                .iter()
                .find(|(of, name, _)| of == group && name == kind)
                .map_or(Scope::Unknown, |(.., scope)| *scope),
            known => known,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("", "ConfigMap" => Scope::Namespaced)]
    #[test_case("", "Namespace" => Scope::Cluster)]
    #[test_case("apps", "Deployment" => Scope::Namespaced)]
    #[test_case("rbac.authorization.k8s.io", "Role" => Scope::Namespaced)]
    #[test_case("rbac.authorization.k8s.io", "ClusterRoleBinding" => Scope::Cluster)]
    #[test_case("networking.k8s.io", "Ingress" => Scope::Namespaced)]
    #[test_case("networking.k8s.io", "IngressClass" => Scope::Cluster)]
    #[test_case("gateway.networking.k8s.io", "GatewayClass" => Scope::Unknown)]
    #[test_case("jetstream.nats.io", "Stream" => Scope::Unknown)]
    fn the_scope_of(group: &str, kind: &str) -> Scope {
        Scope::of(group, kind)
    }

    #[test]
    fn a_definition_at_hand_says_the_scope_of_its_kind() {
        let definition = |kind: &str, scope: &str| {
            Object::new(json!({
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": {"name": kind},
                "spec": {"group": "example.org", "scope": scope, "names": {"kind": kind}},
            }))
            .unwrap()
        };
        let defined = Defined::by(&[definition("World", "Cluster"), definition("Room", "Namespaced")]);
        let scope = |kind: &str| {
            let object = json!({"apiVersion": "example.org/v1", "kind": kind, "metadata": {"name": "a"}});
            defined.scope(&Object::new(object).unwrap())
        };
        assert_eq!(
            [scope("World"), scope("Room"), scope("Other")],
            [Scope::Cluster, Scope::Namespaced, Scope::Unknown]
        );
    }
}
