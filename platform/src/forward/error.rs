//! Why a forward cannot be opened.

use std::io;
use std::net::SocketAddr;

use crate::kubernetes;
use crate::port_owner::PortOwner;

/// Why a forward cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody listens there already.
    #[error("cannot listen on {address}: {}", taken_by(owner.as_ref()))]
    Taken {
        /// The address.
        address: SocketAddr,
        /// Who, where the system tells.
        owner: Option<PortOwner>,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// There is no such thing in the cluster.
    #[error("there is no {what} in {cluster}")]
    NotFound {
        /// Such as `Service rating/proxy`.
        what: String,
        /// The context's name.
        cluster: String,
    },
    /// It has no such port.
    #[error("{what} has no port {port}{}", others(known))]
    NoPort {
        /// Such as `Service rating/proxy`.
        what: String,
        /// What was asked for.
        port: String,
        /// The ports that it has.
        known: Vec<String>,
    },
    /// It leads to no pods at all.
    #[error("{what} has no pods of its own: {reason}")]
    NoPods {
        /// Such as `Service rating/database`.
        what: String,
        /// Why.
        reason: String,
    },
    /// Nothing in a component's manifests can be forwarded to.
    #[error("the manifests of {component} have no Service and no workload with ports")]
    NothingToForward {
        /// The component.
        component: String,
    },
    /// No connection within the time it may be held.
    #[error("no pod of {what} took a connection: {reason}")]
    GivenUp {
        /// Such as `Service rating/proxy`.
        what: String,
        /// Why, in a few words.
        reason: String,
    },
    /// The API server refuses or does not answer.
    #[error(transparent)]
    Kubernetes(#[from] kubernetes::Error),
}

fn taken_by(owner: Option<&PortOwner>) -> String {
    owner.map_or_else(
        || "the port is taken".to_owned(),
        |owner| format!("the port is taken by {owner}"),
    )
}

fn others(known: &[String]) -> String {
    if known.is_empty() {
        "; it has none".to_owned()
    } else {
        format!("; it has {}", known.join(", "))
    }
}
