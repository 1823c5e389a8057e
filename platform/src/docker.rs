//! The Docker engine: where it is, which API version it speaks, and what it holds for us.

mod endpoint;
mod error;

use bollard::{API_DEFAULT_VERSION, Docker};

pub use endpoint::{Endpoint, Source};
pub use error::Error;

/// Seconds a request may take that does not stream; pulls and log tails have limits of their own.
const REQUEST_TIMEOUT_SECONDS: u64 = 120;

/// A connection to an engine that has answered, with the API version both sides know.
#[derive(Clone, Debug)]
pub struct Engine {
    api: Docker,
    endpoint: Endpoint,
}

impl Engine {
    /// Connects and negotiates the API version.
    ///
    /// # Errors
    /// When nobody answers there, access is refused, or the engine's oldest version is newer than ours.
    pub async fn connect(endpoint: &Endpoint) -> Result<Self, Error> {
        let unreachable = |source| Error::Unreachable {
            endpoint: endpoint.clone(),
            source,
        };
        let api = match endpoint.address.strip_prefix("unix://") {
            Some(path) => Docker::connect_with_unix(path, REQUEST_TIMEOUT_SECONDS, API_DEFAULT_VERSION),
            None => {
                Docker::connect_with_http(&endpoint.address, REQUEST_TIMEOUT_SECONDS, API_DEFAULT_VERSION)
            }
        }
        .map_err(unreachable)?;
        // Consumes the client: an earlier clone would keep speaking the version it was made with.
        let api = api.negotiate_version().await.map_err(unreachable)?;
        Ok(Self {
            api,
            endpoint: endpoint.clone(),
        })
    }

    /// The engine's API.
    pub fn api(&self) -> &Docker {
        &self.api
    }

    /// Where it is and who said so.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}
