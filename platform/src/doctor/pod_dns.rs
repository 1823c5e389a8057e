//! Whether pods find the registry, this machine and Services: asked of the cluster's DNS, from inside a node.

use std::net::IpAddr;

use super::names::Asked;
use super::{Finding, scene::Scene};
use crate::docker::dns::{Reply, Unasked};

pub(super) const CHECK: &str = "pod-dns";

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    match scene.names(CHECK).await {
        Ok(names) => vec![judge(&names.by_pods, scene.question.spec.name.as_str())],
        Err(skipped) => skipped,
    }
}

fn judge(asked: &[Asked], cluster: &str) -> Finding {
    match asked.iter().find_map(|asked| asked.reply.as_ref().err()) {
        Some(Unasked::NoProgram) => {
            return Finding::skipped(CHECK, "the node has no program to ask DNS with");
        }
        Some(Unasked::Node(why)) => {
            return Finding::warning(CHECK, format!("not found out: {why}"), "try again");
        }
        Some(Unasked::NoReply) => {
            return Finding::error(
                CHECK,
                "the cluster's DNS does not reply",
                "`kubectl --namespace kube-system get pods --selector k8s-app=kube-dns`",
            );
        }
        None => {}
    }
    let wrong: Vec<String> = asked.iter().filter_map(trouble).collect();
    if wrong.is_empty() {
        let names: Vec<&str> = asked.iter().map(|asked| asked.name.as_str()).collect();
        return Finding::ok(CHECK, format!("pods find {}", names.join(", ")));
    }
    let fix = format!(
        "`ratectl start-cluster {cluster}` writes the names anew; CoreDNS reads them within a minute"
    );
    Finding::warning(CHECK, wrong.join("; "), fix)
}

/// What is wrong with a reply.
fn trouble(asked: &Asked) -> Option<String> {
    let name = &asked.name;
    match (&asked.reply, asked.expected) {
        (Ok(Reply::NoSuchName), _) => Some(format!("pods do not find {name}")),
        (Ok(Reply::Failure(code)), _) => Some(format!("the cluster's DNS fails for {name} with code {code}")),
        (Ok(Reply::Addresses(found)), _) if found.is_empty() => Some(format!("{name} has no IPv4 address")),
        (Ok(Reply::Addresses(found)), Some(expected)) => {
            let right = found.iter().any(|found| IpAddr::V4(*found) == expected);
            (!right).then(|| format!("pods find {name} at {}, and it is at {expected}", found[0]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use test_case::test_case;

    use super::super::names::SERVICE;
    use super::*;
    use crate::doctor::Verdict;
    use crate::kubernetes::HOST_ALIAS;

    const GATEWAY: Ipv4Addr = Ipv4Addr::new(172, 20, 0, 1);

    #[test_case(Ok(Reply::Addresses(vec![GATEWAY])) => Verdict::Ok; "as it is")]
    #[test_case(Ok(Reply::Addresses(vec![Ipv4Addr::LOCALHOST])) => Verdict::Warning; "as it was before a reboot")]
    #[test_case(Ok(Reply::Addresses(vec![])) => Verdict::Warning; "without an address")]
    #[test_case(Ok(Reply::NoSuchName) => Verdict::Warning; "not found")]
    #[test_case(Ok(Reply::Failure(2)) => Verdict::Warning; "a failing server behind it")]
    #[test_case(Err(Unasked::NoReply) => Verdict::Error; "no reply")]
    #[test_case(Err(Unasked::Node("slow".to_owned())) => Verdict::Warning; "a slow node")]
    #[test_case(Err(Unasked::NoProgram) => Verdict::Skipped; "nothing to ask with")]
    fn reply(reply: Result<Reply, Unasked>) -> Verdict {
        let service = Asked {
            name: SERVICE.to_owned(),
            expected: None,
            reply: Ok(Reply::Addresses(vec![Ipv4Addr::new(10, 43, 0, 1)])),
        };
        let host = Asked {
            name: HOST_ALIAS.to_owned(),
            expected: Some(IpAddr::V4(GATEWAY)),
            reply,
        };
        judge(&[service, host], "dev").verdict
    }
}
