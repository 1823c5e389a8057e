//! One run of a program, under its guard.

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child as Process, ChildStderr, ChildStdout, Command};

use super::Settings;
use super::program::Launch;
use crate::guard::Report;

/// A guard that does not say so much as its command's process id within this time is taken for broken.
const GUARD_STARTS_WITHIN: Duration = Duration::from_secs(20);
/// What a guard may need beyond the grace it gives its command.
const GUARD_ENDS_WITHIN: Duration = Duration::from_millis(400);

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With a status.
    Exit(i32),
    /// By a signal.
    Signal(i32),
    /// Together with its guard, which somebody killed.
    Unguarded,
}

/// A running program.
#[derive(Debug)]
pub(super) struct Child {
    guard: Process,
    reports: tokio::io::Lines<BufReader<OwnedReadHalf>>,
    lifeline: OwnedWriteHalf,
    group: Pid,
    /// Between SIGTERM and SIGKILL.
    grace: Duration,
    /// When it was started.
    pub(super) started: Instant,
}

impl Child {
    /// Starts the program; returns when it runs.
    pub(super) async fn start(launch: &Launch, settings: &Settings) -> io::Result<Self> {
        let started = Instant::now();
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let (reports, lifeline) = UnixStream::from_std(ours)?.into_split();
        let guard = Command::new(&settings.guard.program)
            .args(
                settings
                    .guard
                    .guard_arguments(settings.grace, settings.hold.as_deref(), &launch.program),
            )
            .args(&launch.arguments)
            .envs(launch.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&launch.directory)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let mut reports = BufReader::new(reports).lines();
        let first = tokio::time::timeout(GUARD_STARTS_WITHIN, reports.next_line()).await;
        let report = first.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        match report.as_deref().map(str::parse) {
            Some(Ok(Report::Pid(pid))) => match Pid::from_raw(pid) {
                Some(group) => Ok(Self {
                    guard,
                    reports,
                    lifeline,
                    group,
                    grace: settings.grace,
                    started,
                }),
                None => Err(io::Error::from(io::ErrorKind::InvalidData)),
            },
            _ => Err(io::Error::other(
                "its guard did not start; is this program able to run itself again?",
            )),
        }
    }

    /// Its process id, which is also its process group's.
    pub(super) fn pid(&self) -> u32 {
        self.group.as_raw_nonzero().get().unsigned_abs()
    }

    /// Its outputs, the first time.
    pub(super) fn outputs(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.guard.stdout.take(), self.guard.stderr.take())
    }

    /// Waits until it has ended by itself. May be dropped and called again.
    pub(super) async fn ended(&mut self) -> Ending {
        let report = self.reports.next_line().await.ok().flatten();
        let ending = match report.map(|line| line.parse()) {
            Some(Ok(Report::Exit(status))) => Ending::Exit(status),
            Some(Ok(Report::Signal(signal))) => Ending::Signal(signal),
            _ => {
                // Nobody else looks after the command now.
                let _ = kill_process_group(self.group, Signal::KILL);
                Ending::Unguarded
            }
        };
        // It has said its last word and needs no time.
        drop(tokio::time::timeout(GUARD_ENDS_WITHIN, self.guard.wait()).await);
        ending
    }

    /// Stops it with all it started; returns when that is done.
    pub(super) async fn stop(mut self) {
        drop(self.lifeline.shutdown().await);
        let limit = self.grace + GUARD_ENDS_WITHIN;
        if tokio::time::timeout(limit, self.guard.wait()).await.is_err() {
            let _ = kill_process_group(self.group, Signal::KILL);
            drop(self.guard.kill().await);
        }
    }
}

impl Ending {
    /// Whether it did what it should.
    pub(crate) fn is_success(self) -> bool {
        self == Self::Exit(0)
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(status) => write!(f, "exit status {status}"),
            Self::Signal(signal) => match name(*signal) {
                Some(name) => write!(f, "ended by signal {signal} ({name})"),
                None => write!(f, "ended by signal {signal}"),
            },
            Self::Unguarded => write!(f, "its guard process was killed"),
        }
    }
}

/// The names of signals that end programs, where all systems agree on the number.
fn name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_told_in_words() {
        assert_eq!(Ending::Exit(1).to_string(), "exit status 1");
        assert_eq!(Ending::Signal(9).to_string(), "ended by signal 9 (SIGKILL)");
        assert_eq!(Ending::Signal(40).to_string(), "ended by signal 40");
    }
}
