//! What can go wrong between us and the engine.

mod cause;
mod classify;
mod port;
mod unreachable;

use std::time::Duration;

use bollard::errors::Error as ApiError;

use super::{Endpoint, credentials, endpoint, reference};
use crate::plain_line::plain_line;

pub use cause::Cause;
pub use unreachable::Unreachable;

/// Why the engine cannot be used, or did not do what it was asked.
///
/// `operation` is what was asked, as in `start container k3d-demo-server-0`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What names the engine cannot be used; nothing was contacted.
    #[error(transparent)]
    Endpoint(#[from] endpoint::Error),
    /// Nobody answers there, access is refused, or it is no engine we can speak to.
    #[error("cannot reach a Docker engine at {endpoint}")]
    Unreachable {
        /// Where it was looked for.
        endpoint: Endpoint,
        /// Why.
        source: Box<Unreachable>,
    },
    /// The connection broke: the engine has stopped, or was restarted.
    #[error("the Docker engine went away while asked to {operation}")]
    Gone {
        /// What was asked.
        operation: String,
        /// How.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The engine did not answer in time.
    #[error("the Docker engine did not answer within {} s when asked to {operation}", limit.as_secs_f64())]
    Silent {
        /// What was asked.
        operation: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The engine says no.
    #[error("the Docker engine could not {operation}{}", cause.after_colon())]
    Refused {
        /// What was asked.
        operation: String,
        /// Why, as far as its words are understood.
        cause: Cause,
        /// Its own words.
        source: Box<Answer>,
    },
    /// The engine's answer makes no sense.
    #[error("cannot understand the Docker engine's answer when asked to {operation}")]
    Malformed {
        /// What was asked.
        operation: String,
        /// Where it stops making sense.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The engine answered more than we are ready to keep.
    #[error("the answer of the Docker engine when asked to {operation} is larger than {limit} bytes")]
    TooLarge {
        /// What was asked.
        operation: String,
        /// The limit.
        limit: usize,
    },
    /// It is no image reference.
    #[error(transparent)]
    Reference(#[from] reference::Error),
    /// The credentials for a registry cannot be found out.
    #[error(transparent)]
    Credentials(#[from] credentials::Error),
}

/// An engine's own words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Answer {
    /// The HTTP status; `None` where it came inside a stream that began well.
    pub status: Option<u16>,
    /// Its message on one line, without control characters.
    pub message: String,
}

impl Error {
    /// Classifies an error of the API client.
    pub fn of(operation: impl Into<String>, source: ApiError) -> Self {
        let operation = operation.into();
        match source {
            ApiError::DockerResponseServerError { status_code, message } => {
                Self::answered(operation, Some(status_code), &message)
            }
            ApiError::DockerStreamError { error } | ApiError::DockerContainerWaitError { error, .. } => {
                Self::answered(operation, None, &error)
            }
            ApiError::RequestTimeoutError => Self::Silent {
                operation,
                limit: super::REQUEST_LIMIT,
            },
            source if is_transport(&source) => Self::Gone {
                operation,
                source: Box::new(source),
            },
            source => Self::Malformed {
                operation,
                source: Box::new(source),
            },
        }
    }

    /// A refusal in the engine's words.
    pub(super) fn answered(operation: impl Into<String>, status: Option<u16>, message: &str) -> Self {
        let message = one_line(message);
        Self::Refused {
            operation: operation.into(),
            cause: Cause::of(status, &message),
            source: Box::new(Answer { status, message }),
        }
    }

    /// Why the engine refused, if it did.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Error::Refused { cause, .. } => Some(cause),
            _ => None,
        }
    }

    /// Whether what was asked about is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self.cause(), Some(Cause::NotFound | Cause::NoSuchImage))
    }
}

/// Whether the connection failed, rather than what came over it.
fn is_transport(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::HyperLegacyError { .. }
            | ApiError::HyperResponseError { .. }
            | ApiError::IOError { .. }
            | ApiError::SocketNotFoundError(_)
    )
}

/// What came from outside on one line, without control characters.
pub(super) fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(plain_line).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
