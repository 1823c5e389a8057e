//! What the engine has: clusters, told from the labels of one listing.

mod container;
mod parse;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use bollard::query_parameters::ListContainersOptionsBuilder;

pub use container::{Container, Published, Role, State};

use super::report::Summary;
use super::{Maker, Name, Spec, labels};
use crate::docker::{self, Engine};

/// A cluster as the engine has it: containers that carry its name in a label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Servers and agents, servers first, each by number.
    pub nodes: Vec<Container>,
    /// Its registries.
    pub registries: Vec<Container>,
    /// Load balancer and tools containers, which only k3d makes.
    pub others: Vec<Container>,
}

/// Every cluster's containers, and those of registries that belong to none.
pub(super) async fn containers(engine: &Engine) -> Result<Vec<Container>, docker::Error> {
    let mut filters = HashMap::new();
    filters.insert(
        "label".to_owned(),
        vec![format!("{}={}", labels::APP, labels::APP_K3D)],
    );
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters)
        .build();
    let listed = engine.api().list_containers(Some(options)).await;
    let listed = listed.map_err(|source| docker::Error::of("list its containers", source))?;
    Ok(listed.into_iter().filter_map(parse::container).collect())
}

/// The clusters among containers, by name.
pub(super) fn clusters(containers: Vec<Container>) -> Vec<Found> {
    let mut clusters: BTreeMap<String, Found> = BTreeMap::new();
    for container in containers {
        let Some(name) = container.cluster().map(str::to_owned) else {
            continue;
        };
        let found = clusters.entry(name.clone()).or_insert_with(|| Found {
            name,
            ..Found::default()
        });
        match container.role {
            Role::Server | Role::Agent => found.nodes.push(container),
            Role::Registry => found.registries.push(container),
            Role::LoadBalancer | Role::Other => found.others.push(container),
        }
    }
    let mut clusters: Vec<Found> = clusters.into_values().collect();
    for found in &mut clusters {
        found
            .nodes
            .sort_by_key(|node| (node.role, node.number(), node.name.clone()));
        found.registries.sort_by(|one, other| one.name.cmp(&other.name));
    }
    clusters
}

/// Looks for one cluster.
///
/// # Errors
/// When the engine cannot be asked.
pub async fn find(engine: &Engine, name: &Name) -> Result<Option<Found>, docker::Error> {
    let clusters = clusters(containers(engine).await?);
    Ok(clusters.into_iter().find(|found| found.name == name.as_str()))
}

/// All clusters of the engine, ours and k3d's, by name.
///
/// # Errors
/// When the engine cannot be asked.
pub async fn list(engine: &Engine) -> Result<Vec<Summary>, docker::Error> {
    let clusters = clusters(containers(engine).await?);
    // A registry of its own, as `k3d registry create` makes it, is no cluster; nor is what a killed delete left of one.
    let alive = clusters
        .iter()
        .filter(|found| !found.nodes.is_empty() || !found.others.is_empty());
    Ok(alive.map(Found::summary).collect())
}

impl Found {
    /// Its servers, by number.
    pub fn servers(&self) -> impl Iterator<Item = &Container> {
        self.nodes.iter().filter(|node| node.role == Role::Server)
    }

    /// Its agents, by number.
    pub fn agents(&self) -> impl Iterator<Item = &Container> {
        self.nodes.iter().filter(|node| node.role == Role::Agent)
    }

    /// Everything it consists of.
    pub fn containers(&self) -> impl Iterator<Item = &Container> {
        self.nodes.iter().chain(&self.registries).chain(&self.others)
    }

    /// Who made it: we mark what we make.
    pub fn made_by(&self) -> Maker {
        if self
            .containers()
            .any(|container| container.labels.contains_key(labels::SPEC))
        {
            return Maker::Ratectl;
        }
        let version = self
            .nodes
            .iter()
            .chain(&self.others)
            .find_map(|node| node.labels.get(labels::VERSION));
        Maker::K3d(version.cloned())
    }

    /// The spec that its first node was made from; `None` for a cluster of somebody else, or when this version cannot read it.
    pub fn spec(&self) -> Option<Spec> {
        self.containers().find_map(Container::spec)
    }

    /// The secret with which its nodes join.
    pub fn token(&self) -> Option<&str> {
        self.nodes
            .iter()
            .find_map(|node| node.labels.get(labels::CLUSTER_TOKEN))
            .map(String::as_str)
    }

    /// Where its API server is published: host name and port.
    pub fn api(&self) -> Option<(String, u16)> {
        self.servers().chain(&self.others).find_map(Container::api)
    }

    /// The URL of the API server on this machine.
    pub fn api_url(&self) -> Option<String> {
        let (host, port) = self.api()?;
        Some(match host.parse() {
            Ok(IpAddr::V6(ip)) => format!("https://[{ip}]:{port}"),
            _ => format!("https://{host}:{port}"),
        })
    }

    /// Its own registry, not one that fetches others' images.
    pub fn registry(&self) -> Option<&Container> {
        match self.spec() {
            Some(spec) => {
                let name = spec.registry?.name;
                self.registries.iter().find(|registry| registry.name == name)
            }
            None => self.registries.first(),
        }
    }

    /// The network its nodes are on, and whether that is somebody else's.
    pub(super) fn network(&self) -> Option<(&str, bool)> {
        let labelled =
            |node: &Container, key: &str| node.labels.get(key).is_some_and(|value| value == "true");
        let mut nodes = self.nodes.iter().chain(&self.others);
        nodes.find_map(|node| {
            Some((
                node.labels.get(labels::NETWORK)?.as_str(),
                labelled(node, labels::NETWORK_EXTERNAL),
            ))
        })
    }

    /// Whether every container of it runs.
    pub fn runs(&self) -> bool {
        self.containers()
            .all(|container| container.state == State::Running)
    }

    /// One line of a listing.
    pub fn summary(&self) -> Summary {
        let running = |container: &&Container| container.state == State::Running;
        Summary {
            name: self.name.clone(),
            made_by: self.made_by(),
            servers: self.servers().count(),
            servers_running: self.servers().filter(running).count(),
            agents: self.agents().count(),
            agents_running: self.agents().filter(running).count(),
            image: self.servers().next().map(|server| server.image.clone()),
            api: self.api().map(|(host, port)| format!("{host}:{port}")),
            registry: self.registries.iter().find_map(Container::registry_address),
            load_balancer: self
                .others
                .iter()
                .any(|container| container.role == Role::LoadBalancer),
        }
    }
}

#[cfg(test)]
mod tests;
