//! What can go wrong while a child server is started, steered or spoken to.

use std::path::PathBuf;
use std::time::Duration;

/// A failure of the test bed itself, never of the program under test.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program is not on this machine.
    #[error("no {program} found in {searched}; {help}")]
    Missing {
        /// The program looked for.
        program: &'static str,
        /// The places looked at.
        searched: String,
        /// What makes it appear.
        help: &'static str,
    },
    /// The program is there but too old.
    #[error("{} is version {found}, at least {wanted} is needed", path.display())]
    TooOld {
        /// The program.
        path: PathBuf,
        /// What it says of itself.
        found: String,
        /// The oldest version that will do.
        wanted: &'static str,
    },
    /// A call to the operating system failed.
    #[error("cannot {action}")]
    Io {
        /// What was tried, and on what.
        action: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The child ended before it was ready.
    #[error("{program} ended before it was ready; the end of its log:\n{log}")]
    Ended {
        /// The program.
        program: String,
        /// The last lines it wrote.
        log: String,
    },
    /// The child lives but does not answer as it should.
    #[error("{program} was not ready within {waited:?}; the end of its log:\n{log}")]
    NotReady {
        /// The program.
        program: String,
        /// How long it was given.
        waited: Duration,
        /// The last lines it wrote.
        log: String,
    },
    /// The server answered, and the answer is no.
    #[error("cannot {action}: {reason}")]
    Refused {
        /// What was asked for.
        action: String,
        /// What the server said.
        reason: String,
    },
    /// A file of stream definitions is wrong.
    #[error("cannot read the stream definitions in {}", path.display())]
    Definitions {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        #[source]
        source: contract::definition::DefinitionError,
    },
}

impl Error {
    /// Wraps an operating system error with what was being done.
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}
