//! Why no engine can be spoken to at an endpoint.

use std::path::PathBuf;
use std::time::Duration;

use bollard::errors::Error as ApiError;

/// Why no engine can be spoken to.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The socket is not there: the engine is not installed, or does not run.
    #[error("there is no socket {}", path.display())]
    NoSocket {
        /// Its path.
        path: PathBuf,
    },
    /// Something is there that is no socket.
    #[error("{} is no socket", path.display())]
    NotASocket {
        /// Its path.
        path: PathBuf,
    },
    /// The socket is there and not for us.
    #[error("no permission to use {}", path.display())]
    Denied {
        /// Its path.
        path: PathBuf,
    },
    /// Nobody listens there any more, or yet.
    #[error("nobody listens there")]
    Refused,
    /// The host name does not resolve, there is no route, ...
    #[error("the connection cannot be opened")]
    Connect {
        /// Why.
        source: std::io::Error,
    },
    /// It takes connections and says nothing.
    #[error("it takes connections but has not answered within {} s", limit.as_secs_f64())]
    Silent {
        /// How long it was waited for.
        limit: Duration,
    },
    /// The connection breaks before an answer.
    #[error("it ends connections without an answer")]
    Broken {
        /// How.
        source: hyper::Error,
    },
    /// The first question went well, and the next one did not.
    #[error("it does not answer a second question")]
    Client {
        /// Why.
        source: ApiError,
    },
    /// Something answers that is no engine, or speaks in place of one that is not ready.
    #[error("what answers there does not speak as a Docker engine: {answer}")]
    NotDocker {
        /// What it says, shortened.
        answer: String,
    },
    /// The engine is older than what we ask of it.
    #[error(
        "Docker {version} is too old: it speaks API versions up to {api}, and ratectl needs {needed} (Docker 20.10) at least"
    )]
    TooOld {
        /// Its version.
        version: String,
        /// Its newest API version.
        api: String,
        /// Our oldest.
        needed: String,
    },
    /// The engine no longer speaks anything we know.
    #[error(
        "Docker {version} speaks API versions from {minimum} on, and this ratectl knows versions up to {ours}"
    )]
    TooNew {
        /// Its version.
        version: String,
        /// Its oldest API version.
        minimum: String,
        /// Our newest.
        ours: String,
    },
}
