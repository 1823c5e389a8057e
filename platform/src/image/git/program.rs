//! Running git: never through a shell, never with a question to whoever sits there.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::address::{Address, without_credentials};
use crate::image::{Error, Setup};
use crate::plain_line::plain_line;

/// Settings of the user that must not matter: hooks, rewritten line ends, work in the background, and transports that run programs.
const SETTINGS: [&str; 6] = [
    "core.hooksPath=/dev/null",
    "core.autocrlf=false",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
];
/// What would lead git elsewhere.
const NOT_INHERITED: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
];
/// Lines of git's complaint that are told.
const TOLD: usize = 4;

/// The program and where it runs.
#[derive(Clone, Debug)]
pub(super) struct Git {
    folder: PathBuf,
    address: String,
}

/// What it said when it failed.
#[derive(Clone, Debug)]
pub(super) struct Complaint {
    pub(super) words: String,
    pub(super) error_code: Option<i32>,
}

impl Git {
    pub(super) fn new(setup: &Setup, address: &Address) -> Self {
        Self {
            folder: setup.root.clone(),
            address: address.shown().to_owned(),
        }
    }

    /// Runs git; its output when it succeeds. `operation` is for errors.
    pub(super) async fn run(
        &self,
        operation: &str,
        arguments: &[&str],
        index: Option<&Path>,
        limit: Duration,
    ) -> Result<Result<String, Complaint>, Error> {
        let mut command = self.command(arguments);
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        let Ok(ended) = tokio::time::timeout(limit, command.output()).await else {
            return Err(Error::TimedOut {
                operation: format!("{operation} in {}", self.address),
                limit,
            });
        };
        let ended = ended.map_err(|error| self.refused(operation, &start_failure(&error)))?;
        if ended.status.success() {
            return Ok(Ok(String::from_utf8_lossy(&ended.stdout).into_owned()));
        }
        Ok(Err(Complaint {
            words: words(&String::from_utf8_lossy(&ended.stderr), &ended.status.to_string()),
            error_code: ended.status.code(),
        }))
    }

    /// The same where a complaint is the end.
    pub(super) async fn must(
        &self,
        operation: &str,
        arguments: &[&str],
        index: Option<&Path>,
        limit: Duration,
    ) -> Result<String, Error> {
        let said = self.run(operation, arguments, index, limit).await?;
        said.map_err(|complaint| self.refused(operation, &complaint.words))
    }

    pub(super) fn refused(&self, operation: &str, reason: &str) -> Error {
        Error::Git {
            operation: format!("{operation} in {}", self.address),
            reason: reason.to_owned(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        for name in NOT_INHERITED {
            command.env_remove(name);
        }
        if std::env::var_os("GIT_SSH_COMMAND").is_none() && std::env::var_os("GIT_SSH").is_none() {
            command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS", "")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

fn start_failure(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => {
            "there is no program git in PATH; install it, or build from a folder".to_owned()
        }
        _ => format!("it cannot be run: {error}"),
    }
}

/// The last lines of what it said, without passwords.
fn words(stderr: &str, status: &str) -> String {
    let lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.map(|line| plain_line(&without_credentials(line))).collect();
    match lines.len() {
        0 => status.to_owned(),
        length => lines[length.saturating_sub(TOLD)..].join("; "),
    }
}
