//! What a whole object of a built-in kind cannot be without. A document in an overlay that lacks it is not a new object but a change to one
//! that is not there: its name is misspelt.

use serde_json::Value;

use super::Object;

/// Group, kind, and the part that every whole object of it has.
const PARTS: [(&str, &str, &str); 20] = [
    ("", "PersistentVolume", "/spec/capacity"),
    ("", "PersistentVolumeClaim", "/spec/accessModes"),
    ("", "Pod", "/spec/containers"),
    ("", "ReplicationController", "/spec/template"),
    ("", "Service", "/spec"),
    ("apiextensions.k8s.io", "CustomResourceDefinition", "/spec/names"),
    ("apps", "DaemonSet", "/spec/template"),
    ("apps", "Deployment", "/spec/template"),
    ("apps", "ReplicaSet", "/spec/selector"),
    ("apps", "StatefulSet", "/spec/template"),
    ("autoscaling", "HorizontalPodAutoscaler", "/spec/scaleTargetRef"),
    ("batch", "CronJob", "/spec/jobTemplate"),
    ("batch", "Job", "/spec/template"),
    ("gateway.networking.k8s.io", "Gateway", "/spec/gatewayClassName"),
    (
        "gateway.networking.k8s.io",
        "GatewayClass",
        "/spec/controllerName",
    ),
    ("networking.k8s.io", "NetworkPolicy", "/spec/podSelector"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", "/roleRef"),
    ("rbac.authorization.k8s.io", "RoleBinding", "/roleRef"),
    ("scheduling.k8s.io", "PriorityClass", "/value"),
    ("storage.k8s.io", "StorageClass", "/provisioner"),
];
/// Kinds whose pods are made from a template.
const PODS: &str = "/spec/template/spec/containers";

/// The first part that the object lacks, as people write it (`spec.template`).
pub(super) fn missing(object: &Object) -> Option<String> {
    let (group, kind) = (object.group(), object.kind());
    let own = PARTS.iter().filter(|(of, name, _)| (*of, *name) == (group, kind));
    let mut parts: Vec<&str> = own.map(|(.., pointer)| *pointer).collect();
    if parts.contains(&"/spec/template") {
        parts.push(PODS);
    }
    let has = |pointer: &str| !matches!(object.value().pointer(pointer), None | Some(Value::Null));
    let lacks = parts.into_iter().find(|pointer| !has(pointer))?;
    Some(lacks.trim_start_matches('/').replace('/', "."))
}
