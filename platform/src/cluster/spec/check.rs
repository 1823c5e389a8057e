//! What has to be right between the values of a cluster.

use std::net::IpAddr;

use super::draft::{Draft, RegistryDraft, RegistryWish};
use super::invalid::Error;
use super::mirror::{ANY_HOST, PullThrough};
use super::{Mirror, Name, NodeSelector};

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

/// The servers of a draft, or those it has by default.
pub(super) fn servers(draft: &Draft) -> u32 {
    draft.servers.as_ref().map_or(1, |said| said.value)
}

/// The agents of a draft, or those it has by default.
pub(super) fn agents(draft: &Draft) -> u32 {
    draft.agents.as_ref().map_or(0, |said| said.value)
}
