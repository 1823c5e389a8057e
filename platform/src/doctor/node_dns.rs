//! Whether the node finds the registry by its name, as it does when it pulls an image.

use std::net::IpAddr;

use super::dns::{self, Reply, Unasked};
use super::{Finding, scene::Scene};

pub(super) const CHECK: &str = "node-dns";

struct Facts {
    registry: String,
    /// The registry's address on the cluster's network.
    address: Option<IpAddr>,
    reply: Result<Reply, Unasked>,
    cluster: String,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let inside = match scene.inside(CHECK).await {
        Ok(inside) => inside,
        Err(skipped) => return skipped,
    };
    let Some(registry) = inside.found.registries.first() else {
        return vec![Finding::skipped(CHECK, "the cluster has no registry")];
    };
    vec![judge(&Facts {
        registry: registry.name.clone(),
        address: inside.address_of(registry),
        reply: dns::ask(inside.engine, &inside.node.name, None, &registry.name).await,
        cluster: inside.found.name.clone(),
    })]
}

fn judge(facts: &Facts) -> Finding {
    let Facts {
        registry,
        address,
        reply,
        cluster,
    } = facts;
    let restart = format!("`ratectl stop-cluster {cluster} && ratectl start-cluster {cluster}`");
    match reply {
        Err(Unasked::NoProgram) => Finding::skipped(CHECK, "the node has no program to ask DNS with"),
        Err(Unasked::NoReply(why)) => {
            Finding::error(CHECK, format!("the node's DNS does not reply: {why}"), restart)
        }
        Ok(Reply::NoSuchName) => {
            let fix =
                format!("`ratectl create-cluster {cluster}` connects the registry to the cluster's network");
            Finding::error(CHECK, format!("the node does not find {registry}"), fix)
        }
        Ok(Reply::Failure(code)) => Finding::error(
            CHECK,
            format!("the node's DNS fails for {registry} with code {code}"),
            restart,
        ),
        Ok(Reply::Addresses(found)) => match address {
            Some(address) if !found.iter().any(|found| IpAddr::V4(*found) == *address) => {
                let summary = format!("the node finds {registry} at {found:?}, and it is at {address}");
                Finding::error(CHECK, summary, restart)
            }
            _ => Finding::ok(CHECK, format!("the node finds {registry} at {}", joined(found))),
        },
    }
}

fn joined(addresses: &[std::net::Ipv4Addr]) -> String {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    if addresses.is_empty() {
        "no IPv4 address".to_owned()
    } else {
        addresses.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    const HERE: [Ipv4Addr; 1] = [Ipv4Addr::new(172, 20, 0, 3)];

    #[test_case(Ok(Reply::Addresses(HERE.to_vec())) => Verdict::Ok; "found")]
    #[test_case(Ok(Reply::Addresses(vec![Ipv4Addr::LOCALHOST])) => Verdict::Error; "found elsewhere")]
    #[test_case(Ok(Reply::NoSuchName) => Verdict::Error; "not found")]
    #[test_case(Ok(Reply::Failure(2)) => Verdict::Error; "a failing server")]
    #[test_case(Err(Unasked::NoReply("no".to_owned())) => Verdict::Error; "no reply")]
    #[test_case(Err(Unasked::NoProgram) => Verdict::Skipped; "nothing to ask with")]
    fn reply(reply: Result<Reply, Unasked>) -> Verdict {
        judge(&Facts {
            registry: "dev-registry".to_owned(),
            address: Some(IpAddr::V4(HERE[0])),
            reply,
            cluster: "dev".to_owned(),
        })
        .verdict
    }
}
