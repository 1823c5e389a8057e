//! What is waited for, and where in the API it is.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use kube::core::{DynamicObject, GroupVersionKind, dynamic::ApiResource};
use kube::discovery::{self, Scope};
use kube::runtime::watcher;
use kube::{Api, Client};
use serde_json::Value;

use crate::kubernetes::Cluster;
use crate::kubernetes::rollout::Rule;
use crate::kubernetes::watched::Watched;
use crate::manifest::{Id, Object};

/// One object that has a rollout.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) id: Id,
    pub(super) rule: Rule,
    /// As it was applied.
    pub(super) wanted: Value,
}

/// Objects of one kind in one namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    group: String,
    version: String,
    kind: String,
    namespace: Option<String>,
}

/// Targets by where they are.
pub(super) type Targets = BTreeMap<Place, Vec<Target>>;

/// All targets of one place, which are watched together.
pub(super) struct Group {
    pub(super) targets: Vec<Target>,
    pub(super) watched: Watched<DynamicObject>,
    /// Whether the kind has a status apart from what people write.
    pub(super) has_status: bool,
}

/// The targets among the objects.
pub(super) fn targets(objects: &[Object]) -> Targets {
    let mut targets = Targets::new();
    for object in objects {
        let Some(rule) = Rule::of(object.group(), object.kind()) else {
            continue;
        };
        let version = object.api_version().rsplit('/').next().unwrap_or_default();
        let place = Place {
            group: object.group().to_owned(),
            version: version.to_owned(),
            kind: object.kind().to_owned(),
            namespace: object.namespace().map(str::to_owned),
        };
        targets.entry(place).or_default().push(Target {
            id: object.id(),
            rule,
            wanted: object.value().clone(),
        });
    }
    targets
}

/// Begins to watch all of them; asks the API server only about kinds that are not known here.
pub(super) async fn watch(cluster: &Cluster, targets: Targets) -> Result<Vec<Group>, kube::Error> {
    let places = targets.into_iter();
    try_join_all(places.map(|(place, targets)| group(cluster.client(), place, targets))).await
}

async fn group(client: &Client, place: Place, mut targets: Vec<Target>) -> Result<Group, kube::Error> {
    let kind = GroupVersionKind::gvk(&place.group, &place.version, &place.kind);
    let known = targets.first().and_then(|target| known(target.rule, &kind));
    let (resource, namespaced, has_status) = if let Some((resource, namespaced)) = known {
        (resource, namespaced, true)
    } else {
        let (resource, capabilities) = discovery::pinned_kind(client, &kind).await?;
        let status = |(part, _): &(ApiResource, _)| part.plural.ends_with("status");
        let has_status = capabilities.subresources.iter().any(status);
        (resource, capabilities.scope == Scope::Namespaced, has_status)
    };
    let namespace = namespaced.then(|| place.namespace.clone().unwrap_or_else(|| "default".to_owned()));
    for target in &mut targets {
        target.id.namespace.clone_from(&namespace);
    }
    let api = match &namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let config = match targets.as_slice() {
        [only] => watcher::Config::default().fields(&format!("metadata.name={}", only.id.name)),
        _ => watcher::Config::default(),
    };
    Ok(Group {
        targets,
        watched: Watched::new(api, config),
        has_status,
    })
}

/// The resource of a kind that every cluster has under the same name, and whether it is namespaced.
fn known(rule: Rule, kind: &GroupVersionKind) -> Option<(ApiResource, bool)> {
    // All of these are plurals without surprises.
    let plural = match rule {
        Rule::Conditions => return None,
        Rule::GatewayClass => "gatewayclasses".to_owned(),
        _ => format!("{}s", kind.kind.to_ascii_lowercase()),
    };
    let namespaced = !matches!(rule, Rule::Definition | Rule::ApiService | Rule::GatewayClass);
    Some((ApiResource::from_gvk_with_plural(kind, &plural), namespaced))
}

impl Group {
    /// The target's object as the cluster has it; `None` when it is not there.
    pub(super) fn object(&self, target: &Target) -> Option<Value> {
        let object = self.watched.objects()?.get(&target.id.name)?;
        serde_json::to_value(object).ok()
    }
}
