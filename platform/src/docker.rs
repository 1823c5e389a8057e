//! The Docker engine: where it is, which API version it speaks, and what it holds for us.
//!
//! [`Endpoint::find`], then [`Engine::connect`]. What the engine refuses comes back as an [`Error`] with a [`Cause`];
//! whoever uses [`Engine::api`] directly gets the same by [`Error::of`].

pub mod archive;
pub mod config_file;
mod connect;
pub mod credentials;
pub(crate) mod dns;
pub mod endpoint;
pub mod error;
pub mod exec;
pub mod image;
mod info;
mod lines;
pub mod logs;
mod on_demand;
mod publisher;
pub mod reference;

use std::time::Duration;

use bollard::Docker;

pub use endpoint::{Endpoint, Source};
pub use error::{Cause, Error, Unreachable};
pub use info::Info;
pub use on_demand::OnDemand;
pub use publisher::publisher;

/// How long the engine may take for the beginning of an answer; a pull has limits of its own.
const REQUEST_LIMIT: Duration = Duration::from_mins(2);

/// A connection to an engine that has answered, with the API version both sides know.
#[derive(Clone, Debug)]
pub struct Engine {
    api: Docker,
    endpoint: Endpoint,
    version: String,
    api_version: String,
}

impl Engine {
    /// The engine's API. Every request names the API version that was agreed on.
    pub fn api(&self) -> &Docker {
        &self.api
    }

    /// Where it is and who said so.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The engine's version, such as `29.1.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The API version that is spoken, such as `1.41`.
    pub fn api_version(&self) -> &str {
        &self.api_version
    }
}
