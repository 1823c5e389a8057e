//! What can go wrong between us and the engine.

use super::Endpoint;

/// Why the engine cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody answers, or access is refused.
    #[error("cannot reach a Docker engine at {endpoint}")]
    Unreachable {
        /// Where it was looked for.
        endpoint: Endpoint,
        /// Why.
        source: bollard::errors::Error,
    },
}
