//! Whether the node finds the registry by its name, as it does when it pulls an image.

use std::net::{IpAddr, Ipv4Addr};

use super::names::Asked;
use super::{Finding, scene::Scene};
use crate::docker::dns::{Reply, Unasked};

pub(super) const CHECK: &str = "node-dns";

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let names = match scene.names(CHECK).await {
        Ok(names) => names,
        Err(skipped) => return skipped,
    };
    vec![match &names.by_node {
        Some(asked) => judge(asked, scene.question.spec.name.as_str()),
        None => Finding::skipped(CHECK, "the cluster has no registry"),
    }]
}

fn judge(asked: &Asked, cluster: &str) -> Finding {
    let Asked {
        name,
        expected,
        reply,
    } = asked;
    let restart = format!("`ratectl stop-cluster {cluster} && ratectl start-cluster {cluster}`");
    match reply {
        Err(Unasked::NoProgram) => Finding::skipped(CHECK, "the node has no program to ask DNS with"),
        Err(Unasked::Node(why)) => Finding::warning(CHECK, format!("not found out: {why}"), "try again"),
        Err(Unasked::NoReply) => Finding::error(CHECK, "the node's DNS does not reply", restart),
        Ok(Reply::NoSuchName) => {
            let fix =
                format!("`ratectl create-cluster {cluster}` connects the registry to the cluster's network");
            Finding::error(CHECK, format!("the node does not find {name}"), fix)
        }
        Ok(Reply::Failure(code)) => Finding::error(
            CHECK,
            format!("the node's DNS fails for {name} with code {code}"),
            restart,
        ),
        Ok(Reply::Addresses(found)) => match expected {
            Some(expected) if !found.iter().any(|found| IpAddr::V4(*found) == *expected) => {
                let summary = format!(
                    "the node finds {name} at {}, and it is at {expected}",
                    joined(found)
                );
                Finding::error(CHECK, summary, restart)
            }
            _ => Finding::ok(CHECK, format!("the node finds {name} at {}", joined(found))),
        },
    }
}

fn joined(addresses: &[Ipv4Addr]) -> String {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    if addresses.is_empty() {
        "no IPv4 address".to_owned()
    } else {
        addresses.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    const HERE: [Ipv4Addr; 1] = [Ipv4Addr::new(172, 20, 0, 3)];

    #[test_case(Ok(Reply::Addresses(HERE.to_vec())) => Verdict::Ok; "found")]
    #[test_case(Ok(Reply::Addresses(vec![Ipv4Addr::LOCALHOST])) => Verdict::Error; "found elsewhere")]
    #[test_case(Ok(Reply::NoSuchName) => Verdict::Error; "not found")]
    #[test_case(Ok(Reply::Failure(2)) => Verdict::Error; "a failing server")]
    #[test_case(Err(Unasked::NoReply) => Verdict::Error; "no reply")]
    #[test_case(Err(Unasked::Node("slow".to_owned())) => Verdict::Warning; "a slow node")]
    #[test_case(Err(Unasked::NoProgram) => Verdict::Skipped; "nothing to ask with")]
    fn reply(reply: Result<Reply, Unasked>) -> Verdict {
        let asked = Asked {
            name: "dev-registry".to_owned(),
            expected: Some(IpAddr::V4(HERE[0])),
            reply,
        };
        judge(&asked, "dev").verdict
    }
}
