//! What keeps a fault run from being carried out; what the run finds out is no error.

use std::time::Duration;

/// Why a run could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A child could not be started or steered.
    #[error("cannot start or steer a process of the system")]
    Testbed(#[from] testbed::Error),
    /// The program itself cannot be found, to be started again as a worker.
    #[error("cannot find this program's own file")]
    Program(#[source] std::io::Error),
    /// A condition did not come true.
    #[error("{what} did not happen within {} s; the ends of the logs:\n{logs}", waited.as_secs())]
    Waited {
        /// What was waited for.
        what: String,
        /// For how long.
        waited: Duration,
        /// What the processes wrote last.
        logs: String,
    },
    /// The database said no.
    #[error("cannot {action}")]
    Database {
        /// What was tried.
        action: &'static str,
        /// Why not.
        #[source]
        source: sqlx::Error,
    },
    /// NATS said no.
    #[error("cannot {action}")]
    Nats {
        /// What was tried.
        action: &'static str,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A part of the system could not be what it was started for.
    #[error("cannot {action}")]
    Child {
        /// What was tried.
        action: &'static str,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A task of the run ended early.
    #[error("a writer failed")]
    Writer(#[source] tokio::task::JoinError),
    /// The report could not be written.
    #[error("cannot write the report")]
    Report(#[source] std::io::Error),
}

impl Error {
    pub(crate) fn database(action: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { action, source }
    }

    pub(crate) fn nats<E>(action: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Nats {
            action,
            source: source.into(),
        }
    }

    pub(crate) fn child<E>(action: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Child {
            action,
            source: source.into(),
        }
    }
}
