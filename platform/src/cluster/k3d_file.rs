//! k3d's own configuration file: the part of `k3d.io/v1alpha4` and `v1alpha5`, kind `Simple`, that means the same here.
//!
//! Nothing is skipped: a key that cannot be honoured is an error with its place and the reason, unless its value is empty or
//! `false`; so is an unknown one. Different from k3d:
//!
//! - Ports are bound to 127.0.0.1 unless the file names an address.
//! - There is no load balancer: what is meant for it is published by the first server, whichever `disableLoadbalancer` says.
//! - `$NAME` and `${NAME}` in values stand for environment variables, `$$` for a dollar. One that is not set is an error.
//! - The current context is switched only where the file says `switchCurrentContext: true`.
//! - Without `registries.create` there is no registry, as in k3d, unless the command line gives it a port.

mod document;
mod expand;
mod filters;
mod inline;
mod read;
mod refused;
mod switches;
mod values;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::spec::Draft;

/// What a file of k3d says.
#[derive(Clone, Debug, PartialEq)]
pub struct K3dFile {
    /// About the cluster.
    pub draft: Draft,
    /// `options.k3d.timeout`: how long its creation may take.
    pub timeout: Option<Duration>,
    /// `options.kubeconfig.switchCurrentContext`: whether to make it kubectl's current context.
    pub switch_context: bool,
}

/// Why a file of k3d cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read {}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not YAML, or says something that cannot be.
    #[error("{}:{line}:{column}: {message}", file.display())]
    Invalid {
        /// The file.
        file: PathBuf,
        /// From 1.
        line: u64,
        /// From 1.
        column: u64,
        /// What is wrong there, why, and what may have been meant.
        message: String,
    },
}

/// Reads a file, with the variables of this process's environment.
///
/// # Errors
/// The first thing in it that cannot be honoured, with line and column.
pub fn read(file: &Path) -> Result<K3dFile, Error> {
    let unreadable = |source| Error::Read {
        file: file.to_owned(),
        source,
    };
    let file = std::path::absolute(file).map_err(unreadable)?;
    let text = std::fs::read_to_string(&file).map_err(unreadable)?;
    read::read(&file, &text, &|name| std::env::var(name).ok())
}

#[cfg(test)]
mod tests;
