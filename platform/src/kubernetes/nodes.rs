//! Nodes: whether they are ready, and what there is to say about them.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Node, NodeCondition};
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;

use super::{Cluster, Error, Starts, text};

/// What is missing until all these nodes are Ready; `None` when nothing is. What a node has said before it was started does not count:
/// after a restart the API server still knows what was true before.
pub(super) fn unready(names: &[String], nodes: &BTreeMap<String, Node>, starts: &Starts) -> Option<String> {
    if names.is_empty() && nodes.is_empty() {
        return Some("no node has registered yet".to_owned());
    }
    let wanted: Vec<&String> = if names.is_empty() {
        nodes.keys().collect()
    } else {
        names.iter().collect()
    };
    let of = wanted.len();
    let missing = wanted.into_iter().filter_map(|name| {
        let reason = match nodes.get(name) {
            None => Some("has not registered yet".to_owned()),
            Some(node) => why_unready(node, starts.get(name).copied()),
        };
        reason.map(|reason| format!("node {name} {reason}"))
    });
    let missing: Vec<String> = missing.collect();
    match missing.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [first, ..] => Some(format!("{} of {of} nodes ready; {first}", of - missing.len())),
    }
}

fn why_unready(node: &Node, started: Option<Timestamp>) -> Option<String> {
    let Some(ready) = condition(node, "Ready") else {
        return Some("has not reported yet".to_owned());
    };
    let reported = ready.last_heartbeat_time.as_ref().map(|time| time.0);
    if started.is_some_and(|started| reported.is_none_or(|reported| reported < started)) {
        return Some("has not reported since its start".to_owned());
    }
    if ready.status == "True" {
        return None;
    }
    let words = [ready.reason.as_deref(), ready.message.as_deref()];
    let words: Vec<&str> = words
        .into_iter()
        .flatten()
        .filter(|words| !words.is_empty())
        .collect();
    Some(text::line(&format!("is not ready ({})", words.join(": "))))
}

fn condition<'a>(node: &'a Node, kind: &str) -> Option<&'a NodeCondition> {
    let conditions = node.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// A node, as far as a person asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeSummary {
    /// Its name.
    pub name: String,
    /// `server` or `agent`, as k3s calls them.
    pub role: &'static str,
    /// Whether it says it is ready.
    pub ready: bool,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The version of its kubelet.
    pub version: String,
    /// Its address inside the cluster's network.
    pub address: Option<String>,
    /// Whether new pods are kept away from it.
    pub cordoned: bool,
    /// Seconds since it registered.
    pub age_seconds: u64,
    /// What it is short of: `MemoryPressure`, `DiskPressure`, `PIDPressure`.
    pub pressure: Vec<String>,
}

impl Cluster {
    /// The nodes by name.
    ///
    /// # Errors
    /// When the API server does not answer or refuses.
    pub async fn nodes(&self) -> Result<Vec<NodeSummary>, Error> {
        let listed = Api::<Node>::all(self.client.clone())
            .list(&ListParams::default())
            .await;
        let listed = listed.map_err(|error| self.failed("list nodes".to_owned(), error))?;
        let now = Timestamp::now();
        let mut nodes: Vec<_> = listed.items.iter().map(|node| summary(node, now)).collect();
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(nodes)
    }

    /// Lets new pods onto a node again, as after a drain. Whether it was cordoned.
    ///
    /// # Errors
    /// When there is no such node, or the API server does not answer or refuses.
    pub async fn uncordon(&self, node: &str) -> Result<bool, Error> {
        let failed = |error| self.failed(format!("uncordon node {node}"), error);
        let api = Api::<Node>::all(self.client.clone());
        let known = api.get(node).await.map_err(failed)?;
        if !is_cordoned(&known) {
            return Ok(false);
        }
        api.uncordon(node).await.map_err(failed)?;
        Ok(true)
    }
}

fn summary(node: &Node, now: Timestamp) -> NodeSummary {
    let labels = node.metadata.labels.as_ref();
    let is = |role: &str| {
        labels.is_some_and(|labels| labels.contains_key(&format!("node-role.kubernetes.io/{role}")))
    };
    let status = node.status.clone().unwrap_or_default();
    let addresses = status.addresses.unwrap_or_default();
    let address = addresses
        .into_iter()
        .find(|address| address.type_ == "InternalIP");
    let created = node.metadata.creation_timestamp.as_ref();
    let age = created.map_or(0, |created| now.as_second() - created.0.as_second());
    let conditions = status.conditions.iter().flatten();
    let pressure =
        conditions.filter(|condition| condition.type_.ends_with("Pressure") && condition.status == "True");
    let reason = why_unready(node, None);
    NodeSummary {
        name: node.metadata.name.clone().unwrap_or_default(),
        role: if is("control-plane") || is("master") {
            "server"
        } else {
            "agent"
        },
        ready: reason.is_none(),
        reason,
        version: status
            .node_info
            .map(|info| info.kubelet_version)
            .unwrap_or_default(),
        address: address.map(|address| address.address),
        cordoned: is_cordoned(node),
        age_seconds: u64::try_from(age).unwrap_or(0),
        pressure: pressure.map(|condition| condition.type_.clone()).collect(),
    }
}

fn is_cordoned(node: &Node) -> bool {
    node.spec
        .as_ref()
        .and_then(|spec| spec.unschedulable)
        .unwrap_or(false)
}

#[cfg(test)]
mod tests;
