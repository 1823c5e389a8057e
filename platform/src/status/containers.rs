//! The nodes: what the engine says of their containers, and Kubernetes of the rest.

use std::collections::BTreeMap;

use bollard::models::ContainerInspectResponse;
use bollard::query_parameters::InspectContainerOptions;
use futures_util::future::join_all;
use serde::Serialize;

use crate::cluster::{Found, Role, State};
use crate::docker::Engine;
use crate::kubernetes::NodeSummary;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// The name of the container and of the node.
    pub name: String,
    /// Server or agent.
    pub role: Role,
    /// What its container is doing.
    pub container: State,
    /// How often the engine started it again by itself.
    pub restarts: Option<u64>,
    /// Whether it is ready; `None` when Kubernetes does not tell.
    pub ready: Option<bool>,
    /// Why it is not ready, or why that is not known.
    pub reason: Option<String>,
    /// The version of its kubelet.
    pub version: Option<String>,
    /// Its address on the cluster's network.
    pub address: Option<String>,
    /// Whether new pods are kept away from it.
    pub cordoned: bool,
    /// What it is short of, such as `DiskPressure`.
    pub pressure: Vec<String>,
}

/// What the engine says of containers, by name.
#[derive(Debug, Default)]
pub(super) struct Inspected(BTreeMap<String, Details>);

#[derive(Clone, Debug, Default)]
struct Details {
    restarts: Option<u64>,
    /// When it was started, or ended if it does not run.
    since: Option<String>,
}

/// Asks the engine for what its listing leaves out; what it does not tell stays unknown.
pub(super) async fn inspect(engine: &Engine, found: &Found) -> Inspected {
    let inspected = found.nodes.iter().map(async |node| {
        let options = None::<InspectContainerOptions>;
        let told = engine.api().inspect_container(&node.id, options).await;
        (node.name.clone(), told.map(details).unwrap_or_default())
    });
    Inspected(join_all(inspected).await.into_iter().collect())
}

fn details(told: ContainerInspectResponse) -> Details {
    let state = told.state.unwrap_or_default();
    let since = if state.running == Some(true) {
        state.started_at
    } else {
        state.finished_at
    };
    Details {
        restarts: told.restart_count.and_then(|count| u64::try_from(count).ok()),
        // The engine's word for never.
        since: since.filter(|time| !time.starts_with("0001-")),
    }
}

impl Inspected {
    /// The latest of the times: since then everything is as it is.
    pub(super) fn since(&self) -> Option<String> {
        self.0.values().filter_map(|details| details.since.clone()).max()
    }
}

/// The nodes of a cluster, from what the engine and Kubernetes say.
pub(super) fn nodes(
    found: &Found,
    inspected: &Inspected,
    told: Result<Vec<NodeSummary>, String>,
) -> Vec<Node> {
    let (summaries, unknown) = match told {
        Ok(summaries) => (summaries, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let node = |container: &crate::cluster::Container| {
        let summary = summaries.iter().find(|summary| summary.name == container.name);
        let runs = container.state == State::Running;
        let unregistered = || (runs && unknown.is_none()).then(|| "it has not registered".to_owned());
        Node {
            name: container.name.clone(),
            role: container.role,
            container: container.state,
            restarts: inspected
                .0
                .get(&container.name)
                .and_then(|details| details.restarts),
            ready: match summary {
                // What Kubernetes says of a node that does not run is from before.
                Some(summary) => Some(runs && summary.ready),
                None => (!runs || unknown.is_none()).then_some(false),
            },
            reason: match summary {
                Some(summary) => summary.reason.clone(),
                None => unknown.clone().filter(|_| runs).or_else(unregistered),
            },
            version: summary.map(|summary| summary.version.clone()),
            address: container
                .networks
                .values()
                .flatten()
                .next()
                .map(ToString::to_string),
            cordoned: summary.is_some_and(|summary| summary.cordoned),
            pressure: summary
                .map(|summary| summary.pressure.clone())
                .unwrap_or_default(),
        }
    };
    found.nodes.iter().map(node).collect()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::cluster::Container;

    fn found(state: State) -> Found {
        Found {
            name: "dev".to_owned(),
            nodes: vec![Container {
                id: "1".to_owned(),
                name: "k3d-dev-server-0".to_owned(),
                role: Role::Server,
                state,
                image: String::new(),
                labels: BTreeMap::new(),
                ports: Vec::new(),
                networks: BTreeMap::new(),
            }],
            ..Found::default()
        }
    }

    fn summary(ready: bool) -> NodeSummary {
        NodeSummary {
            name: "k3d-dev-server-0".to_owned(),
            role: "server",
            ready,
            reason: (!ready).then(|| "KubeletNotReady".to_owned()),
            version: "v1.34.4".to_owned(),
            address: None,
            cordoned: false,
            age_seconds: 1,
            pressure: Vec::new(),
        }
    }

    #[test_case(State::Running, Ok(vec![summary(true)]) => (Some(true), None); "ready")]
    #[test_case(State::Running, Ok(vec![summary(false)]) => (Some(false), Some("KubeletNotReady".to_owned())); "not ready")]
    #[test_case(State::Running, Ok(vec![]) => (Some(false), Some("it has not registered".to_owned())); "unregistered")]
    #[test_case(State::Running, Err("refused".to_owned()) => (None, Some("refused".to_owned())); "kubernetes does not tell")]
    #[test_case(State::Exited, Err("no server runs".to_owned()) => (Some(false), None); "stopped")]
    #[test_case(State::Exited, Ok(vec![summary(true)]) => (Some(false), None); "stopped beside one that runs")]
    fn readiness(state: State, told: Result<Vec<NodeSummary>, String>) -> (Option<bool>, Option<String>) {
        let node = nodes(&found(state), &Inspected::default(), told).remove(0);
        (node.ready, node.reason)
    }
}
