//! A child process that cannot outlive its parent.
//!
//! A parent that is killed can do nothing for its children, and Linux's parent-death signal has to be asked for between
//! fork and exec, which safe Rust does not allow. So a small shell stands between: it starts the program, and a
//! watchdog in it reads a pipe whose other end only the parent holds. When the parent goes, however it goes, the
//! pipe ends; the watchdog then ends the program and removes its folder.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::Error;

/// Arguments: the signal that ends the program, the folder to remove, the program and its arguments.
/// The program's id is the first and only line on standard output; its exit status becomes the shell's.
/// SIGHUP is ignored because the kernel sends it to a group that loses its parent while one of its processes is stopped.
const SCRIPT: &str = r#"
signal=$1; folder=$2; shift 2
orphaned=
trap '' HUP
trap 'orphaned=yes' TERM
exec 3<&0
"$@" 3<&- </dev/null >&2 &
program=$!
(
  trap - TERM
  exec >/dev/null 2>&1
  while read -r _ <&3; do :; done
  kill -TERM $$; kill -CONT "$program"; kill "-$signal" "$program"
  tries=0
  while kill -0 "$program" && [ $tries -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
  kill -KILL "$program"
) &
watchdog=$!
echo "$program"
exec >/dev/null 2>&1
wait "$program"; status=$?
if [ -n "$orphaned" ]; then wait "$program"; cd /; rm -rf "$folder"; else kill -KILL "$watchdog"; fi
exit $status
"#;

/// What to run and what to do when the parent dies.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<OsString>,
    /// User and group it runs as; `None` for ours.
    pub(crate) user: Option<(u32, u32)>,
    /// The folder removed after the parent's death.
    pub(crate) folder: PathBuf,
    /// Where its output goes.
    pub(crate) log: PathBuf,
    /// The name of the signal the watchdog ends it with, e.g. `KILL`.
    pub(crate) signal: &'static str,
}

/// A running program and the shell that watches over it.
#[derive(Debug)]
pub(crate) struct Guard {
    shell: Child,
    /// Held open for as long as the program may live.
    lifeline: Option<ChildStdin>,
    pid: Pid,
}

impl Guard {
    /// Starts the program; returns as soon as it has an id, not when it is ready.
    pub(crate) fn spawn(plan: &Plan) -> Result<Self, Error> {
        let named = |what: &str| format!("{what} {}", plan.program.display());
        let log = File::options()
            .create(true)
            .append(true)
            .open(&plan.log)
            .map_err(Error::io(format!("open the log {}", plan.log.display())))?;
        let mut command = Command::new("/bin/sh");
        command
            .args([
                OsStr::new("-c"),
                OsStr::new(SCRIPT),
                OsStr::new("guard"),
                OsStr::new(plan.signal),
            ])
            .args([plan.folder.as_os_str(), plan.program.as_os_str()])
            .args(&plan.arguments)
            .current_dir(&plan.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .process_group(0);
        if let Some((user, group)) = plan.user {
            command.uid(user).gid(group);
        }
        let mut shell = command.spawn().map_err(Error::io(named("start a guard for")))?;
        let lifeline = shell.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = shell.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(Error::io(named("read the process id of")))?;
        }
        let pid = line
            .trim()
            .parse()
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(|| Error::Io {
                action: named("read the process id of"),
                source: ErrorKind::InvalidData.into(),
            })?;
        Ok(Self { shell, lifeline, pid })
    }

    /// The program's process id (not the shell's).
    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Sends the program a signal; one that has ended already is fine.
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), Error> {
        match kill_process(self.pid, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(errno) => Err(Error::Io {
                action: format!("send {signal:?} to process {}", self.pid.as_raw_nonzero()),
                source: errno.into(),
            }),
        }
    }

    /// SIGSTOP, and waits until no thread of the program runs any more.
    pub(crate) fn pause(&self) -> Result<(), Error> {
        self.signal(Signal::STOP)?;
        let threads = PathBuf::from(format!("/proc/{}/task", self.pid.as_raw_nonzero()));
        while threads_run(&threads) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Whether the program has ended.
    pub(crate) fn ended(&mut self) -> Result<bool, Error> {
        self.shell
            .try_wait()
            .map(|status| status.is_some())
            .map_err(Error::io("look at the guard"))
    }

    /// Sends the program a signal that ends it and waits until it is gone; its folder stays.
    pub(crate) fn end(&mut self, signal: Signal) -> Result<(), Error> {
        if !self.ended()? {
            self.signal(Signal::CONT)?;
            self.signal(signal)?;
            // `wait` would close the pipe first, and the watchdog would take that for our death.
            let lifeline = self.lifeline.take();
            self.shell.wait().map_err(Error::io("wait for the guard"))?;
            drop(lifeline);
        }
        Ok(())
    }
}

/// Whether a thread below this folder is in another state than stopped (proc(5), `stat`); false when the process is gone.
fn threads_run(threads: &Path) -> bool {
    let is_running = |thread: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| !rest.starts_with(['T', 'X', 'Z']))
    };
    std::fs::read_dir(threads).is_ok_and(|entries| entries.flatten().any(is_running))
}

/// The last lines of a log, for an error message; empty when there is none.
pub(crate) fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
