//! Where the engine is: flag, `DOCKER_HOST`, Docker context, default socket, in that order.

mod address;
mod context;
mod environment;
mod error;

use std::fmt;

use serde::Serialize;

use crate::plain_line::plain_line;
pub use address::Address;
pub use environment::Environment;
pub use error::{Error, Transport};

/// The socket when nobody names an address.
pub const DEFAULT_ADDRESS: &str = "unix:///var/run/docker.sock";
/// The context that stands for [`DEFAULT_ADDRESS`] and has no file.
const DEFAULT_CONTEXT: &str = "default";

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
    /// When what was named cannot be used: a transport we do not speak, a context that is not there.
    pub fn find(flag: Option<&str>) -> Result<Self, super::Error> {
        Ok(Self::find_in(flag, &Environment::of_process())?)
    }

    /// [`find`](Self::find) with an environment given as a value; reads files, changes nothing.
    ///
    /// # Errors
    /// As `find`.
    pub fn find_in(flag: Option<&str>, environment: &Environment) -> Result<Self, Error> {
        if let Some(address) = flag {
            return Self::checked(address, Source::Flag, environment.tls_verify);
        }
        if let Some(address) = &environment.docker_host {
            return Self::checked(address, Source::Environment, environment.tls_verify);
        }
        let context = match &environment.docker_context {
            Some(name) => Some(name.clone()),
            None => context::current(environment)?,
        };
        match context.filter(|name| name != DEFAULT_CONTEXT) {
            Some(name) => {
                let found = context::load(&name, environment)?;
                Self::checked(&found.host, Source::Context(name), found.tls)
            }
            None => Self::checked(DEFAULT_ADDRESS, Source::Default, false),
        }
    }

    fn checked(address: &str, source: Source, tls: bool) -> Result<Self, Error> {
        match Address::parse(address, tls) {
            Ok(address) => Ok(Self {
                address: address.to_string(),
                source,
            }),
            Err(reason) => Err(reason.named_by(address, source)),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.address, self.source)
    }
}

/// In parentheses behind an address; nothing for the default.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Flag => f.write_str(" (from --docker-host)"),
            Source::Environment => f.write_str(" (from DOCKER_HOST)"),
            Source::Context(name) => write!(f, " (from Docker context {})", plain_line(name)),
            Source::Default => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
