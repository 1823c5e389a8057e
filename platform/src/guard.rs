//! A process that makes sure that another one, and everything that one starts, does not outlive `ratectl`.
//!
//! A program that is killed with SIGKILL can do nothing for its children. So `ratectl` starts itself again as a small
//! guard, one for each component, and holds the other end of the guard's standard input, a socket. The guard starts the
//! command in a process group of its own. When the socket ends (`ratectl` closed it, or is gone, however it went), or the guard
//! gets a signal, the whole group gets SIGTERM, after a grace SIGKILL; descendants that have left the group become
//! children of the guard (it is a subreaper) and are ended too. On the socket the guard writes two lines, `pid N` and
//! at the end `exit N` or `signal N`.
//!
//! In case even the guard is killed, the command asks the kernel for SIGKILL on its guard's death. That has to be
//! asked for in the process itself, between fork and exec, so the guard starts this program a second time, as the
//! `exec` stage, which asks and then becomes the command.

mod descendants;
mod exec;
mod report;
mod watch;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

pub use report::Report;

/// The first argument that makes `ratectl` a guard. Not for people.
pub const ARGUMENT: &str = "__guard";

/// How to start this program as a guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// The program: `ratectl` itself.
    pub program: PathBuf,
    /// What comes before the guard's own arguments.
    pub arguments: Vec<OsString>,
}

impl Launcher {
    /// This very program with [`ARGUMENT`].
    ///
    /// # Errors
    /// When the system cannot say where this program lies.
    pub fn this_program() -> std::io::Result<Self> {
        Ok(Self {
            program: this_program()?,
            arguments: vec![ARGUMENT.into()],
        })
    }

    /// The arguments for a guard over `program`; see [`watch::run`].
    pub(crate) fn guard_arguments(
        &self,
        grace: Duration,
        hold: Option<&Path>,
        program: &Path,
    ) -> Vec<OsString> {
        let mut arguments = self.arguments.clone();
        arguments.push(watch::WATCH.into());
        arguments.push(grace.as_millis().to_string().into());
        arguments.push(hold.unwrap_or(Path::new("")).into());
        arguments.push(program.into());
        arguments
    }
}

/// The file this process runs. On Linux by a name that holds even when a build has replaced the file since.
fn this_program() -> std::io::Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    if own.exists() {
        Ok(own)
    } else {
        std::env::current_exe()
    }
}

/// What `ratectl __guard …` does; `arguments` are those after `__guard`. Call it before anything else: it needs a process
/// without threads.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter();
    let stage = arguments.next().unwrap_or_default();
    if stage == watch::WATCH {
        watch::run(arguments)
    } else if stage == exec::EXEC {
        exec::run(arguments)
    } else {
        ExitCode::from(exec::MISUSED)
    }
}
