//! Where the engine is: flag, `DOCKER_HOST`, Docker context, default socket, in that order.

use std::fmt;

use serde::Serialize;

use super::Error;

/// An engine's address and who named it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// `unix:///path`, `tcp://host:port` or `http://host:port`.
    pub address: String,
    /// Who named it.
    pub source: Source,
}

/// Who named an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// `--docker-host`.
    Flag,
    /// `DOCKER_HOST`.
    Environment,
    /// A Docker context, by `DOCKER_CONTEXT` or the CLI's `currentContext`.
    Context(String),
    /// Nobody did.
    Default,
}

impl Endpoint {
    /// Finds the engine: `flag` first, then the environment, the Docker context, the default socket.
    ///
    /// # Errors
    /// When what was named cannot be used: a scheme we do not speak, a context that is not there.
    pub fn find(flag: Option<&str>) -> Result<Self, Error> {
        let named = |address: &str, source| Self {
            address: address.to_owned(),
            source,
        };
        if let Some(address) = flag {
            return Ok(named(address, Source::Flag));
        }
        if let Ok(address) = std::env::var("DOCKER_HOST")
            && !address.is_empty()
        {
            return Ok(named(&address, Source::Environment));
        }
        Ok(named("unix:///var/run/docker.sock", Source::Default))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)?;
        match &self.source {
            Source::Flag => f.write_str(" (from --docker-host)"),
            Source::Environment => f.write_str(" (from DOCKER_HOST)"),
            Source::Context(name) => write!(f, " (from Docker context {name})"),
            Source::Default => Ok(()),
        }
    }
}
