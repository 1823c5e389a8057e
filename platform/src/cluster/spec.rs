//! What a cluster should be: checked values, whoever wrote them (project file, k3d's file, flags).

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

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

/// A cluster's name: 1 to 32 lowercase letters, digits and inner hyphens, so that the names of its containers are host names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

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
    pub ports: Vec<PortMapping>,
    /// The registry; `None` for none.
    pub registry: Option<RegistrySpec>,
    /// Who serves the images of other registries, by host; `*` stands for all others.
    pub mirrors: BTreeMap<String, Mirror>,
    /// An existing network to join; `None` for one of its own.
    pub network: Option<String>,
    /// The secret with which nodes join; `None` for a random one.
    #[serde(skip)]
    pub token: Option<String>,
    /// `NAME=VALUE`, for every node.
    pub env: Vec<String>,
    /// Further arguments, by the nodes that get them.
    pub args: Vec<NodeArgument>,
    /// Binds `SOURCE:DESTINATION[:MODE]`, by the nodes that get them.
    pub volumes: Vec<NodeVolume>,
}

/// Where the API server is published on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiAddress {
    /// The host name in the kubeconfig.
    pub host: String,
    /// The address it is bound to.
    pub ip: IpAddr,
    /// The port; `None` for any free one.
    pub port: Option<u16>,
}

/// Which nodes something is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NodeSelector {
    /// The server of this number, from 0.
    Server(u8),
    /// Every server.
    Servers,
    /// The agent of this number, from 0.
    Agent(u8),
    /// Every agent.
    Agents,
    /// Every node.
    All,
}

/// A port of a node, published on this machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortMapping {
    /// The address it is bound to.
    pub host_ip: IpAddr,
    /// The port on this machine.
    pub host_port: u16,
    /// The port of the node.
    pub node_port: u16,
    /// `tcp` or `udp`.
    pub protocol: Protocol,
    /// One node: a port can only be published once.
    pub node: NodeSelector,
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
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

/// Who serves the images of another registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mirror {
    /// The cluster's own registry.
    Registry,
    /// A registry container that fetches from this URL what it does not have, and keeps it.
    PullThrough(String),
    /// A registry that runs already, by URL.
    Endpoint(String),
}

/// A further argument for the node's program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeArgument {
    /// Such as `--disable=traefik`.
    pub argument: String,
    /// For which nodes.
    pub nodes: NodeSelector,
}

/// A bind for a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeVolume {
    /// `SOURCE:DESTINATION[:MODE]`, as Docker writes it.
    pub bind: String,
    /// For which nodes.
    pub nodes: NodeSelector,
}

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the context and cluster in a kubeconfig, and of the network: `k3d-<name>`.
    pub fn context(&self) -> String {
        format!("k3d-{}", self.0)
    }

    /// The name of the user in a kubeconfig.
    pub fn user(&self) -> String {
        format!("admin@k3d-{}", self.0)
    }

    /// The name of the volume for imported images.
    pub fn image_volume(&self) -> String {
        format!("k3d-{}-images", self.0)
    }

    /// The container of a server.
    pub fn server(&self, number: u8) -> String {
        format!("k3d-{}-server-{number}", self.0)
    }

    /// The container of an agent.
    pub fn agent(&self, number: u8) -> String {
        format!("k3d-{}-agent-{number}", self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let edge = name.starts_with('-') || name.ends_with('-');
        if name.is_empty() || name.len() > 32 || edge || !name.chars().all(allowed) {
            return Err(format!(
                "'{name}' is no cluster name: 1 to 32 lowercase letters, digits and inner hyphens"
            ));
        }
        Ok(Self(name))
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
