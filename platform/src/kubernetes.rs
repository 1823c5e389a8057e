//! A cluster's Kubernetes API: whether the cluster is usable, what is in it, and the few objects that make it ours.

mod api_server;
mod config_map;
mod connection;
mod dns;
pub(crate) mod error;
mod host_alias;
mod hosting;
mod identity;
mod images;
mod nodes;
pub(crate) mod pods;
mod readiness;
mod reporter;
mod restart;
pub mod rollout;
mod scale;
mod secret;
mod selector;
pub(crate) mod text;
pub(crate) mod watched;
mod workloads;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use k8s_openapi::jiff::Timestamp;
use kube::Client;

use crate::kubeconfig::Entry;

pub use error::{Cause, Error};
pub use host_alias::HOST_ALIAS;
pub use hosting::RegistryHosting;
pub use images::RunningImage;
pub use nodes::NodeSummary;
pub use workloads::{Health, Workload};

/// When nodes were started, by their names; what is not in it was always there.
type Starts = BTreeMap<String, Timestamp>;

/// A connection to one cluster, whatever kubectl's current context is. Connects when first asked something.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    name: String,
    starts: Arc<Starts>,
}

impl Cluster {
    /// A connection to the entry's cluster, never through a proxy. Must be called inside a runtime of tokio; does not wait.
    ///
    /// # Errors
    /// When the entry's URL, certificates or key cannot be used.
    pub fn connect(entry: &Entry) -> Result<Self, Error> {
        Ok(Self::over(connection::open(entry)?, entry.name.clone()))
    }

    /// The cluster behind a client that somebody else has made; `name` is for messages.
    pub fn over(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
            starts: Arc::default(),
        }
    }

    /// Says when each node was started, by the nodes' clock and under their names in the cluster. The waits then believe only what has
    /// been said since: an API server that comes back after a restart first tells what was true before it, seconds
    /// before the nodes and pods are there again.
    #[must_use]
    pub fn started(mut self, nodes: impl IntoIterator<Item = (String, SystemTime)>) -> Self {
        let seconds = |time| Timestamp::from_second(Timestamp::try_from(time).ok()?.as_second()).ok();
        // Kubernetes tells whole seconds.
        let starts = nodes
            .into_iter()
            .filter_map(|(node, time)| Some((node, seconds(time)?)));
        self.starts = Arc::new(starts.collect());
        self
    }

    /// The client, for requests that this type does not know.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The context's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn failed(&self, operation: String, source: kube::Error) -> Error {
        Error::Request {
            operation,
            cluster: self.name.clone(),
            source: Box::new(Cause::new(source)),
        }
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Cluster");
        debug
            .field("name", &self.name)
            .field("starts", &self.starts)
            .finish_non_exhaustive()
    }
}
