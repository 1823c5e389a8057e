//! Which pods belong to a component, from its manifests.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::{Selector, SelectorExt as _};

use crate::manifest::Object;

/// Pods of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pods {
    /// The component.
    pub component: String,
    /// Where they are.
    pub namespace: String,
    /// The label selector that finds them.
    pub selector: Selector,
}

impl Pods {
    /// Whether a pod of this namespace with these labels is one of them.
    pub fn has(&self, namespace: &str, labels: &BTreeMap<String, String>) -> bool {
        self.namespace == namespace && self.selector.matches(labels)
    }
}

/// The pods of everything among `objects` that makes pods; `namespace` is that of objects that name none.
pub fn of_objects(component: &str, namespace: &str, objects: &[Object]) -> Vec<Pods> {
    let mut found: Vec<Pods> = Vec::new();
    for object in objects {
        let Some(selector) = selector(object) else {
            continue;
        };
        let pods = Pods {
            component: component.to_owned(),
            namespace: object.namespace().unwrap_or(namespace).to_owned(),
            selector,
        };
        if !found.contains(&pods) {
            found.push(pods);
        }
    }
    found
}

fn selector(object: &Object) -> Option<Selector> {
    match (object.group(), object.kind()) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet") => {
            let selector = object.value().pointer("/spec/selector")?.clone();
            let selector: LabelSelector = serde_json::from_value(selector).ok()?;
            let selector = Selector::try_from(selector).ok()?;
            (!selector.selects_all()).then_some(selector)
        }
        ("batch", "Job") => Some(labelled("batch.kubernetes.io/job-name", object.name())),
        // The pods that a controller makes for it have this label (Gateway API, GEP-1762).
        ("gateway.networking.k8s.io", "Gateway") => {
            Some(labelled("gateway.networking.k8s.io/gateway-name", object.name()))
        }
        _ => None,
    }
}

fn labelled(label: &str, value: &str) -> Selector {
    Selector::from_iter([(label.to_owned(), value.to_owned())])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_that_makes_pods_has_a_selector() {
        let workload = |kind: &str, name: &str| json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {"selector": {"matchLabels": {"app": name}}}});
        let objects = [
            workload("Deployment", "web"),
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}}),
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate", "namespace": "m"}}),
            workload("DaemonSet", "web"),
        ];
        let objects = objects.map(|object| Object::new(object).unwrap());
        let found = of_objects("c", "n", &objects);
        let found: Vec<_> = found
            .iter()
            .map(|pods| (pods.namespace.as_str(), pods.selector.to_string()))
            .collect();
        assert_eq!(
            found,
            [
                ("n", "app=web".to_owned()),
                ("m", "batch.kubernetes.io/job-name=migrate".to_owned())
            ]
        );
    }
}
