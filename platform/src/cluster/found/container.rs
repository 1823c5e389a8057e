//! One container of a cluster.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

use crate::cluster::spec::{Protocol, REGISTRY_INTERNAL_PORT};
use crate::cluster::{Spec, labels};

/// A container that carries k3d's labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The engine's id.
    pub id: String,
    /// Its name, without the engine's leading slash.
    pub name: String,
    /// What it is in its cluster.
    pub role: Role,
    /// What it is doing.
    pub state: State,
    /// The image, as it was named when the container was made.
    pub image: String,
    /// All its labels.
    pub labels: BTreeMap<String, String>,
    /// Ports on this machine; only while it runs.
    pub ports: Vec<Published>,
    /// Its address by the networks it is on; `None` while it does not run.
    pub networks: BTreeMap<String, Option<IpAddr>>,
}

/// What a container is in its cluster (k3d's `k3d.role`). The order is that in which they start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A registry.
    Registry,
    /// A node with the control plane.
    Server,
    /// A node without.
    Agent,
    /// k3d's load balancer.
    LoadBalancer,
    /// Something else, such as k3d's tools container.
    Other,
}

/// What a container is doing, as the engine says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It was made and never started.
    Created,
    /// It runs.
    Running,
    /// It is frozen.
    Paused,
    /// It ended and the engine starts it again and again.
    Restarting,
    /// It ended, or was stopped.
    Exited,
    /// It is being removed, or could not be removed.
    Dead,
}

/// A port of a container on this machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// The address it is bound to.
    pub host_ip: IpAddr,
    /// The port on this machine.
    pub host_port: u16,
    /// The port in the container.
    pub container_port: u16,
    /// `tcp` or `udp`.
    pub protocol: Protocol,
    /// The container.
    pub container: String,
}

impl Container {
    /// The cluster it belongs to.
    pub fn cluster(&self) -> Option<&str> {
        self.labels
            .get(labels::CLUSTER)
            .map(String::as_str)
            .filter(|name| !name.is_empty())
    }

    /// The number at the end of its name; what has none comes last.
    pub(in crate::cluster) fn number(&self) -> u32 {
        let number = self
            .name
            .rsplit_once('-')
            .and_then(|(_, number)| number.parse().ok());
        number.unwrap_or(u32::MAX)
    }

    /// The spec it was made from; `None` when somebody else made it, or another version whose spec cannot be read.
    pub fn spec(&self) -> Option<Spec> {
        serde_json::from_str(self.labels.get(labels::SPEC)?).ok()
    }

    /// Host name and port of the API server, from the labels k3d gives a server.
    pub(in crate::cluster) fn api(&self) -> Option<(String, u16)> {
        let port = self.labels.get(labels::API_PORT)?.parse().ok()?;
        let host = self.labels.get(labels::API_HOST).filter(|host| !host.is_empty());
        // Every address is an address to listen on and none to call; this machine is among them.
        let host = host.map_or(
            "127.0.0.1",
            |host| if host == "0.0.0.0" { "127.0.0.1" } else { host },
        );
        Some((host.to_owned(), port))
    }

    /// The port of a registry on this machine: as published while it runs, else as its label says.
    pub fn registry_port(&self) -> Option<u16> {
        let published = self
            .ports
            .iter()
            .find(|port| port.container_port == REGISTRY_INTERNAL_PORT);
        let labelled = || self.labels.get(labels::REGISTRY_PORT_EXTERNAL)?.parse().ok();
        published.map(|port| port.host_port).or_else(labelled)
    }

    /// How a registry is called on this machine, such as `localhost:5000`.
    pub(in crate::cluster) fn registry_address(&self) -> Option<String> {
        let port = self.registry_port()?;
        let host = self
            .labels
            .get(labels::REGISTRY_HOST)
            .filter(|host| !host.is_empty() && *host != "0.0.0.0");
        let host = host.map_or(
            "localhost",
            |host| if host == "127.0.0.1" { "localhost" } else { host },
        );
        Some(format!("{host}:{port}"))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Created => "never started",
            State::Running => "running",
            State::Paused => "paused",
            State::Restarting => "restarting",
            State::Exited => "stopped",
            State::Dead => "being removed",
        })
    }
}
