//! Ports of nodes, published on this machine.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::invalid::quoted;
use super::{Invalid, LOOPBACK, NodeSelector};

/// How a mapping is written, for those who wrote another.
const FORM: &str = "write [IP:]HOST:NODE[/tcp|udp][@server:0], such as 8080:80";
/// The most ports one range may open: each is a process of the engine.
const MAX_RANGE: u16 = 256;

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

impl PortMapping {
    /// Reads `[IP:]HOST:NODE[/tcp|udp][@server:0]`; `HOST` and `NODE` may be ranges of the same length, such as
    /// `30000-30010:30000-30010`. An IPv6 address stands in brackets. Without an address the port is only reachable from this
    /// machine; without a node it is that of the first server.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Vec<Self>, Invalid> {
        let complain = |why: &str| Invalid::new(format!("{} is no port mapping: {why}", quoted(text)));
        let (rest, node) = match text.rsplit_once('@') {
            None => (text, None),
            Some((rest, nodes)) => (
                rest,
                Some(port_node(nodes).map_err(|error| complain(&error.to_string()))?),
            ),
        };
        let (rest, protocol) = match rest.rsplit_once('/') {
            None => (rest, Protocol::Tcp),
            Some((rest, "tcp")) => (rest, Protocol::Tcp),
            Some((rest, "udp")) => (rest, Protocol::Udp),
            Some((_, other)) => {
                return Err(complain(&format!("{} is neither tcp nor udp", quoted(other))));
            }
        };
        let (rest, node_ports) = rest.rsplit_once(':').ok_or_else(|| {
            complain(&format!(
                "it needs the port on this machine and that of the node; {FORM}"
            ))
        })?;
        let (address, host_ports) = split_address(rest).map_err(|why| complain(&why))?;
        let host_ports = range(host_ports).map_err(|why| complain(&why))?;
        let node_ports = range(node_ports).map_err(|why| complain(&why))?;
        if host_ports.1 - host_ports.0 != node_ports.1 - node_ports.0 {
            return Err(complain("the two ranges have different lengths"));
        }
        let mapping = |(host_port, node_port)| Self {
            host_ip: address.unwrap_or(LOOPBACK),
            host_port,
            node_port,
            protocol,
            node: node.unwrap_or(NodeSelector::Server(0)),
        };
        Ok((host_ports.0..=host_ports.1)
            .zip(node_ports.0..=node_ports.1)
            .map(mapping)
            .collect())
    }
}

/// As [`PortMapping::parse`] reads it.
impl fmt::Display for PortMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host_ip {
            IpAddr::V4(ip) => write!(f, "{ip}")?,
            IpAddr::V6(ip) => write!(f, "[{ip}]")?,
        }
        let (host, node) = (self.host_port, self.node_port);
        write!(f, ":{host}:{node}/{}@{}", self.protocol, self.node)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

/// There is no load balancer: what is meant for it is published by the first server.
fn port_node(nodes: &str) -> Result<NodeSelector, Invalid> {
    match nodes {
        "loadbalancer" => Ok(NodeSelector::Server(0)),
        nodes => nodes.parse(),
    }
}

/// `[::1]:80`, `127.0.0.1:80` or `80`.
fn split_address(text: &str) -> Result<(Option<IpAddr>, &str), String> {
    let Some((address, ports)) = text.rsplit_once(':') else {
        return Ok((None, text));
    };
    let bare = address
        .strip_prefix('[')
        .and_then(|address| address.strip_suffix(']'));
    match bare.unwrap_or(address).parse() {
        Ok(IpAddr::V6(_)) if bare.is_none() => {
            Err(format!("an IPv6 address stands in brackets: [{address}]:{ports}"))
        }
        Ok(IpAddr::V4(_)) if bare.is_some() => Err(format!("{address} is no IPv6 address")),
        Ok(ip) => Ok((Some(ip), ports)),
        Err(_) => Err(format!("{} is no IP address", quoted(address))),
    }
}

fn range(text: &str) -> Result<(u16, u16), String> {
    let port = |text: &str| number(text).map_err(|error| error.to_string());
    let (first, last) = match text.split_once('-') {
        Some((first, last)) if !first.is_empty() => (port(first)?, port(last)?),
        _ => (port(text)?, port(text)?),
    };
    if first > last {
        return Err(format!("{first}-{last} runs backwards"));
    }
    if last - first >= MAX_RANGE {
        return Err(format!("{first}-{last} is more than {MAX_RANGE} ports"));
    }
    Ok((first, last))
}

/// A port from 1 to 65535.
pub(crate) fn number(text: &str) -> Result<u16, Invalid> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.then(|| text.parse().ok()).flatten();
    port.filter(|port| *port > 0)
        .ok_or_else(|| Invalid::new(format!("{} is no port from 1 to 65535", quoted(text))))
}
