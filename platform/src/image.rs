//! Images of components: what one is made from as a [`struct@Hash`], building it, pushing it, and its digest.

pub mod cargo;
pub mod context;
pub mod dockerfile;
mod error;
pub mod git;
mod hash;
pub mod ignore_file;
mod make;
mod push;
pub mod registry;
mod scratch;

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use crate::docker::OnDemand;
use crate::event::Events;

pub use error::Error;
pub use hash::Hash;
pub use make::{Made, Planned, find, make};

/// What every build needs to know besides what it builds.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where images are built, but for those of Cargo.
    pub engine: OnDemand,
    /// The project's folder, absolute.
    pub root: PathBuf,
    /// Where caches are kept, and what the last build was made from.
    pub state_dir: PathBuf,
    /// Where images are pushed to, such as `localhost:5000` or `registry.example/team`.
    pub push: String,
    /// The same as the cluster's nodes name it.
    pub pull: String,
    /// Where steps and lines of output are reported.
    pub events: Events,
    /// Ends everything soon.
    pub cancel: CancellationToken,
}
