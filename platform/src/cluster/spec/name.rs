//! A cluster's name and the names that follow from it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Invalid, Node, invalid::quoted};

/// The longest name, in characters (k3d's limit: the names of the containers have to be host names).
const MAX_LENGTH: usize = 32;

/// A cluster's name: 1 to 32 lowercase letters, digits and inner hyphens, so that the names of its containers are host names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

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

    /// The container of a node.
    pub fn node(&self, node: Node) -> String {
        match node {
            Node::Server(number) => self.server(number),
            Node::Agent(number) => self.agent(number),
        }
    }

    /// The name of the registry when nobody names one.
    pub fn registry(&self) -> String {
        format!("{}-registry", self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = Invalid;

    fn try_from(name: String) -> Result<Self, Invalid> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let edge = name.starts_with('-') || name.ends_with('-');
        if name.is_empty() || name.len() > MAX_LENGTH || edge || !name.chars().all(allowed) {
            return Err(Invalid::new(format!(
                "{} is no cluster name: 1 to {MAX_LENGTH} lowercase letters, digits and inner hyphens",
                quoted(&name)
            )));
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
