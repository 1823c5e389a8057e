//! Which kinds the API server serves, under which path: asked once by two requests, and again after new ones came.

use std::collections::HashMap;
use std::sync::Arc;

use kube::Client;
use kube::core::discovery::v2::APIGroupDiscoveryList;
use tokio::sync::Mutex;

use super::api::Trouble;
use crate::kubernetes::Cause;
use crate::manifest::{Id, Object};

/// A kind in one version, as the server serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Such as `apps/v1`.
    pub(crate) api_version: String,
    /// Such as `Deployment`.
    pub(crate) name: String,
    /// Such as `deployments`.
    pub(crate) plural: String,
    /// Whether its objects are in namespaces.
    pub(crate) namespaced: bool,
    /// Whether its objects can be listed and deleted.
    pub(crate) listable: bool,
}

/// All that is served, by group and kind; the preferred version first.
#[derive(Debug, Default)]
pub(crate) struct Table(HashMap<(String, String), Vec<Kind>>);

/// What was last asked.
#[derive(Default)]
pub(crate) struct Kinds {
    known: Mutex<Option<Arc<Table>>>,
}

impl Kinds {
    /// What is served, as it was when first asked.
    pub(crate) async fn table(&self, client: &Client) -> Result<Arc<Table>, Trouble> {
        let mut known = self.known.lock().await;
        if let Some(table) = known.as_ref() {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(discover(client).await?);
        *known = Some(Arc::clone(&table));
        Ok(table)
    }

    /// Asks again, unless somebody else has since `seen` was told.
    pub(crate) async fn newer(&self, client: &Client, seen: &Arc<Table>) -> Result<Arc<Table>, Trouble> {
        let mut known = self.known.lock().await;
        if let Some(table) = known.as_ref().filter(|table| !Arc::ptr_eq(table, seen)) {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(discover(client).await?);
        *known = Some(Arc::clone(&table));
        Ok(table)
    }
}

impl Table {
    /// The kind in exactly the version that the object is written in.
    pub(crate) fn of(&self, object: &Object) -> Option<&Kind> {
        self.versions(object.group(), object.kind())
            .iter()
            .find(|kind| kind.api_version == object.api_version())
    }

    /// The kind in the version that the server prefers.
    pub(crate) fn of_id(&self, id: &Id) -> Option<&Kind> {
        self.versions(&id.group, &id.kind).first()
    }

    /// The kind in all its versions.
    pub(crate) fn versions(&self, group: &str, kind: &str) -> &[Kind] {
        // A tuple of borrowed texts is no key of this map.
        let key = (group.to_owned(), kind.to_owned());
        self.0.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Whether the kind is served in this version.
    pub(crate) fn has(&self, kind: &Kind) -> bool {
        let group = kind.api_version.split_once('/').map_or("", |(group, _)| group);
        let mut versions = self.versions(group, &kind.name).iter();
        versions.any(|served| served.api_version == kind.api_version)
    }

    /// Every kind that lives in namespaces and can be listed, once.
    pub(crate) fn in_namespaces(&self) -> impl Iterator<Item = (&str, &Kind)> {
        let preferred = self
            .0
            .iter()
            .filter_map(|((group, _), kinds)| Some((group.as_str(), kinds.first()?)));
        preferred.filter(|(_, kind)| kind.namespaced && kind.listable)
    }
}

async fn discover(client: &Client) -> Result<Table, Trouble> {
    let failed = |error| match error {
        kube::Error::Api(status) => Trouble::Refused(status),
        error => Trouble::Lost(Cause::new(error)),
    };
    let both = tokio::try_join!(
        client.list_core_api_versions_aggregated(),
        client.list_api_groups_aggregated()
    );
    let (core, groups) = both.map_err(failed)?;
    let mut table = Table::default();
    table.add(core);
    table.add(groups);
    Ok(table)
}

impl Table {
    fn add(&mut self, list: APIGroupDiscoveryList) {
        for group in list.items {
            let name = group
                .metadata
                .and_then(|metadata| metadata.name)
                .unwrap_or_default();
            for version in group.versions {
                let number = version.version.unwrap_or_default();
                let api_version = if name.is_empty() {
                    number
                } else {
                    format!("{name}/{number}")
                };
                for resource in version.resources {
                    let kind = resource.response_kind.and_then(|kind| kind.kind);
                    let (Some(kind), Some(plural)) = (kind, resource.resource) else {
                        continue;
                    };
                    let can = |verb: &str| resource.verbs.iter().any(|has| has == verb);
                    let served = Kind {
                        api_version: api_version.clone(),
                        name: kind.clone(),
                        plural,
                        namespaced: resource.scope.as_deref() == Some("Namespaced"),
                        listable: can("list") && can("delete"),
                    };
                    self.0.entry((name.clone(), kind)).or_default().push(served);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(answer: serde_json::Value) -> Table {
        let mut table = Table::default();
        table.add(serde_json::from_value(answer).unwrap());
        table
    }

    #[test]
    fn kinds_are_found_in_the_version_that_is_written_and_in_the_preferred_one() {
        let resource = |version: &str| {
            json!({"version": version, "resources": [{
                "resource": "streams", "responseKind": {"group": "x.io", "version": version, "kind": "Stream"},
                "scope": "Namespaced", "verbs": ["get", "list", "delete"],
            }]})
        };
        let table = table(json!({"items": [
            {"metadata": {"name": "x.io"}, "versions": [resource("v2"), resource("v1")]},
        ]}));
        let object = |api_version: &str| {
            Object::new(json!({"apiVersion": api_version, "kind": "Stream", "metadata": {"name": "a"}}))
                .unwrap()
        };
        assert_eq!(table.of(&object("x.io/v1")).unwrap().api_version, "x.io/v1");
        assert_eq!(table.of(&object("x.io/v3")), None);
        assert_eq!(
            table.of_id(&object("x.io/v1").id()).unwrap().api_version,
            "x.io/v2"
        );
        assert!(table.of_id(&object("x.io/v1").id()).unwrap().namespaced);
        assert_eq!(table.in_namespaces().count(), 1);
    }

    #[test]
    fn the_core_group_has_no_name() {
        let table = table(json!({"items": [{"versions": [{"version": "v1", "resources": [
            {"resource": "nodes", "responseKind": {"group": "", "version": "v1", "kind": "Node"},
             "scope": "Cluster", "verbs": ["get"]},
            {"resource": "odd", "scope": "Cluster", "verbs": []},
        ]}]}]}));
        let node = &table.versions("", "Node")[0];
        assert_eq!(
            (node.api_version.as_str(), node.namespaced, node.listable),
            ("v1", false, false)
        );
    }
}
