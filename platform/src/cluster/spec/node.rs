//! Nodes of a cluster, and the words that select some of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Invalid, invalid::quoted};

/// One node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// The server of this number, from 0.
    Server(u8),
    /// The agent of this number, from 0.
    Agent(u8),
}

/// Which nodes something is for. Written `server:0`, `server:*`, `agent:1`, `agent:*` or `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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

impl NodeSelector {
    /// Whether `node` is one of those.
    pub fn includes(self, node: Node) -> bool {
        match (self, node) {
            (Self::All, _) | (Self::Servers, Node::Server(_)) | (Self::Agents, Node::Agent(_)) => true,
            (Self::Server(wanted), Node::Server(number)) | (Self::Agent(wanted), Node::Agent(number)) => {
                wanted == number
            }
            _ => false,
        }
    }
}

impl fmt::Display for NodeSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(number) => write!(f, "server:{number}"),
            Self::Servers => f.write_str("server:*"),
            Self::Agent(number) => write!(f, "agent:{number}"),
            Self::Agents => f.write_str("agent:*"),
            Self::All => f.write_str("all"),
        }
    }
}

impl FromStr for NodeSelector {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (group, number) = text.split_once(':').unwrap_or((text, "*"));
        let which = match number {
            "*" => Some(None),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok().map(Some),
            _ => None,
        };
        match (group, which) {
            ("server" | "servers", Some(None)) => Ok(Self::Servers),
            ("server" | "servers", Some(Some(number))) => Ok(Self::Server(number)),
            ("agent" | "agents", Some(None)) => Ok(Self::Agents),
            ("agent" | "agents", Some(Some(number))) => Ok(Self::Agent(number)),
            ("all", Some(None)) => Ok(Self::All),
            _ => Err(Invalid::new(format!(
                "{} selects no nodes; write server:0, server:*, agent:0, agent:* or all",
                quoted(text)
            ))),
        }
    }
}

impl TryFrom<String> for NodeSelector {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<NodeSelector> for String {
    fn from(selector: NodeSelector) -> Self {
        selector.to_string()
    }
}

/// Takes `@<nodes>` off the end of `text`. An `@` with something else behind it belongs to the text.
pub(crate) fn split_selector(text: &str) -> Result<(&str, Option<NodeSelector>), Invalid> {
    const GROUPS: [&str; 5] = ["server", "agent", "all", "loadbalancer", "node"];
    match text.rsplit_once('@') {
        Some((rest, nodes)) if GROUPS.iter().any(|group| nodes.starts_with(group)) => {
            Ok((rest, Some(nodes.parse()?)))
        }
        _ => Ok((text, None)),
    }
}
