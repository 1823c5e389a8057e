//! What has to become ready.

use std::net::IpAddr;

use crate::cluster::found::{Container, Found};
use crate::cluster::report::RegistryNames;
use crate::cluster::spec::REGISTRY_INTERNAL_PORT;
use crate::cluster::watch::Watched;
use crate::cluster::{Maker, labels};

/// A cluster that has to become ready.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the cluster"
)]
pub(in crate::cluster) struct Target {
    /// The first server.
    pub(in crate::cluster) server: Watched,
    /// Every node, by the name of its container.
    pub(in crate::cluster) nodes: Vec<String>,
    /// The URL of the API server on this machine.
    pub(in crate::cluster) url: String,
    /// Whether the cluster has a DNS of its own.
    pub(in crate::cluster) dns: bool,
    /// Whether the cluster makes volumes itself.
    pub(in crate::cluster) storage: bool,
    /// Whether we made it: what k3d tells its clusters stays as it is.
    pub(in crate::cluster) ours: bool,
    /// This machine's address on the cluster's network.
    pub(in crate::cluster) gateway: Option<IpAddr>,
    /// Nodes that were stopped may have been cordoned by whoever stopped them.
    pub(in crate::cluster) uncordon: bool,
    /// The cluster's own registry.
    pub(in crate::cluster) registry: Option<RegistryTarget>,
}

/// A registry that has to answer.
#[derive(Clone, Debug)]
pub(in crate::cluster) struct RegistryTarget {
    /// Its container's name, which is its host name on the cluster's network.
    pub(super) name: String,
    /// `HOST:PORT` on this machine, under which images are pushed.
    pub(super) push: String,
    /// Where it is reached on this machine.
    pub(super) bound: String,
}

impl Target {
    /// A cluster that is there, by its labels; `None` without a server, or when no label says where its API server is.
    pub(in crate::cluster) fn of(found: &Found) -> Option<Self> {
        let server = found.servers().next()?;
        Some(Self {
            server: Watched {
                id: server.id.clone(),
                name: server.name.clone(),
            },
            nodes: found.nodes.iter().map(|node| node.name.clone()).collect(),
            url: found.api_url()?,
            dns: found.spec().is_none_or(|spec| super::has_dns(&spec)),
            storage: found.spec().is_none_or(|spec| super::has_storage(&spec)),
            ours: found.made_by() == Maker::Ratectl,
            gateway: None,
            uncordon: true,
            registry: found.registry().and_then(RegistryTarget::of),
        })
    }
}

impl RegistryTarget {
    /// A registry that is there; `None` when it is not reachable from this machine.
    pub(in crate::cluster) fn of(container: &Container) -> Option<Self> {
        let port = container.registry_port()?;
        let bound = container
            .labels
            .get(labels::REGISTRY_HOST_IP)
            .and_then(|ip| ip.parse().ok());
        Some(Self::bound_to(
            &container.name,
            bound.unwrap_or(crate::cluster::spec::LOOPBACK),
            port,
        ))
    }

    /// A registry whose port is bound to an address of this machine.
    pub(in crate::cluster) fn bound_to(name: &str, ip: IpAddr, port: u16) -> Self {
        // An address to listen on that stands for all of them is none to call.
        let local = ip.is_loopback() || ip.is_unspecified();
        let host = match ip {
            _ if local => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let bound = if ip.is_unspecified() {
            "127.0.0.1".to_owned()
        } else if ip.is_ipv6() {
            format!("[{ip}]")
        } else {
            ip.to_string()
        };
        Self {
            name: name.to_owned(),
            push: format!("{host}:{port}"),
            bound: format!("{bound}:{port}"),
        }
    }

    /// How it is called from where.
    pub(in crate::cluster) fn names(&self) -> RegistryNames {
        RegistryNames {
            push: self.push.clone(),
            pull: self.push.clone(),
            network: format!("{}:{REGISTRY_INTERNAL_PORT}", self.name),
        }
    }
}
