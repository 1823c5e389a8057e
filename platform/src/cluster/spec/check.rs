//! What has to be right between the values of a cluster.

use std::net::IpAddr;

use super::draft::{Draft, RegistryDraft, RegistryWish};
use super::invalid::{Error, Origin, Said};
use super::mirror::{ANY_HOST, PullThrough};
use super::{DEFAULT_REGISTRY_PORT, Mirror, Name, NodeSelector, PortMapping, Protocol};

/// More make the store of the control plane slower, not safer.
const MAX_SERVERS: u32 = 7;
/// More than one machine can hold.
const MAX_AGENTS: u32 = 100;

/// Checks the numbers, the nodes that are selected, the registry and the mirrors.
pub(super) fn check(draft: &Draft, name: &Name) -> Result<(), Error> {
    check_numbers(draft)?;
    check_selectors(draft)?;
    check_registry(draft, name)?;
    check_mirrors(draft, name)
}

fn check_numbers(draft: &Draft) -> Result<(), Error> {
    if let Some(servers) = &draft.servers {
        let message = match servers.value {
            0 => "a cluster needs at least 1 server".to_owned(),
            wanted if wanted > MAX_SERVERS => format!("{wanted} servers are too many: at most {MAX_SERVERS}"),
            wanted if wanted % 2 == 0 => format!(
                "{wanted} servers bear no more failures than {}: a majority has to be left; take {} or {}",
                wanted - 1,
                wanted - 1,
                wanted + 1
            ),
            _ => return check_agents(draft),
        };
        return Err(servers.error(message));
    }
    check_agents(draft)
}

fn check_agents(draft: &Draft) -> Result<(), Error> {
    match &draft.agents {
        Some(agents) if agents.value > MAX_AGENTS => Err(agents.error(format!(
            "{} agents are too many: at most {MAX_AGENTS}",
            agents.value
        ))),
        _ => Ok(()),
    }
}

/// Every node that is named by its number is there.
fn check_selectors(draft: &Draft) -> Result<(), Error> {
    let ports = draft.ports.iter().map(|said| (said.value.node, &said.origin));
    let env = draft.env.iter().map(|said| (said.value.nodes, &said.origin));
    let args = draft.args.iter().map(|said| (said.value.nodes, &said.origin));
    let volumes = draft.volumes.iter().map(|said| (said.value.nodes, &said.origin));
    for (selector, origin) in ports.chain(env).chain(args).chain(volumes) {
        let (number, there, kind) = match selector {
            NodeSelector::Server(number) => (number, servers(draft), "server"),
            NodeSelector::Agent(number) => (number, agents(draft), "agent"),
            _ => continue,
        };
        if u32::from(number) >= there {
            let those = match there {
                0 => format!("there are no {kind}s"),
                1 => format!("there is only {kind}:0"),
                there => format!("there are {kind}:0 to {kind}:{}", there - 1),
            };
            return Err(Error::new(
                origin.clone(),
                format!("there is no {selector}: {those}"),
            ));
        }
    }
    Ok(())
}

fn check_registry(draft: &Draft, cluster: &Name) -> Result<(), Error> {
    let RegistryWish::On(RegistryDraft { name: Some(said), .. }) = &draft.registry else {
        return Ok(());
    };
    if said.value == "localhost" || said.value.parse::<IpAddr>().is_ok() {
        return Err(said.error(format!(
            "'{}' is no name for a registry that others could find",
            said.value
        )));
    }
    let prefix = format!("{}-", cluster.context());
    let taken = |rest: &str| {
        ["server-", "agent-", "mirror-"]
            .iter()
            .any(|kind| rest.starts_with(kind))
            || matches!(rest, "serverlb" | "tools")
    };
    if said.value.strip_prefix(&prefix).is_some_and(taken) {
        return Err(said.error(format!(
            "'{}' is the name of another container of the cluster",
            said.value
        )));
    }
    Ok(())
}

fn check_mirrors(draft: &Draft, cluster: &Name) -> Result<(), Error> {
    let mut containers: Vec<PullThrough> = Vec::new();
    for (host, said) in &draft.mirrors {
        match (&said.value, &draft.registry) {
            (Mirror::Registry, RegistryWish::Off(_)) => {
                return Err(said.error("there is to be no registry that could serve these images"));
            }
            (Mirror::PullThrough(_), _) if host == ANY_HOST => {
                return Err(said.error(
                    "a pull-through registry has one upstream and cannot serve '*': name the registry it stands for",
                ));
            }
            (Mirror::PullThrough(upstream), _) => {
                let container = PullThrough::new(cluster, host, upstream);
                container.check().map_err(|error| said.error(error.to_string()))?;
                if let Some(other) = containers.iter().find(|other| other.name == container.name) {
                    return Err(said.error(format!(
                        "the pull-through registries of {} and {host} would both be the container {}",
                        other.host, other.name
                    )));
                }
                containers.push(container);
            }
            _ => {}
        }
        if let RegistryWish::On(registry) = &draft.registry
            && own_hosts(registry, cluster).contains(host)
        {
            return Err(said.error(format!("{host} is the cluster's own registry")));
        }
    }
    Ok(())
}

/// The names under which the cluster's own registry is known.
fn own_hosts(registry: &RegistryDraft, cluster: &Name) -> Vec<String> {
    let name = registry.name(cluster);
    let port = registry.port();
    let inside = super::REGISTRY_INTERNAL_PORT;
    vec![
        format!("{name}:{inside}"),
        format!("{name}:{port}"),
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
    ]
}

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

fn servers(draft: &Draft) -> u32 {
    draft.servers.as_ref().map_or(1, |said| said.value)
}

fn agents(draft: &Draft) -> u32 {
    draft.agents.as_ref().map_or(0, |said| said.value)
}
