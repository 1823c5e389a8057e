//! Why manifests cannot be used.

use std::path::PathBuf;

use super::Id;
use crate::{chart, download};

/// Why the manifests of a component cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or the folder cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder has no manifests of its own, and nothing else has any.
    #[error("there is no manifest (*.yaml, *.yml or *.json) in {}", folder.display())]
    Empty {
        /// The component's folder.
        folder: PathBuf,
    },
    /// A file is no YAML, or says something that cannot be.
    #[error("{file}:{line}:{column}: {message}")]
    Invalid {
        /// The file, or the URL it was downloaded from.
        file: String,
        /// From 1.
        line: u64,
        /// From 1.
        column: u64,
        /// What is wrong there.
        message: String,
    },
    /// One object is there twice.
    #[error("{file}:{line}:{column}: {id} is there twice: {first} has it as well")]
    Twice {
        /// The file with the second.
        file: String,
        /// From 1.
        line: u64,
        /// From 1.
        column: u64,
        /// The object.
        id: Box<Id>,
        /// File and line of the first.
        first: String,
    },
    /// A pinned file cannot be had.
    #[error("cannot get the manifests at {url}")]
    Download {
        /// Where they lie.
        url: String,
        /// Why not.
        source: Box<download::Error>,
    },
    /// A chart cannot be rendered.
    #[error("cannot render the chart {name}")]
    Chart {
        /// The release's name.
        name: String,
        /// Why not.
        source: Box<chart::Error>,
    },
}
