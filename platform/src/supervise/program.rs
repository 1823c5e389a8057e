//! What is supervised.

use std::ffi::OsString;
use std::path::PathBuf;

use futures_util::future::BoxFuture;

/// A program to keep running. Asked before every start, so that each can get ports that are free then.
pub trait Program: Send + 'static {
    /// What it is called in events.
    fn name(&self) -> &str;

    /// What to run now. May take its time, e.g. to build the program.
    fn launch(&mut self) -> BoxFuture<'_, Result<Launch, LaunchError>>;
}

/// One start of a program.
#[derive(Debug)]
pub struct Launch {
    /// The program's file.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Set on top of our own environment.
    pub env: Vec<(OsString, OsString)>,
    /// Its working folder.
    pub directory: PathBuf,
    /// How to tell that it is ready.
    pub probe: Box<dyn Probe>,
}

/// Why a program cannot be started, for people; starting it again would not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LaunchError(pub String);

/// Tells whether a program is ready.
pub trait Probe: Send + Sync + std::fmt::Debug {
    /// Asks once. `Ok` with the URL where it answers, if it has one; `Err` with the reason why it is not ready.
    fn ask(&mut self) -> BoxFuture<'_, Result<Option<String>, String>>;
}

/// Ready as soon as it runs.
#[derive(Clone, Copy, Debug)]
pub struct Alive;

impl Probe for Alive {
    fn ask(&mut self) -> BoxFuture<'_, Result<Option<String>, String>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}
