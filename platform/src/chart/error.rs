//! What can go wrong with a chart.

use std::path::PathBuf;

/// Why a chart cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its folder or archive is not there.
    #[error("there is no chart at {}", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// It lies elsewhere, and nobody has written down what it is.
    #[error("{chart} needs a sha256: what a server gives may change")]
    Unpinned {
        /// Its URL.
        chart: String,
    },
    /// Its archive cannot be fetched.
    #[error("cannot get the chart's archive")]
    Download(#[source] Box<crate::download::Error>),
    /// There is no `helm`.
    #[error("there is no program 'helm' in PATH or .tools/bin")]
    NoHelm,
    /// `helm` does not run.
    #[error("cannot run {}", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// `helm` refuses the chart or its values.
    #[error("helm template failed ({status}): {said}")]
    Refused {
        /// How it ended.
        status: String,
        /// What it said, in one line.
        said: String,
    },
    /// What it wrote is no text.
    #[error("helm wrote something that is no UTF-8")]
    Garbled,
}
