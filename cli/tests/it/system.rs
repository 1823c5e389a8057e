//! A running `ratectl dev`, watched through its JSON output.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{self, Answer};
use crate::processes::eventually;

/// The program and what it has said so far. Killed when dropped; its guards then end everything it started.
pub(crate) struct System {
    child: Child,
    stdout: Lines,
    stderr: Lines,
}

/// The lines of a stream, read as they come, for as long as somebody reads.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

/// How long a program that has ended may seem to have more to say: a child of it may have its streams still.
const LAST_WORDS: Duration = Duration::from_secs(5);

impl Lines {
    fn read(stream: impl Read + Send + 'static) -> Self {
        let lines = Lines::default();
        let kept = lines.clone();
        // Ends with the stream, which ends with the program.
        drop(thread::spawn(move || {
            for line in BufReader::new(stream).lines() {
                kept.0.lock().unwrap().push(line.unwrap());
            }
        }));
        lines
    }

    /// Whether the stream has come to its end: its reader is gone then.
    fn ended(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// Everything so far.
    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

impl System {
    /// Starts `ratectl dev`; returns at once.
    pub(crate) fn start(mut command: Command) -> Self {
        System::of(
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap(),
        )
    }

    /// Watches the streams of a started program that nobody has taken yet.
    pub(crate) fn of(mut child: Child) -> Self {
        let stdout = child.stdout.take().map(Lines::read).unwrap_or_default();
        let stderr = child.stderr.take().map(Lines::read).unwrap_or_default();
        System {
            child,
            stdout,
            stderr,
        }
    }

    /// The object that says that everything is ready.
    pub(crate) fn ready(&mut self) -> Value {
        self.line("ready", |line| line["type"] == "ready")
    }

    /// Waits for a line of JSON, on stdout or stderr, of which `wanted` holds.
    pub(crate) fn line(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(what, || {
            let ended = self.child.try_wait().unwrap();
            let text = format!("{}\n{}", self.stdout.text(), self.stderr.text());
            let found = text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .find(&wanted);
            assert!(
                found.is_some() || ended.is_none(),
                "ended with {ended:?} before {what}: {text}"
            );
            found
        })
    }

    /// The gateway's address on IPv4.
    pub(crate) fn address(&mut self) -> String {
        format!("127.0.0.1:{}", self.ready()["port"])
    }

    /// `GET` through the gateway.
    pub(crate) fn get(&mut self, path: &str) -> Answer {
        client::get(&self.address(), path)
    }

    /// What has been said on stderr.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// What has been said on stdout.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// The program's process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name, such as `INT`. The shell's own `kill` is there on every machine.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("sh")
                .args(["-c", "kill -s \"$0\" \"$1\"", name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Sends a signal and waits for the end, and for what was said before it.
    pub(crate) fn end(&mut self, signal: &str) -> ExitStatus {
        self.signal(signal);
        let status = eventually("the end of ratectl", || self.child.try_wait().unwrap());
        let until = Instant::now() + LAST_WORDS;
        while !(self.stdout.ended() && self.stderr.ended()) && Instant::now() < until {
            thread::sleep(Duration::from_millis(5));
        }
        status
    }
}

impl Drop for System {
    fn drop(&mut self) {
        // Ended already in most tests.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
