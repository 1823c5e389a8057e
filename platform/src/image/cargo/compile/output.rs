//! What Cargo says while it compiles.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::ExitStatus;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

use super::super::command::Group;
use crate::event::{self, Event, Events};
use crate::image::{Error, Setup};
use crate::plain_line::plain_line;

/// Last lines that an error repeats.
const REMEMBERED: usize = 60;

/// What is left of it when Cargo has ended well.
#[derive(Debug, Default)]
pub(in crate::image::cargo) struct Output {
    /// Binaries: name and file.
    executables: Vec<(String, PathBuf)>,
}

/// What it said to people.
#[derive(Debug, Default)]
struct Words {
    /// The first error, with its place.
    error: Option<String>,
    last: VecDeque<String>,
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Output {
    /// Hands on every line until Cargo ends.
    pub(super) async fn follow(setup: &Setup, component: &str, mut group: Group) -> Result<Self, Error> {
        let (stdout, stderr) = (group.child.stdout.take(), group.child.stderr.take());
        let (output, words, status) = tokio::join!(
            async {
                match stdout {
                    Some(stdout) => Self::read(stdout).await,
                    None => Self::default(),
                }
            },
            async {
                match stderr {
                    Some(stderr) => {
                        Words::read(component, event::Output::Stderr, stderr, &setup.events).await
                    }
                    None => Words::default(),
                }
            },
            group.ended(),
        );
        let status = status.map_err(|error| Error::Cargo {
            operation: format!("build {component}"),
            reason: error.to_string(),
        })?;
        if status.success() {
            return Ok(output);
        }
        Err(words.failure(component, "cargo", status))
    }

    /// The file of a binary.
    pub(super) fn executable(&self, name: &str) -> Option<PathBuf> {
        let mut executables = self.executables.iter();
        let (_, file) = executables.find(|(binary, _)| binary == name)?;
        Some(file.clone())
    }

    async fn read(stdout: impl AsyncRead + Unpin) -> Self {
        let mut output = Self::default();
        let mut lines = BufReader::new(stdout).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            let Ok(message) = serde_json::from_slice::<Message>(&line) else {
                continue;
            };
            if let (Some(target), Some(file), "compiler-artifact") =
                (message.target, message.executable, message.reason.as_str())
                && target.kind.iter().any(|kind| kind == "bin")
            {
                output.executables.push((target.name, file));
            }
        }
        output
    }
}

/// Hands on every line of another program until it ends. `step` is what people call it.
pub(in crate::image::cargo) async fn follow(
    setup: &Setup,
    component: &str,
    step: &str,
    mut group: Group,
) -> Result<(), Error> {
    let (stdout, stderr) = (group.child.stdout.take(), group.child.stderr.take());
    let (mut words, last, status) = tokio::join!(
        async {
            match stdout {
                Some(stdout) => Words::read(component, event::Output::Stdout, stdout, &setup.events).await,
                None => Words::default(),
            }
        },
        async {
            match stderr {
                Some(stderr) => Words::read(component, event::Output::Stderr, stderr, &setup.events).await,
                None => Words::default(),
            }
        },
        group.ended(),
    );
    let status = status.map_err(|error| Error::Definition {
        component: component.to_owned(),
        message: format!("it is not known how `{step}` ended: {error}"),
    })?;
    if status.success() {
        return Ok(());
    }
    words.error = words.error.or(last.error);
    words.last.extend(last.last);
    Err(words.failure(component, step, status))
}

impl Words {
    async fn read(
        component: &str,
        output: event::Output,
        stream: impl AsyncRead + Unpin,
        events: &Events,
    ) -> Self {
        let mut words = Self::default();
        let mut lines = BufReader::new(stream).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            words.take(&line);
            let component = component.to_owned();
            events
                .send_line(Event::Line {
                    component,
                    output,
                    line,
                    omitted_bytes: 0,
                })
                .await;
        }
        words
    }

    fn take(&mut self, line: &str) {
        let line = plain_line(line);
        let place = line.trim_start().strip_prefix("--> ");
        match (&mut self.error, place) {
            (None, _) if line.starts_with("error") => {
                let text = line.split_once(": ").map_or(line.as_str(), |(_, text)| text);
                self.error = Some(text.to_owned());
            }
            (Some(error), Some(place)) if !error.ends_with(')') => {
                *error = format!("{error} ({place})");
            }
            _ => {}
        }
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    fn failure(self, component: &str, step: &str, status: ExitStatus) -> Error {
        Error::Build {
            component: component.to_owned(),
            step: Some(step.to_owned()),
            line: None,
            message: self.error.unwrap_or_else(|| format!("it ended with {status}")),
            exit_code: status.code().map(i64::from),
            log: self.last.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_file_of_the_binary_is_found_among_other_messages() {
        let said = r#"{"reason":"compiler-artifact","target":{"name":"app","kind":["lib"]},"executable":null}
{"reason":"compiler-artifact","target":{"name":"build-script-build","kind":["custom-build"]},"executable":"/t/b"}
no message
{"reason":"compiler-artifact","target":{"name":"app","kind":["bin"]},"executable":"/t/app","fresh":true}
{"reason":"build-finished","success":true}"#;
        let output = Output::read(said.as_bytes()).await;
        assert_eq!(output.executable("app"), Some("/t/app".into()));
        assert_eq!(output.executable("build-script-build"), None);
    }

    #[test]
    fn the_first_error_is_told_with_its_place() {
        let mut words = Words::default();
        for line in [
            "   Compiling app v0.1.0 (/w/app)",
            "warning: unused variable: `x`",
            " --> src/main.rs:1:1",
            "error[E0425]: cannot find value `y` in this scope",
            " --> src/main.rs:2:5",
            "error: aborting due to 1 previous error",
            "error: could not compile `app` (bin \"app\") due to 1 previous error",
        ] {
            words.take(line);
        }
        let said = words.error.unwrap();
        assert_eq!(said, "cannot find value `y` in this scope (src/main.rs:2:5)");
        assert_eq!(words.last.len(), 7);
    }
}
