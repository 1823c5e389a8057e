//! What can keep the measurement from being made.

use std::io;
use std::process::Output;
use std::time::Duration;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A command did not do what it should; its own words say why.
    #[error("a command failed\n{0}")]
    Failed(String),
    /// A program could not be started.
    #[error("cannot start {0}")]
    Start(String, #[source] io::Error),
    /// A program ended otherwise than it should have.
    #[error("{command} ended with {status}:\n{said}")]
    Ended {
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
        /// What it wrote, both outputs.
        said: String,
    },
    /// The engine refused.
    #[error("the engine does not answer as it should")]
    Engine(#[from] bollard::errors::Error),
    /// The cluster cannot be talked to.
    #[error("cannot talk to the cluster")]
    Cluster(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something did not happen in time.
    #[error("{what} has not happened within {} s", limit.as_secs())]
    TooLate {
        /// What was waited for.
        what: String,
        /// How long.
        limit: Duration,
    },
    /// The figures could not be written.
    #[error("cannot write the figures")]
    Write(#[from] io::Error),
}

impl Error {
    /// A cluster's error, whatever its type.
    pub(crate) fn cluster(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Cluster(source.into())
    }

    /// A program that ended badly.
    pub(crate) fn ended(command: String, output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        Self::Ended {
            command,
            status: output.status.to_string(),
            said: format!("{}\n{}", text(&output.stdout), text(&output.stderr)),
        }
    }
}
