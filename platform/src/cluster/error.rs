//! What can go wrong with a cluster.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::{Holder, Maker, Name};
use crate::event::Step;
use crate::{docker, kubeconfig, kubernetes};

/// Why an operation on a cluster did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cluster is there and is not what is wanted.
    #[error("cluster {name} differs from what is wanted: {}", listed(differences))]
    Differs {
        /// The cluster.
        name: Name,
        /// What differs, never empty.
        differences: Vec<Difference>,
    },
    /// Somebody else made it.
    #[error("cluster {name} was made by {maker}, not by ratectl")]
    Foreign {
        /// The cluster.
        name: Name,
        /// Who made it.
        maker: Maker,
    },
    /// Another process works on it.
    #[error("another process works on cluster {name}: {holder}")]
    Locked {
        /// The cluster.
        name: Name,
        /// The process.
        holder: Holder,
    },
    /// The lock's file cannot be used.
    #[error("cannot use the lock of cluster {name} in {}", path.display())]
    LockFile {
        /// The cluster.
        name: Name,
        /// The file or its folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no such cluster.
    #[error("there is no cluster {name}")]
    NotFound {
        /// Its name.
        name: Name,
        /// The names of those that there are.
        others: Vec<String>,
    },
    /// Its containers do not say where its API server is, or the first server is missing.
    #[error("cluster {name} cannot be started: it has no server that says where its API server is")]
    Incomplete {
        /// The cluster.
        name: Name,
    },
    /// A container, network or volume that the cluster needs is somebody else's.
    #[error("{what} is needed for cluster {name} and belongs to {owner}")]
    Taken {
        /// The cluster.
        name: Name,
        /// Such as `container k3d-dev-registry`.
        what: String,
        /// Such as `cluster other`.
        owner: String,
    },
    /// The existing network that the cluster should join is not there.
    #[error("there is no network {network} for cluster {name} to join")]
    NoNetwork {
        /// The cluster.
        name: Name,
        /// The network.
        network: String,
    },
    /// A step did not succeed.
    #[error("{step} failed: {cause}")]
    Step {
        /// Which one.
        step: Step,
        /// Why and what could be done, in one sentence.
        cause: String,
        /// The last lines of the container it was about.
        log: Vec<String>,
        /// What the engine, Kubernetes or the file system said.
        source: Option<Source>,
    },
    /// A step took too long, or the whole did while that step was going on.
    #[error("{step} took longer than {}{}", Seconds(*limit), because(waiting_for.as_deref()))]
    Timeout {
        /// Which one.
        step: Step,
        /// The limit that was passed.
        limit: Duration,
        /// What was not so yet.
        waiting_for: Option<String>,
        /// The last lines of the container it was about.
        log: Vec<String>,
    },
    /// Somebody pressed Ctrl-C.
    #[error("cancelled")]
    Cancelled,
    /// The engine failed or refused.
    #[error(transparent)]
    Docker(#[from] docker::Error),
    /// The kubeconfig file cannot be used.
    #[error(transparent)]
    Kubeconfig(#[from] kubeconfig::Error),
    /// Kubernetes failed or refused.
    #[error(transparent)]
    Kubernetes(#[from] kubernetes::Error),
}

/// What made a step fail.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// One thing in which a cluster is not what is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What, such as `agents`.
    pub what: String,
    /// As it is.
    pub is: String,
    /// As it should be.
    pub wanted: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, wanted {}", self.what, self.is, self.wanted)
    }
}

fn listed(differences: &[Difference]) -> String {
    let each: Vec<String> = differences.iter().map(Difference::to_string).collect();
    each.join("; ")
}

fn because(waiting_for: Option<&str>) -> String {
    waiting_for.map_or_else(String::new, |reason| format!(": {reason}"))
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        if seconds.fract() == 0.0 {
            write!(f, "{seconds:.0} s")
        } else {
            write!(f, "{seconds:.1} s")
        }
    }
}
