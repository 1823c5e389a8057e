//! What `ratectl` has deployed: the newest revision of each component.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;

use crate::inventory::{self, Inventory};
use crate::kubernetes::{Cluster, Error, Health, Workload};
use crate::manifest::{MANAGED_BY, PROJECT};

/// A component of the project in the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    /// Its name.
    pub component: String,
    /// The number of its newest revision; 0 when none is kept.
    pub revision: u64,
    /// When that was applied, as RFC 3339 in UTC.
    pub time: String,
    /// The images that it names, with the digests of those that were built.
    pub images: BTreeSet<String>,
    /// How its workloads are, by the worst of them; `None` when it has none.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
}

/// The inventories of a project's components, by name. One that cannot be read is left out: `ratectl history` says why.
pub(super) async fn inventories(cluster: &Cluster, project: &str) -> Result<Vec<Inventory>, Error> {
    let ours = ListParams::default().labels(&format!("{MANAGED_BY}=ratectl,{PROJECT}={project}"));
    let listed = Api::<ConfigMap>::all(cluster.client().clone()).list(&ours).await;
    let listed = listed.map_err(|error| cluster.failed("list inventories".to_owned(), error))?;
    let found = listed.items.into_iter().filter_map(|map| {
        let inventory = inventory::decode(&map.data.unwrap_or_default()).ok()?;
        let name = inventory::name(&inventory.project, &inventory.component);
        (inventory.project == project && map.metadata.name == Some(name)).then_some(inventory)
    });
    let mut inventories: Vec<Inventory> = found.collect();
    inventories.sort_by(|a, b| a.component.cmp(&b.component));
    Ok(inventories)
}

/// Whether a workload is one of an inventory's objects.
pub(super) fn belongs(workload: &Workload, inventory: &Inventory) -> bool {
    inventory.entries.iter().any(|(id, entry)| {
        let same = (id.kind.as_str(), id.name.as_str()) == (workload.kind, workload.name.as_str());
        same && !entry.stale && id.namespace.as_deref() == Some(workload.namespace.as_str())
    })
}

/// The components without an inventory.
pub(super) fn missing(components: &[String], inventories: &[Inventory]) -> Vec<String> {
    let deployed = |name: &&String| inventories.iter().any(|inventory| inventory.component == **name);
    components
        .iter()
        .filter(|name| !deployed(name))
        .cloned()
        .collect()
}

/// Each component with how its workloads are.
pub(super) fn of(inventories: &[Inventory], workloads: &[Workload]) -> Vec<Deployed> {
    let deployed = inventories.iter().map(|inventory| {
        let own = workloads.iter().filter(|workload| belongs(workload, inventory));
        let current = inventory.current();
        Deployed {
            component: inventory.component.clone(),
            revision: current.map_or(0, |revision| revision.number),
            time: current.map(|revision| revision.time.clone()).unwrap_or_default(),
            images: current
                .map(|revision| revision.images.clone())
                .unwrap_or_default(),
            health: own
                .map(|workload| workload.health.clone())
                .max_by_key(|health| match health {
                    Health::Ready => 0,
                    Health::Progressing(_) => 1,
                    Health::Degraded(_) => 2,
                }),
        }
    });
    deployed.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use test_case::test_case;

    use super::*;
    use crate::inventory::Entry;
    use crate::manifest::Id;

    fn workload(name: &str, health: &Health) -> Workload {
        Workload {
            namespace: "rating".to_owned(),
            kind: "Deployment",
            name: name.to_owned(),
            labels: BTreeMap::new(),
            wanted: 1,
            updated: 1,
            ready: 1,
            images: Vec::new(),
            health: health.clone(),
        }
    }

    fn inventory(names: &[&str]) -> Inventory {
        let id = |name: &&str| Id {
            group: "apps".to_owned(),
            kind: "Deployment".to_owned(),
            namespace: Some("rating".to_owned()),
            name: (*name).to_owned(),
        };
        let entries = names.iter().map(|name| (id(name), Entry::default()));
        Inventory {
            entries: entries.collect(),
            ..Inventory::new("rating", "service")
        }
    }

    #[test]
    fn a_component_without_an_inventory_was_not_deployed() {
        let names = ["nats", "service"].map(str::to_owned);
        assert_eq!(missing(&names, &[inventory(&[])]), ["nats"]);
        assert_eq!(missing(&names, &[]), names);
    }

    const DEGRADED: fn() -> Health = || Health::Degraded("no".to_owned());
    const ON_ITS_WAY: fn() -> Health = || Health::Progressing("soon".to_owned());

    #[test_case(&["a", "b"] => Some(ON_ITS_WAY()); "the worst of two")]
    #[test_case(&["a", "b", "c"] => Some(DEGRADED()); "the worst of three")]
    #[test_case(&["a"] => Some(Health::Ready); "the only one")]
    #[test_case(&["other"] => None; "without a workload")]
    fn health_of(names: &[&str]) -> Option<Health> {
        let workloads = [("a", Health::Ready), ("b", ON_ITS_WAY()), ("c", DEGRADED())];
        let workloads = workloads.map(|(name, health)| workload(name, &health));
        of(&[inventory(names)], &workloads).remove(0).health
    }
}
