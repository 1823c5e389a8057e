//! What can keep the measurement from being made.

use std::io;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A part that all measurements share.
    #[error(transparent)]
    Bench(#[from] bench::Error),
    /// The server could not be started or prepared.
    #[error("cannot prepare nats-server")]
    Testbed(#[from] testbed::Error),
    /// A call to the operating system.
    #[error("cannot {action}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// NATS refused.
    #[error("cannot {action}")]
    Nats {
        /// What was tried.
        action: &'static str,
        /// What the client said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Something did not come onto the screen.
    #[error("{what:?} does not come; the screen:\n{screen}")]
    NotShown {
        /// What was waited for.
        what: String,
        /// What is there instead.
        screen: String,
    },
    /// The program ended otherwise than it should have.
    #[error("ratectl top ended with {status}:\n{said}")]
    Ended {
        /// How it ended.
        status: String,
        /// What it wrote.
        said: String,
    },
}

impl Error {
    /// Names what the operating system did not do.
    pub(crate) fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }

    /// Names what NATS did not do.
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
