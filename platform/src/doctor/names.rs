//! The names that a cluster has to find, asked of the node's DNS and of the cluster's, once for all checks.

use std::net::{IpAddr, Ipv4Addr};

use super::scene::Inside;
use crate::docker::dns::{self, Question, Reply, Unasked};
use crate::kubernetes::HOST_ALIAS;

/// Where k3s puts the cluster's DNS when nobody says otherwise.
const CLUSTER_DNS: Ipv4Addr = Ipv4Addr::new(10, 43, 0, 10);
/// A name that every cluster has.
pub(super) const SERVICE: &str = "kubernetes.default.svc.cluster.local";

/// A name, where it should lead to if that is known, and what was replied.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) expected: Option<IpAddr>,
    pub(super) reply: Result<Reply, Unasked>,
}

/// What was replied.
pub(super) struct Names {
    /// The registry's name, of the node's own DNS; `None` without a registry.
    pub(super) by_node: Option<Asked>,
    /// Of the cluster's DNS: a Service, the registry, this machine.
    pub(super) by_pods: Vec<Asked>,
}

/// Asks for all of them.
pub(super) async fn ask(inside: &Inside<'_>) -> Names {
    let registry = inside.found.registries.first();
    let registry = registry.map(|registry| (registry.name.clone(), inside.address_of(registry)));
    let host = (HOST_ALIAS.to_owned(), inside.gateway().await);
    let for_node = registry.iter().cloned().map(|name| (None, name));
    let for_pods = [(SERVICE.to_owned(), None)]
        .into_iter()
        .chain(registry.clone())
        .chain([host]);
    let wanted: Vec<_> = for_node
        .chain(for_pods.map(|name| (Some(CLUSTER_DNS), name)))
        .collect();
    let questions: Vec<Question> = wanted
        .iter()
        .map(|(server, (name, _))| Question {
            server: *server,
            name: name.clone(),
        })
        .collect();
    let replies = dns::ask(inside.engine, &inside.node.name, &questions, 1).await;
    let mut asked: Vec<Asked> = wanted
        .into_iter()
        .zip(replies)
        .map(|((_, (name, expected)), reply)| Asked {
            name,
            expected,
            reply,
        })
        .collect();
    let by_pods = asked.split_off(usize::from(registry.is_some()));
    Names {
        by_node: asked.pop(),
        by_pods,
    }
}
