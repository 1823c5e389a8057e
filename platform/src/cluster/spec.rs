//! What a cluster should be: checked values, whoever wrote them (project file, k3d's file, flags).
//!
//! A [`Draft`] comes from a file, or is empty; [`Draft::spec`] puts the flags over it and the defaults under it, checks the whole
//! and gives the [`Spec`]. The spec is kept on the cluster's containers as a label ([`super::labels::SPEC`]).

mod adopt;
mod check;
mod differences;
mod draft;
mod entry;
mod invalid;
mod listeners;
mod mirror;
mod name;
mod node;
mod port;
pub(crate) mod text;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

pub use adopt::Picked;
pub(crate) use draft::{ApiDraft, RegistryDraft, RegistryWish};
pub use draft::{Draft, Overrides};
pub use entry::{NodeArgument, NodeVariable, NodeVolume};
pub(crate) use invalid::quoted;
pub use invalid::{Error, Invalid, Origin, Said};
pub use mirror::{ANY_HOST, Mirror, PullThrough};
pub use name::Name;
pub use node::{Node, NodeSelector};
pub(crate) use port::number as port_number;
pub use port::{PortMapping, Protocol};

/// The cluster's name when nobody names one.
pub const DEFAULT_NAME: &str = "localdevcluster";
/// The node image when nobody names one.
pub const DEFAULT_IMAGE: &str = "rancher/k3s:v1.34.4-k3s1";
/// The registry image when nobody names one.
pub const DEFAULT_REGISTRY_IMAGE: &str = "docker.io/library/registry:3";
/// The registry's port on this machine when nobody names one.
pub const DEFAULT_REGISTRY_PORT: u16 = 5000;
/// The port on which a registry listens in its container.
pub const REGISTRY_INTERNAL_PORT: u16 = 5000;
/// Ports are published here unless somebody names an address.
pub const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A cluster as it should be. The same spec, however written, serialises to the same JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// Its name.
    pub name: Name,
    /// Nodes that run the control plane; 1 or more, odd.
    pub servers: u8,
    /// Nodes that only run pods.
    pub agents: u8,
    /// The node image.
    pub image: String,
    /// Where the API server is published.
    pub api: ApiAddress,
    /// Ports of nodes published on this machine.
    #[serde(default)]
    pub ports: Vec<PortMapping>,
    /// The registry; `None` for none.
    pub registry: Option<RegistrySpec>,
    /// Who serves the images of other registries, by host; [`ANY_HOST`] stands for all others.
    #[serde(default)]
    pub mirrors: BTreeMap<String, Mirror>,
    /// An existing network to join; `None` for one of its own.
    pub network: Option<String>,
    /// The secret with which nodes join; `None` for a random one.
    #[serde(skip)]
    pub token: Option<String>,
    /// Environment variables, by the nodes that get them.
    #[serde(default)]
    pub env: Vec<NodeVariable>,
    /// Further arguments, by the nodes that get them.
    #[serde(default)]
    pub args: Vec<NodeArgument>,
    /// Binds, by the nodes that get them.
    #[serde(default)]
    pub volumes: Vec<NodeVolume>,
}

/// Where the API server is published on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiAddress {
    /// The host name or IP address in the kubeconfig.
    pub host: String,
    /// The address it is bound to.
    pub ip: IpAddr,
    /// The port; `None` for any free one.
    pub port: Option<u16>,
}

/// The cluster's own registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrySpec {
    /// The container's name, which is its host name on the cluster's network.
    pub name: String,
    /// The address it is bound to.
    pub ip: IpAddr,
    /// Its port on this machine; `None` for any free one.
    pub port: Option<u16>,
    /// Its image.
    pub image: String,
}

impl Spec {
    /// The nodes: servers, then agents, each by number.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        let servers = (0..self.servers).map(Node::Server);
        servers.chain((0..self.agents).map(Node::Agent))
    }

    /// The environment variables of a node, `NAME=VALUE`.
    pub fn env_of(&self, node: Node) -> impl Iterator<Item = &str> {
        let its = self.env.iter().filter(move |entry| entry.nodes.includes(node));
        its.map(|entry| entry.variable.as_str())
    }

    /// The further arguments of a node.
    pub fn args_of(&self, node: Node) -> impl Iterator<Item = &str> {
        let its = self.args.iter().filter(move |entry| entry.nodes.includes(node));
        its.map(|entry| entry.argument.as_str())
    }

    /// The binds of a node, `SOURCE:DESTINATION[:MODE]`.
    pub fn binds_of(&self, node: Node) -> impl Iterator<Item = &str> {
        let its = self
            .volumes
            .iter()
            .filter(move |entry| entry.nodes.includes(node));
        its.map(|entry| entry.bind.as_str())
    }

    /// The ports that a node publishes, without that of the API server.
    pub fn ports_of(&self, node: Node) -> impl Iterator<Item = &PortMapping> {
        self.ports
            .iter()
            .filter(move |mapping| mapping.node.includes(node))
    }

    /// The registries of the cluster that fetch what they do not have, by host.
    pub fn pull_throughs(&self) -> impl Iterator<Item = PullThrough> {
        self.mirrors.iter().filter_map(|(host, mirror)| match mirror {
            Mirror::PullThrough(upstream) => Some(PullThrough::new(&self.name, host, upstream)),
            Mirror::Registry | Mirror::Endpoints(_) => None,
        })
    }

    /// The network the nodes are on.
    pub fn network_name(&self) -> String {
        self.network.clone().unwrap_or_else(|| self.name.context())
    }

    /// With the lists whose order means nothing in the one order. Of arguments the later ones win, so they keep theirs.
    fn ordered(mut self) -> Self {
        self.ports.sort();
        self.env.sort();
        self.volumes.sort();
        self
    }
}

impl ApiAddress {
    /// The URL for a kubeconfig when the API server is published on `port`.
    pub fn url(&self, port: u16) -> String {
        match self.host.parse() {
            Ok(IpAddr::V6(ip)) => format!("https://[{ip}]:{port}"),
            _ => format!("https://{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests;
