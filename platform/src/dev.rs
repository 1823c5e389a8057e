//! `ratectl dev`: a whole system on this machine, without Docker or Kubernetes.
//!
//! The order of things: [`prepare`] takes the lock, finds or starts a NATS server and applies the streams; then the
//! command line starts what it embeds (proxy and gateway), and [`Environment::start_components`] the project's own
//! processes, side by side. [`Environment::stop`] ends all of it within two seconds. Whatever happens to this process,
//! nothing it started outlives it: see [`crate::guard`].

mod environment;
mod error;
pub mod lock;
mod programs;

use std::path::PathBuf;

pub use environment::{Component, Environment, Kind, prepare, running};
pub use error::Error;

use crate::guard::Launcher;

/// What `ratectl dev` was asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which NATS server.
    pub nats: Nats,
    /// How a guard process is started: this program, and what makes it one.
    pub guard: Launcher,
    /// Where data lives; default: `.ratectl/dev` in the project's folder.
    pub data_dir: Option<PathBuf>,
}

/// Which NATS server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nats {
    /// One of its own, a child of this process.
    Own {
        /// The program to run; default: see [`crate::nats_server::find`].
        binary: Option<PathBuf>,
        /// Its port; default: any that is free.
        port: Option<u16>,
    },
    /// One that runs already, here or elsewhere.
    Running {
        /// Its URL, such as `nats://localhost:4222`.
        url: String,
    },
}
