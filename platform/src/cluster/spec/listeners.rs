//! The ports of this machine that a cluster wants: each once.

use std::net::IpAddr;

use super::check::{agents, servers};
use super::draft::{Draft, RegistryDraft, RegistryWish};
use super::invalid::{Error, Origin, Said};
use super::{DEFAULT_REGISTRY_PORT, NodeSelector, PortMapping, Protocol};

/// A port of this machine, and who wants it.
struct Listener {
    ip: IpAddr,
    port: u16,
    protocol: Protocol,
    what: String,
    origin: Origin,
}

/// The mappings with one node each, when no port of this machine is wanted twice.
pub(super) fn settle_ports(draft: &Draft) -> Result<Vec<PortMapping>, Error> {
    let mut listeners = Vec::new();
    if let Some(port) = draft.api.port.as_ref().filter(|port| port.value != 0) {
        add(&mut listeners, api_listener(draft, port))?;
    }
    if let RegistryWish::On(registry) = &draft.registry
        && registry.port() != 0
    {
        add(&mut listeners, registry_listener(registry))?;
    }
    let mut settled = Vec::new();
    for said in &draft.ports {
        let mapping = with_one_node(draft, said)?;
        let listener = Listener {
            ip: mapping.host_ip,
            port: mapping.host_port,
            protocol: mapping.protocol,
            what: format!("port {} of {}", mapping.node_port, mapping.node),
            origin: said.origin.clone(),
        };
        add(&mut listeners, listener)?;
        settled.push(mapping);
    }
    Ok(settled)
}

fn api_listener(draft: &Draft, port: &Said<u16>) -> Listener {
    Listener {
        ip: draft.api.ip(),
        port: port.value,
        protocol: Protocol::Tcp,
        what: "the API server".to_owned(),
        origin: port.origin.clone(),
    }
}

fn registry_listener(registry: &RegistryDraft) -> Listener {
    Listener {
        ip: registry.ip(),
        port: registry.port(),
        protocol: Protocol::Tcp,
        what: "the registry".to_owned(),
        origin: registry
            .port
            .as_ref()
            .map_or(Origin::Default, |said| said.origin.clone()),
    }
}

/// Adds a listener unless another wants its port.
fn add(listeners: &mut Vec<Listener>, new: Listener) -> Result<(), Error> {
    let overlap = |a: IpAddr, b: IpAddr| a == b || a.is_unspecified() || b.is_unspecified();
    let taken = listeners
        .iter()
        .find(|other| other.port == new.port && other.protocol == new.protocol && overlap(other.ip, new.ip));
    let Some(other) = taken else {
        listeners.push(new);
        return Ok(());
    };
    // Nobody can be blamed for a default.
    let (blamed, other) = if new.origin == Origin::Default {
        (other, &new)
    } else {
        (&new, other)
    };
    let Listener { port, what, .. } = blamed;
    let advice = if other.origin == Origin::Default {
        format!(
            "; choose another, or name one for the registry, which has {DEFAULT_REGISTRY_PORT} by default"
        )
    } else {
        format!(" ({})", other.origin)
    };
    Err(Error::new(
        blamed.origin.clone(),
        format!(
            "port {port} of this machine is wanted for {what}, and for {} too{advice}",
            other.what
        ),
    ))
}

fn with_one_node(draft: &Draft, said: &Said<PortMapping>) -> Result<PortMapping, Error> {
    let (servers, agents) = (servers(draft), agents(draft));
    let node = match said.value.node {
        NodeSelector::Servers if servers == 1 => NodeSelector::Server(0),
        NodeSelector::All if servers == 1 && agents == 0 => NodeSelector::Server(0),
        NodeSelector::Agents if agents == 1 => NodeSelector::Agent(0),
        one @ (NodeSelector::Server(_) | NodeSelector::Agent(_)) => one,
        NodeSelector::Agents if agents == 0 => return Err(said.error("there are no agents")),
        many => {
            return Err(said.error(format!(
                "port {} of this machine can be that of one node only, and '{many}' are several: write @server:0",
                said.value.host_port
            )));
        }
    };
    Ok(PortMapping {
        node,
        ..said.value.clone()
    })
}
