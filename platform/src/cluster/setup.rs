//! What every operation on a cluster works with, and how each may be asked for.

use std::path::PathBuf;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::docker::Engine;
use crate::event::Events;
use crate::kubeconfig::Location;

/// What every operation works with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The engine that runs the cluster's containers.
    pub engine: Engine,
    /// Where the cluster's entries go.
    pub kubeconfig: Location,
    /// The folder for locks; made when it is missing.
    pub state_dir: PathBuf,
    /// Told about every step.
    pub events: Events,
    /// Given up, and what was made is taken back, once this is cancelled.
    pub cancel: CancellationToken,
}

/// How a cluster is created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent wishes, each said by a flag of its own"
)]
pub struct CreateOptions {
    /// Delete a cluster that differs, and make it anew.
    pub recreate: bool,
    /// Together with `recreate`: even one that we did not make.
    pub force: bool,
    /// Make it kubectl's current context.
    pub switch_context: bool,
    /// Wait while another process works on the cluster, rather than refuse.
    pub wait_for_lock: bool,
    /// For everything together; every step has a limit of its own besides.
    pub timeout: Option<Duration>,
}

/// How a cluster is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartOptions {
    /// Make it kubectl's current context.
    pub switch_context: bool,
    /// Wait while another process works on the cluster, rather than refuse.
    pub wait_for_lock: bool,
    /// For everything together.
    pub timeout: Option<Duration>,
}

/// How a cluster is stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopOptions {
    /// Wait while another process works on the cluster, rather than refuse.
    pub wait_for_lock: bool,
    /// For everything together.
    pub timeout: Option<Duration>,
}

/// How a cluster is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteOptions {
    /// With the registry's data.
    pub all: bool,
    /// Even one that we did not make.
    pub force: bool,
    /// Wait while another process works on the cluster, rather than refuse.
    pub wait_for_lock: bool,
    /// For everything together.
    pub timeout: Option<Duration>,
}

impl Default for CreateOptions {
    fn default() -> Self {
        Self {
            recreate: false,
            force: false,
            switch_context: false,
            wait_for_lock: true,
            timeout: None,
        }
    }
}

impl Default for StartOptions {
    fn default() -> Self {
        Self {
            switch_context: false,
            wait_for_lock: true,
            timeout: None,
        }
    }
}

impl Default for StopOptions {
    fn default() -> Self {
        Self {
            wait_for_lock: true,
            timeout: None,
        }
    }
}

impl Default for DeleteOptions {
    fn default() -> Self {
        Self {
            all: false,
            force: false,
            wait_for_lock: true,
            timeout: None,
        }
    }
}
