//! Variables, arguments and binds for some of the nodes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Invalid;
use super::invalid::quoted;
use super::node::{NodeSelector, split_selector};

/// An environment variable for nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeVariable {
    /// `NAME=VALUE`.
    pub variable: String,
    /// For which nodes.
    pub nodes: NodeSelector,
}

/// A further argument for the node's program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeArgument {
    /// Such as `--disable=traefik`.
    pub argument: String,
    /// For which nodes.
    pub nodes: NodeSelector,
}

/// A bind for nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeVolume {
    /// `SOURCE:DESTINATION[:MODE]`, as Docker writes it.
    pub bind: String,
    /// For which nodes.
    pub nodes: NodeSelector,
}

/// As it is read: `NAME=VALUE@nodes`.
impl fmt::Display for NodeVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.variable, self.nodes)
    }
}

/// As it is read: `ARGUMENT@nodes`.
impl fmt::Display for NodeArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.argument, self.nodes)
    }
}

/// As it is read: `SOURCE:DESTINATION[:MODE]@nodes`.
impl fmt::Display for NodeVolume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.bind, self.nodes)
    }
}

impl NodeVariable {
    /// Checks `NAME=VALUE`.
    pub(crate) fn new(variable: &str, nodes: NodeSelector) -> Result<Self, Invalid> {
        let name = variable.split_once('=').map(|(name, _)| name);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let valid = |name: &str| {
            name.chars().all(plain) && name.starts_with(|c: char| !c.is_ascii_digit()) && !name.is_empty()
        };
        if !name.is_some_and(valid) || variable.contains('\0') {
            return Err(Invalid::new(format!(
                "{} is no environment variable: write NAME=VALUE",
                quoted(variable)
            )));
        }
        Ok(Self {
            variable: variable.to_owned(),
            nodes,
        })
    }

    /// Reads `NAME=VALUE[@nodes]`; without nodes it is for all.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let (variable, nodes) = split_selector(text)?;
        Self::new(variable, nodes.unwrap_or(NodeSelector::All))
    }
}

impl NodeArgument {
    /// Checks an argument.
    pub(crate) fn new(argument: &str, nodes: NodeSelector) -> Result<Self, Invalid> {
        if !argument.starts_with('-') || argument.contains('\0') {
            return Err(Invalid::new(format!(
                "{} is no argument: one begins with a hyphen and has its value behind '=', such as --disable=traefik",
                quoted(argument)
            )));
        }
        Ok(Self {
            argument: argument.to_owned(),
            nodes,
        })
    }

    /// Reads `ARGUMENT[@nodes]`; without nodes it is for the servers, as most arguments are.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let (argument, nodes) = split_selector(text)?;
        Self::new(argument, nodes.unwrap_or(NodeSelector::Servers))
    }
}

impl NodeVolume {
    /// Checks `SOURCE:DESTINATION[:MODE]`: the destination is an absolute path, the source one too or the name of a volume.
    pub(crate) fn new(bind: &str, nodes: NodeSelector) -> Result<Self, Invalid> {
        let complain = |why: &str| {
            Err(Invalid::new(format!(
                "{} is no volume: {why}; write SOURCE:DESTINATION[:ro]",
                quoted(bind)
            )))
        };
        let parts: Vec<&str> = bind.split(':').collect();
        let (source, destination, modes) = match parts[..] {
            [source, destination] => (source, destination, ""),
            [source, destination, modes] => (source, destination, modes),
            _ => return complain("it needs two paths"),
        };
        if bind.contains(char::is_control) {
            return complain("it has control characters");
        }
        if !destination.starts_with('/') || destination == "/" {
            return complain("the destination has to be an absolute path in the node");
        }
        if !source.starts_with('/') && !is_volume_name(source) {
            return complain("the source has to be an absolute path or the name of a volume");
        }
        let known = |mode: &str| MODES.contains(&mode);
        if let Some(mode) = modes.split(',').find(|mode| !mode.is_empty() && !known(mode)) {
            return complain(&format!("there is no mode {}", quoted(mode)));
        }
        Ok(Self {
            bind: bind.to_owned(),
            nodes,
        })
    }

    /// Reads `SOURCE:DESTINATION[:MODE][@nodes]`; without nodes it is for all.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let (bind, nodes) = split_selector(text)?;
        Self::new(bind, nodes.unwrap_or(NodeSelector::All))
    }
}

/// The modes of a bind that Docker knows.
const MODES: [&str; 12] = [
    "ro", "rw", "z", "Z", "nocopy", "shared", "rshared", "slave", "rslave", "private", "rprivate", "cached",
];

/// A name as Docker has them: two characters or more, the first a letter or digit.
pub(super) fn is_volume_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    name.len() >= 2 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(inner)
}
