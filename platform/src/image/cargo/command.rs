//! Running Cargo and what belongs to it, without leaving anything behind.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use crate::image::Error;
use crate::plain_line::plain_line;

/// The last characters of a refusal that are repeated.
const TAIL: usize = 600;

/// A process with all it started: dropped, they are told to end.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) child: Child,
    leader: Option<Pid>,
}

impl Group {
    /// Starts it in a process group of its own: a Ctrl-C at the terminal is ours to hand on.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let leader = id.and_then(Pid::from_raw);
        Ok(Self { child, leader })
    }

    /// Waits for its end.
    pub(super) async fn ended(mut self) -> io::Result<std::process::ExitStatus> {
        let status = self.child.wait().await;
        // Its number may belong to somebody else from now on.
        self.leader = None;
        status
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            // Gone already: then there is nothing to end.
            let _ = kill_process_group(leader, Signal::TERM);
        }
    }
}

/// The program of this name, or the one that a variable of Cargo's names.
pub(super) fn program(variable: &str, name: &str) -> std::ffi::OsString {
    std::env::var_os(variable)
        .filter(|program| !program.is_empty())
        .unwrap_or_else(|| name.into())
}

/// What a program says on standard output. `operation` is what it is asked to do, as in `cargo cannot …`.
pub(super) async fn capture(
    program: &OsStr,
    arguments: &[&OsStr],
    folder: &Path,
    operation: &str,
) -> Result<Vec<u8>, Error> {
    let failed = |reason: String| Error::Cargo {
        operation: operation.to_owned(),
        reason,
    };
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| failed(not_run(program, folder, &error)))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(failed(tail(&output.stderr)))
    }
}

/// Why a program cannot be run.
pub(super) fn not_run(program: &OsStr, folder: &Path, error: &io::Error) -> String {
    let program = plain_line(&program.to_string_lossy());
    if !folder.is_dir() {
        return format!("there is no folder {}", folder.display());
    }
    if error.kind() == io::ErrorKind::NotFound {
        return format!("there is no program '{program}' in PATH; install Rust from https://rustup.rs");
    }
    format!("'{program}' does not run: {error}")
}

/// The end of what a program said, on one line.
pub(super) fn tail(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.map(plain_line).collect::<Vec<_>>().join("; ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    let skipped = line.chars().count().saturating_sub(TAIL);
    line.chars().skip(skipped).collect()
}
