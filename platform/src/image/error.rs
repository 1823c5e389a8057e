//! Why an image cannot be had.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::docker;
use crate::docker::credentials;

/// Why an image was not built or pushed, or its state is not known. Text that came from outside has no control characters.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine does not do what it is asked, or has gone.
    #[error(transparent)]
    Docker(#[from] docker::Error),
    /// The build ran and failed.
    #[error("the image of {component} cannot be built: {}{message}", at(step.as_deref(), *line))]
    Build {
        /// Which component's image.
        component: String,
        /// The instruction, command or crate that failed, such as `RUN cargo build`.
        step: Option<String>,
        /// Its line in the Dockerfile.
        line: Option<u32>,
        /// What the builder says.
        message: String,
        /// How the failed command ended, where one did.
        exit_code: Option<i64>,
        /// The last lines of output, oldest first.
        log: Vec<String>,
    },
    /// What the project file or a Dockerfile says cannot be built.
    #[error("the image of {component} cannot be built: {message}")]
    Definition {
        /// Which component's image.
        component: String,
        /// What is wrong, with the place.
        message: String,
    },
    /// A file or folder of the context cannot be used.
    #[error("cannot {operation} {}", path.display())]
    Context {
        /// Such as `read`.
        operation: &'static str,
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of `.dockerignore` patterns is wrong.
    #[error("{} line {line}: '{pattern}' is no pattern: {reason}", path.display())]
    IgnoreFile {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is there.
        pattern: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Git did not do what it was asked.
    #[error("git cannot {operation}: {reason}")]
    Git {
        /// Such as `find main in https://…`.
        operation: String,
        /// Its words, or why it cannot be run.
        reason: String,
    },
    /// Cargo did not do what it was asked, before anything was compiled.
    #[error("cargo cannot {operation}: {reason}")]
    Cargo {
        /// Such as `read the workspace in /srv/rating`.
        operation: String,
        /// Its words, or why it cannot be run.
        reason: String,
    },
    /// The image was built and cannot be pushed.
    #[error("cannot push {reference}: {reason}")]
    Push {
        /// The image.
        reference: String,
        /// What the engine or the registry says.
        reason: String,
    },
    /// A registry was asked and did not answer, or refused.
    #[error("cannot {operation} at registry {registry}: {reason}")]
    Registry {
        /// Such as `look for rating-service:0f3a…`.
        operation: String,
        /// Host and perhaps port.
        registry: String,
        /// Why.
        reason: String,
        /// The HTTP status, where one came.
        status: Option<u16>,
    },
    /// The credentials for a registry cannot be found out.
    #[error(transparent)]
    Credentials(#[from] credentials::Error),
    /// A cache or record in the state folder cannot be read or written.
    #[error("cannot {operation} {}", path.display())]
    State {
        /// Such as `write`.
        operation: &'static str,
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something that should be quick was not.
    #[error("cannot {operation}: not done after {} s", limit.as_secs_f64())]
    TimedOut {
        /// What.
        operation: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// It was cancelled, as asked.
    #[error("the image of {component} was not made: cancelled")]
    Cancelled {
        /// Which component's image.
        component: String,
    },
}

fn at(step: Option<&str>, line: Option<u32>) -> String {
    match (step, line) {
        (Some(step), Some(line)) => format!("line {line}, {step}: "),
        (Some(step), None) => format!("{step}: "),
        (None, Some(line)) => format!("line {line}: "),
        (None, None) => String::new(),
    }
}
