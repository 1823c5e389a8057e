//! What runs in the cluster.

use serde::Serialize;

use super::deployed::belongs;
use crate::inventory::Inventory;
use crate::kubernetes::{Health, Workload};

/// Where Kubernetes keeps what belongs to itself.
pub(super) const SYSTEM: &str = "kube-system";

/// Something that keeps pods running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// The workload.
    #[serde(flatten)]
    pub workload: Workload,
    /// Whether it was deployed as a part of the project, or the project file names a component like it.
    pub of_project: bool,
}

/// The workloads: those of the project first; those of Kubernetes itself only when something is wrong with them.
pub(super) fn of(workloads: Vec<Workload>, project: &[String], inventories: &[Inventory]) -> Vec<Component> {
    let shown = |workload: &Workload| workload.namespace != SYSTEM || workload.health != Health::Ready;
    let mut components: Vec<Component> = workloads
        .into_iter()
        .filter(shown)
        .map(|workload| Component {
            of_project: project.contains(&workload.name)
                || inventories.iter().any(|inventory| belongs(&workload, inventory)),
            workload,
        })
        .collect();
    components.sort_by_key(|component| !component.of_project);
    components
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(namespace: &str, name: &str, health: Health) -> Workload {
        Workload {
            namespace: namespace.to_owned(),
            kind: "Deployment",
            name: name.to_owned(),
            wanted: 1,
            updated: 1,
            ready: 1,
            images: Vec::new(),
            health,
        }
    }

    #[test]
    fn the_projects_come_first_and_kubernetes_own_only_when_something_is_wrong() {
        let degraded = || Health::Degraded("no".to_owned());
        let workloads = vec![
            workload("default", "other", Health::Ready),
            workload("kube-system", "coredns", Health::Ready),
            workload("kube-system", "metrics-server", degraded()),
            workload("rating", "proxy", Health::Ready),
        ];
        let components = of(workloads, &["proxy".to_owned(), "web".to_owned()], &[]);
        let names: Vec<(&str, bool)> = components
            .iter()
            .map(|of| (of.workload.name.as_str(), of.of_project))
            .collect();
        assert_eq!(
            names,
            [("proxy", true), ("other", false), ("metrics-server", false)]
        );
    }
}
