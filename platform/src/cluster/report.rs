//! What an operation has done, for people and programs to read.

use std::path::PathBuf;

use serde::Serialize;

use super::Name;
use super::found::Published;
use crate::event::Outcome;

/// A cluster that is usable now: what [`create`](super::create()) and [`start`](super::start()) answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usable {
    /// Its name.
    pub name: Name,
    /// What had to be done for that.
    pub outcome: Outcome,
    /// Its context in the kubeconfig.
    pub context: String,
    /// Whether that is the current context now.
    pub current_context: bool,
    /// The URL of its API server.
    pub server: String,
    /// The file its entries are in.
    pub kubeconfig: PathBuf,
    /// Its registry, if it has one.
    pub registry: Option<RegistryNames>,
    /// Ports of its nodes on this machine, the API server's among them.
    pub ports: Vec<Published>,
    /// Milliseconds it took.
    pub after_ms: u64,
}

/// How the registry is called from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryNames {
    /// From this machine, such as `localhost:5000`.
    pub push: String,
    /// In a pod's image name; the same.
    pub pull: String,
    /// From inside a pod, such as `k3d-dev-registry:5000`.
    pub network: String,
}

/// What [`stop`](super::stop()) has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stopped {
    /// The cluster.
    pub name: Name,
    /// [`Outcome::Stopped`], or [`Outcome::Unchanged`] if nothing ran.
    pub outcome: Outcome,
    /// What still runs, and why: a registry that other clusters use.
    pub kept: Vec<Kept>,
    /// Milliseconds it took.
    pub after_ms: u64,
}

/// What [`delete`](super::delete()) has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    /// The cluster.
    pub name: Name,
    /// [`Outcome::Removed`], or [`Outcome::Unchanged`] if there was nothing.
    pub outcome: Outcome,
    /// The containers, networks and volumes that are gone.
    pub removed: Vec<String>,
    /// What is still there, and why.
    pub kept: Vec<Kept>,
    /// The kubeconfig files from which its entries were taken.
    pub kubeconfigs: Vec<PathBuf>,
    /// Whether it was kubectl's current context, which is unset now.
    pub was_current_context: bool,
    /// Milliseconds it took.
    pub after_ms: u64,
}

/// Something that was left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Such as `volume k3d-dev-registry`.
    pub what: String,
    /// Why, in a few words.
    pub why: String,
}

/// One cluster in a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Its name, which for a cluster of k3d need not be a [`Name`].
    pub name: String,
    /// Who made it.
    pub made_by: super::Maker,
    /// How many servers there are.
    pub servers: usize,
    /// How many of them run.
    pub servers_running: usize,
    /// How many agents there are.
    pub agents: usize,
    /// How many of them run.
    pub agents_running: usize,
    /// The image of its first server.
    pub image: Option<String>,
    /// `HOST:PORT` of its API server on this machine.
    pub api: Option<String>,
    /// `HOST:PORT` of its registry on this machine.
    pub registry: Option<String>,
    /// Whether it has a load balancer container, as clusters of k3d do.
    pub load_balancer: bool,
}
