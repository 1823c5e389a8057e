//! A command that runs: its output as it comes, signals, and an end within a limit.

use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Run;

/// What remains of the output arrives this long after a program's end at the latest.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A started command. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    command: String,
    child: Child,
    began: Instant,
    stdout: Output,
    stderr: Output,
}

/// One stream of a program, read as it comes.
#[derive(Debug)]
struct Output {
    text: Arc<Mutex<String>>,
    /// Disconnected at the stream's end.
    open: Receiver<()>,
}

impl Process {
    /// Starts a command; returns at once.
    ///
    /// # Panics
    /// When it cannot be started.
    #[track_caller]
    pub fn start(mut command: Command) -> Self {
        let typed = typed(&command);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {typed}: {error}"));
        Self {
            began: Instant::now(),
            stdout: Output::read(child.stdout.take()),
            stderr: Output::read(child.stderr.take()),
            command: typed,
            child,
        }
    }

    /// What it has said on standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it has said on standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Since its start.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// Waits until it has said `text` on either stream.
    ///
    /// # Panics
    /// With what it has said, when it ends before, or does not within two minutes.
    #[track_caller]
    pub fn said(&mut self, text: &str) {
        let what = format!("\"{text}\" from {}", self.command);
        crate::eventually(&what, || {
            let runs = self.runs();
            let (stdout, stderr) = (self.stdout(), self.stderr());
            let said = stdout.contains(text) || stderr.contains(text);
            assert!(said || runs, "ended without {what}\n{stdout}\n{stderr}");
            said.then_some(())
        });
    }

    /// Sends it a signal; one that has ended already is fine.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn signal(&self, signal: Signal) {
        let sent = kill_process(Pid::from_child(&self.child), signal);
        assert!(
            matches!(sent, Ok(()) | Err(rustix::io::Errno::SRCH)),
            "cannot signal {}: {sent:?}",
            self.command
        );
    }

    /// Waits for its end; after `limit` it is killed.
    ///
    /// # Panics
    /// With what it has said, when it had to be killed.
    #[track_caller]
    pub fn end(mut self, limit: Duration) -> Run {
        let status = self.wait(limit);
        let took = self.began.elapsed();
        let status = status.unwrap_or_else(|| {
            let (stdout, stderr) = (self.stdout(), self.stderr());
            panic!("{} ran longer than {limit:?}\n{stdout}\n{stderr}", self.command)
        });
        self.stdout.finish();
        self.stderr.finish();
        Run {
            command: self.command.clone(),
            code: status
                .code()
                .unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            stdout: self.stdout(),
            stderr: self.stderr(),
            took,
        }
    }

    /// Its exit status, if it ends within `limit`. Looked for every millisecond: what a run took is measured here.
    fn wait(&mut self, limit: Duration) -> Option<std::process::ExitStatus> {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(1));
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Ended already in most tests.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Output {
    fn read(stream: Option<impl Read + Send + 'static>) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let (end, open) = mpsc::channel();
        let kept = Arc::clone(&text);
        if let Some(stream) = stream {
            drop(thread::spawn(move || {
                let _end: mpsc::Sender<()> = end;
                let mut stream = BufReader::new(stream);
                let mut line = Vec::new();
                while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                    let mut text = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    text.push_str(&String::from_utf8_lossy(&line));
                    line.clear();
                }
            }));
        }
        Self { text, open }
    }

    fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for the stream's end. A process that the program left behind may hold it open; it is not waited for.
    fn finish(&self) {
        let _ = self.open.recv_timeout(LAST_WORDS);
    }
}

/// A command as one would type it, the program by its name alone.
fn typed(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    let words = std::iter::once(name).chain(arguments).map(|word| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+%".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word.into_owned()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Runs a command to its end.
///
/// # Panics
/// When it cannot be started or does not end within `limit`.
#[track_caller]
pub(crate) fn run(command: Command, limit: Duration) -> Run {
    Process::start(command).end(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_run_has_both_streams_and_the_exit_code() {
        let run = run(shell("echo out; echo err >&2; exit 7"), Duration::from_mins(1));
        assert_eq!(
            (run.stdout.as_str(), run.stderr.as_str(), run.code),
            ("out\n", "err\n", 7)
        );
        assert_eq!(run.command, "sh -c 'echo out; echo err >&2; exit 7'");
    }

    #[test]
    fn a_signal_gives_the_exit_code_that_a_shell_would_give() {
        let mut process = Process::start(shell("echo ready; exec sleep 4010"));
        process.said("ready");
        process.signal(Signal::TERM);
        assert_eq!(process.end(Duration::from_mins(1)).code, 143);
    }

    #[test]
    #[should_panic(expected = "ran longer than 10ms")]
    fn a_run_that_does_not_end_is_killed() {
        drop(run(shell("exec sleep 4011"), Duration::from_millis(10)));
    }

    #[test]
    fn what_a_program_leaves_behind_does_not_hold_up_its_run() {
        let run = run(shell("sleep 4012 & echo $!"), Duration::from_mins(1));
        let left = run.stdout.trim().parse().ok().and_then(Pid::from_raw);
        kill_process(left.expect("the shell prints an id"), Signal::KILL).expect("it still runs");
        assert!(run.took < LAST_WORDS + Duration::from_mins(1));
    }
}
