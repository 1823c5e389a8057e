//! What runs in the cluster.

use serde::Serialize;

use super::deployed::belongs;
use crate::inventory::Inventory;
use crate::kubernetes::{Health, Workload};
use crate::manifest::{COMPONENT, PROJECT};

/// Where Kubernetes keeps what belongs to itself.
pub(super) const SYSTEM: &str = "kube-system";

/// Something that keeps pods running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// The workload.
    #[serde(flatten)]
    pub workload: Workload,
    /// Whether it was deployed as a part of the project, as its labels or an inventory say.
    pub of_project: bool,
}

/// The workloads: those of the project first; those of Kubernetes itself only when something is wrong with them.
pub(super) fn of(
    workloads: Vec<Workload>,
    project: Option<&str>,
    inventories: &[Inventory],
) -> Vec<Component> {
    let shown = |workload: &Workload| workload.namespace != SYSTEM || workload.health != Health::Ready;
    let mut components: Vec<Component> = workloads
        .into_iter()
        .filter(shown)
        .map(|workload| Component {
            of_project: project.is_some_and(|project| is_labelled(&workload, project))
                || inventories.iter().any(|inventory| belongs(&workload, inventory)),
            workload,
        })
        .collect();
    components.sort_by_key(|component| !component.of_project);
    components
}

/// Whether `ratectl` has deployed it for the project.
fn is_labelled(workload: &Workload, project: &str) -> bool {
    workload.labels.contains_key(COMPONENT)
        && workload.labels.get(PROJECT).is_some_and(|label| label == project)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn workload(namespace: &str, name: &str, health: Health) -> Workload {
        Workload {
            namespace: namespace.to_owned(),
            kind: "Deployment",
            name: name.to_owned(),
            labels: BTreeMap::new(),
            wanted: 1,
            updated: 1,
            ready: 1,
            images: Vec::new(),
            health,
        }
    }

    /// One that was deployed for a project.
    fn labelled(project: &str, name: &str) -> Workload {
        let labels = [(PROJECT, project), (COMPONENT, "nats")];
        Workload {
            labels: labels
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..workload("messaging", name, Health::Ready)
        }
    }

    #[test]
    fn what_only_has_the_name_of_a_component_is_not_the_projects() {
        let workloads = vec![
            workload("elsewhere", "nats", Health::Ready),
            labelled("other", "nats"),
        ];
        let components = of(workloads, Some("shop"), &[]);
        assert!(components.iter().all(|component| !component.of_project));
    }

    #[test]
    fn the_projects_come_first_and_kubernetes_own_only_when_something_is_wrong() {
        let degraded = || Health::Degraded("no".to_owned());
        let workloads = vec![
            workload("default", "other", Health::Ready),
            workload("kube-system", "coredns", Health::Ready),
            workload("kube-system", "metrics-server", degraded()),
            labelled("shop", "broker"),
        ];
        let components = of(workloads, Some("shop"), &[]);
        let names: Vec<(&str, bool)> = components
            .iter()
            .map(|of| (of.workload.name.as_str(), of.of_project))
            .collect();
        assert_eq!(
            names,
            [("broker", true), ("other", false), ("metrics-server", false)]
        );
    }
}
