//! Whether pods find the registry, this machine and Services: asked of the cluster's DNS, from inside a node.

use std::net::{IpAddr, Ipv4Addr};

use super::dns::{self, Reply, Unasked};
use super::{Finding, scene::Scene};
use crate::kubernetes::HOST_ALIAS;

pub(super) const CHECK: &str = "pod-dns";

/// Where k3s puts the cluster's DNS when nobody says otherwise.
const DNS_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 43, 0, 10);
/// A name that every cluster has.
const SERVICE: &str = "kubernetes.default.svc.cluster.local";

/// A name, where it should lead to if that is known, and what was replied.
struct Asked {
    name: String,
    expected: Option<IpAddr>,
    reply: Result<Reply, Unasked>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let inside = match scene.inside(CHECK).await {
        Ok(inside) => inside,
        Err(skipped) => return skipped,
    };
    let gateway = inside.gateway().await;
    let registry = inside.found.registries.first();
    let mut names = vec![(SERVICE.to_owned(), None)];
    names.extend(registry.map(|registry| (registry.name.clone(), inside.address_of(registry))));
    names.push((HOST_ALIAS.to_owned(), gateway));
    let asked = futures_util::future::join_all(names.into_iter().map(async |(name, expected)| {
        let reply = dns::ask(inside.engine, &inside.node.name, Some(DNS_ADDRESS), &name).await;
        Asked {
            name,
            expected,
            reply,
        }
    }))
    .await;
    vec![judge(&asked, &inside.found.name)]
}

fn judge(asked: &[Asked], cluster: &str) -> Finding {
    if asked.iter().any(|asked| asked.reply == Err(Unasked::NoProgram)) {
        return Finding::skipped(CHECK, "the node has no program to ask DNS with");
    }
    if let Some(Asked {
        reply: Err(Unasked::NoReply(why)),
        ..
    }) = asked.iter().find(|asked| asked.reply.is_err())
    {
        return Finding::error(
            CHECK,
            format!("the cluster's DNS does not reply: {why}"),
            "`kubectl --namespace kube-system get pods --selector k8s-app=kube-dns`",
        );
    }
    let wrong: Vec<String> = asked.iter().filter_map(Asked::trouble).collect();
    if wrong.is_empty() {
        let names: Vec<&str> = asked.iter().map(|asked| asked.name.as_str()).collect();
        return Finding::ok(CHECK, format!("pods find {}", names.join(", ")));
    }
    let fix = format!(
        "`ratectl start-cluster {cluster}` writes the names anew; CoreDNS reads them within a minute"
    );
    Finding::warning(CHECK, wrong.join("; "), fix)
}

impl Asked {
    /// What is wrong with the reply.
    fn trouble(&self) -> Option<String> {
        let name = &self.name;
        match (&self.reply, self.expected) {
            (Ok(Reply::NoSuchName), _) => Some(format!("pods do not find {name}")),
            (Ok(Reply::Failure(code)), _) => {
                Some(format!("the cluster's DNS fails for {name} with code {code}"))
            }
            (Ok(Reply::Addresses(found)), _) if found.is_empty() => {
                Some(format!("{name} has no IPv4 address"))
            }
            (Ok(Reply::Addresses(found)), Some(expected)) => {
                let right = found.iter().any(|found| IpAddr::V4(*found) == expected);
                (!right).then(|| format!("pods find {name} at {}, and it is at {expected}", found[0]))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    const GATEWAY: Ipv4Addr = Ipv4Addr::new(172, 20, 0, 1);

    #[test_case(Ok(Reply::Addresses(vec![GATEWAY])) => Verdict::Ok; "as it is")]
    #[test_case(Ok(Reply::Addresses(vec![Ipv4Addr::LOCALHOST])) => Verdict::Warning; "as it was before a reboot")]
    #[test_case(Ok(Reply::Addresses(vec![])) => Verdict::Warning; "without an address")]
    #[test_case(Ok(Reply::NoSuchName) => Verdict::Warning; "not found")]
    #[test_case(Ok(Reply::Failure(2)) => Verdict::Warning; "a failing server behind it")]
    #[test_case(Err(Unasked::NoReply("no".to_owned())) => Verdict::Error; "no reply")]
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
