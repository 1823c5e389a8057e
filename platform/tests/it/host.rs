//! The `host` example: a program that can be a guard, and one that can be killed in the place of `ratectl`.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use platform::guard::{ARGUMENT, Launcher};
use serde_json::Value;

/// Far more than anything here takes, on any machine.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// The example's file; `cargo test` builds it together with this test.
pub(crate) fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let file = own.parent().and_then(Path::parent).unwrap().join("examples/host");
    assert!(
        file.is_file(),
        "{} is missing; `cargo test -p platform` builds it",
        file.display()
    );
    file
}

/// Starts guards.
pub(crate) fn launcher() -> Launcher {
    Launcher {
        program: program(),
        arguments: vec![ARGUMENT.into()],
    }
}

/// A running host. Dropping it asks it to stop and waits for that.
pub(crate) struct Host {
    child: Child,
    stdin: Option<ChildStdin>,
    events: Receiver<Value>,
}

impl Host {
    /// Runs the project in a folder, with `mark` in the environment of all that it starts.
    pub(crate) fn start(folder: &Path, mark: &str) -> Self {
        let mut child = Command::new(program())
            .arg(folder)
            .arg(testbed::nats::find().unwrap())
            .env(crate::family::MARK, mark)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, events) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    break;
                }
            }
        });
        Self { child, stdin, events }
    }

    /// Waits for the next event of that type about that component.
    pub(crate) fn wait_for(&self, kind: &str, component: &str) -> Value {
        let mut seen = Vec::new();
        while let Ok(event) = self.events.recv_timeout(LIMIT) {
            if event["type"] == kind && event["component"] == component {
                return event;
            }
            seen.push(event.to_string());
        }
        panic!(
            "no event '{kind}' about {component}; there were\n{}",
            seen.join("\n")
        );
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(&mut self) {
        drop(self.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.stdin.take());
        drop(self.child.wait());
    }
}
