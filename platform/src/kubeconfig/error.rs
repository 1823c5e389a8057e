//! What can go wrong with a kubeconfig.

use std::io;
use std::path::PathBuf;

use super::Holder;

/// Why a kubeconfig cannot be used. Nothing has been written then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refuses.
    #[error("cannot {operation} {}", path.display())]
    Io {
        /// Such as `read`.
        operation: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not YAML, or not what a kubeconfig may be.
    #[error("kubeconfig {}:{line}:{column}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// From 1.
        column: u64,
        /// What is wrong there.
        reason: String,
    },
    /// It is a folder, a device or a pipe.
    #[error("kubeconfig {} is not a file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// It is too big to be a kubeconfig.
    #[error("kubeconfig {} has {bytes} bytes, more than the {limit} that are read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Somebody else changes it, or died while doing so.
    #[error("kubeconfig {} is locked by {holder}; remove {} if no such process runs any more", path.display(), lock.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// The lock.
        lock: PathBuf,
        /// Who has it.
        holder: Holder,
    },
    /// Others changed the files faster than we could look at them.
    #[error("kubeconfig {} is changed by others all the time", path.display())]
    Restless {
        /// The first of the files.
        path: PathBuf,
    },
    /// The kubeconfig that a node has written is not usable.
    #[error("the kubeconfig of the node of cluster {cluster} is not usable: {reason}")]
    Node {
        /// The cluster.
        cluster: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// For `map_err`.
    pub(super) fn io(operation: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            operation,
            path,
            source,
        }
    }
}
