//! k3d's node filters: `server:0`, `agent:*`, `servers:0,1`, `agent:0-2`, `all`, `loadbalancer`, and for ports `:direct`, `:proxy`.

use crate::cluster::spec::{Invalid, NodeSelector, quoted};

/// A filter taken apart.
struct Filter {
    nodes: Vec<NodeSelector>,
    /// The nodes' own port, not that of the load balancer.
    direct: bool,
}

/// The nodes of all filters of an entry; `default` without any.
pub(super) fn nodes(filters: &[String], default: NodeSelector) -> Result<Vec<NodeSelector>, Invalid> {
    let mut nodes = Vec::new();
    for text in filters {
        if group(text) == "loadbalancer" {
            return Err(Invalid::new(
                "there is no load balancer that this could be for; leave 'loadbalancer' out",
            ));
        }
        let filter = parse(text)?;
        if filter.direct || text.ends_with(":proxy") {
            return Err(Invalid::new(format!(
                "{}: ':direct' and ':proxy' belong to ports",
                quoted(text)
            )));
        }
        nodes.extend(filter.nodes);
    }
    Ok(merged(nodes, default))
}

/// The nodes whose port is meant by the filters of a mapping. One port of this machine cannot lead to several nodes, as k3d's load
/// balancer makes it do; every node serves all of the cluster, so the first of them does.
pub(super) fn port_nodes(filters: &[String]) -> Result<Vec<NodeSelector>, Invalid> {
    let mut nodes = Vec::new();
    for text in filters {
        if group(text) == "loadbalancer" {
            nodes.push(NodeSelector::Server(0));
            continue;
        }
        let filter = parse(text)?;
        if filter.direct {
            nodes.extend(filter.nodes);
        } else {
            nodes.extend(filter.nodes.first().map(|first| match first {
                NodeSelector::Servers | NodeSelector::All => NodeSelector::Server(0),
                NodeSelector::Agents => NodeSelector::Agent(0),
                one => *one,
            }));
        }
    }
    Ok(merged(nodes, NodeSelector::Server(0)))
}

fn group(text: &str) -> &str {
    text.split(':').next().unwrap_or_default()
}

/// Each node once.
fn merged(mut nodes: Vec<NodeSelector>, default: NodeSelector) -> Vec<NodeSelector> {
    use NodeSelector::{Agent, Agents, All, Server, Servers};
    if nodes.is_empty() {
        return vec![default];
    }
    if nodes.contains(&All) || (nodes.contains(&Servers) && nodes.contains(&Agents)) {
        return vec![All];
    }
    let (servers, agents) = (nodes.contains(&Servers), nodes.contains(&Agents));
    nodes.retain(|node| match node {
        Server(_) => !servers,
        Agent(_) => !agents,
        _ => true,
    });
    nodes.sort();
    nodes.dedup();
    nodes
}

fn parse(text: &str) -> Result<Filter, Invalid> {
    let complain = || {
        Invalid::new(format!(
            "{} is no node filter; write server:0, server:*, agent:0, agent:* or all",
            quoted(text)
        ))
    };
    let mut parts: Vec<&str> = text.split(':').collect();
    let direct = parts.last() == Some(&"direct");
    if direct || parts.last() == Some(&"proxy") {
        parts.pop();
    }
    let (group, subset) = match parts[..] {
        [group] => (group, "*"),
        [group, subset] => (group, subset),
        _ => return Err(complain()),
    };
    let one = |number: u8| match group {
        "server" | "servers" => Some(NodeSelector::Server(number)),
        "agent" | "agents" => Some(NodeSelector::Agent(number)),
        _ => None,
    };
    let nodes = match (group, subset) {
        ("server" | "servers", "*") => vec![NodeSelector::Servers],
        ("agent" | "agents", "*") => vec![NodeSelector::Agents],
        ("all", "*") => vec![NodeSelector::All],
        (_, subset) => {
            let numbers = numbers(subset).ok_or_else(complain)?;
            numbers
                .into_iter()
                .map(one)
                .collect::<Option<_>>()
                .ok_or_else(complain)?
        }
    };
    Ok(Filter { nodes, direct })
}

/// `0`, `0,2` or `0-2`.
fn numbers(subset: &str) -> Option<Vec<u8>> {
    let number = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    match subset.split_once('-') {
        Some((first, last)) => {
            let (first, last): (u8, u8) = (number(first)?, number(last)?);
            (first <= last).then(|| (first..=last).collect())
        }
        None => subset.split(',').map(number).collect(),
    }
}
