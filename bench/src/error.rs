//! What can keep a measurement from being made.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a measurement could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A thread or an event loop of the load could not be started.
    #[error("cannot start a thread of the load generator")]
    Runtime(#[source] io::Error),
    /// A nats-server could not be started or prepared.
    #[error("cannot prepare nats-server")]
    Testbed(#[from] testbed::Error),
    /// A program of the workspace is not beside the benchmark's own.
    #[error("{} is not there: build it with `cargo build --release -p {package}`", path.display())]
    NotBuilt {
        /// Where it was looked for.
        path: PathBuf,
        /// The package that makes it.
        package: &'static str,
    },
    /// A program could not be started.
    #[error("cannot start {program}")]
    Start {
        /// Which one.
        program: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A program ended, or did not answer in time.
    #[error("{program} was not ready within {} s; the end of its log:\n{log}", waited.as_secs())]
    NotReady {
        /// Which one.
        program: String,
        /// How long it had.
        waited: Duration,
        /// Its last lines.
        log: String,
    },
    /// A connection for the load could not be opened.
    #[error("cannot open a connection to {address}")]
    Connect {
        /// Where to.
        address: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// NATS refused something the transport's own measurement needs.
    #[error("cannot {action}")]
    Nats {
        /// What was tried.
        action: &'static str,
        /// What the client said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The rating service did not take the rows the reads and writes need.
    #[error("cannot prepare the rating service's data: {0}")]
    Prepare(String),
    /// A process could not be looked at.
    #[error("cannot read {}", path.display())]
    Process {
        /// The file under `/proc`.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The result could not be written.
    #[error("cannot write {what}")]
    Write {
        /// The table or the file.
        what: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// Names the action a NATS client's error interrupted.
    pub(crate) fn nats<E>(action: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Nats {
            action,
            source: source.into(),
        }
    }
}
