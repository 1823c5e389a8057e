//! What can go wrong between us and a registry.

use crate::http_request;

/// Why a registry cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody answers there, or not in HTTP.
    #[error("the registry at {address} does not answer")]
    Unanswered {
        /// Where it was asked.
        address: String,
        /// Why.
        source: http_request::Error,
    },
    /// It does not do what it was asked.
    #[error("the registry at {address} does not {operation}: it answers {status}{said}")]
    Refused {
        /// Such as `take a blob`.
        operation: &'static str,
        /// Where it was asked.
        address: String,
        /// The HTTP status.
        status: u16,
        /// What it says about it, in brackets after a blank, or nothing.
        said: String,
    },
    /// What it gives is not what was pushed.
    #[error("the registry at {address} gives back {is} for {expected}")]
    Altered {
        /// Where it was asked.
        address: String,
        /// The digest of what was pushed.
        expected: String,
        /// The digest of what came back.
        is: String,
    },
    /// Its answer cannot be read.
    #[error("the registry at {address} does not {operation} in a form that can be read")]
    Malformed {
        /// Such as `list its repositories`.
        operation: &'static str,
        /// Where it was asked.
        address: String,
        /// Why not.
        source: serde_json::Error,
    },
}
