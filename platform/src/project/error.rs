//! What can be wrong with a project file.

use std::path::PathBuf;

/// Why a project cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none here or above.
    #[error("there is no ratectl.yaml in {} or a folder above it", folder.display())]
    NotFound {
        /// Where the search began.
        folder: PathBuf,
    },
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
        /// What is wrong there, and what may have been meant.
        message: String,
    },
}
