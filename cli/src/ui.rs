//! Where words go: stdout carries the result, stderr the status; text for people, JSON lines for programs.

pub(crate) mod amount;
mod ci;
mod paint;
mod stream;
mod table;
pub(crate) mod wrap;

use std::io;

use serde::Serialize;
use serde_json::json;

pub(crate) use ci::Host;
pub(crate) use paint::{ColorChoice, Paint, Tint};
pub use stream::Streams;
pub(crate) use table::Table;

use crate::{error::Error, exit::Exit};
pub(crate) use platform::plain_line::plain_line;
use stream::Sink;

/// How results and status are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Something that can be shown to a person and to a program.
pub trait Report: Serialize {
    /// The form for people: whole lines, each ended by `\n`.
    fn text(&self, paint: Paint) -> String;
}

/// The flags that decide how much is said, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Text or JSON lines.
    pub output: Output,
    /// Say nothing but results, warnings and errors.
    pub quiet: bool,
    /// How many times `-v` was given.
    pub verbose: u8,
    /// When to use colour.
    pub color: ColorChoice,
}

/// The only thing in this crate that writes to the standard streams. Clones write to the same streams, each of which takes
/// one text at a time.
#[derive(Clone)]
pub struct Ui {
    stdout: Sink,
    stderr: Sink,
    host: Option<Host>,
    manner: Manner,
}

impl Ui {
    /// A user interface over `streams`, behaving as the flags in `manner` ask.
    pub fn new(streams: Streams, manner: Manner) -> Self {
        let Streams { stdout, stderr, host } = streams;
        Ui {
            stdout: stdout.painted(manner.color),
            stderr: stderr.painted(manner.color),
            host: host.filter(|_| manner.output == Output::Text),
            manner,
        }
    }

    /// Text or JSON.
    pub fn output(&self) -> Output {
        self.manner.output
    }

    /// How many times `-v` was given.
    pub fn verbose(&self) -> u8 {
        self.manner.verbose
    }

    /// Whether status is left out.
    pub fn quiet(&self) -> bool {
        self.manner.quiet
    }

    /// Whether status may move: stderr is a terminal that knows how to, and somebody looks at it.
    pub(crate) fn can_animate(&self) -> bool {
        self.stderr.is_terminal() && !self.manner.quiet && moves(|name| std::env::var(name).ok())
    }

    /// Whether somebody can be asked something: text for people goes to a terminal.
    pub(crate) fn can_ask(&self) -> bool {
        self.stderr.is_terminal() && self.manner.output == Output::Text
    }

    /// The CI system that reads along, if it is one that knows groups and annotations, and is to be talked to in text.
    pub(crate) fn host(&self) -> Option<Host> {
        self.host
    }

    /// Writes lines under a title, for a CI system that folds them; unless `--quiet`.
    pub(crate) fn group(&self, title: &str, lines: &[String]) {
        if let Some(host) = self.host.filter(|_| !self.manner.quiet) {
            self.stderr.write_lossy(host.group(title, lines).as_bytes());
        }
    }

    /// How status is painted.
    pub(crate) fn stderr_paint(&self) -> Paint {
        self.stderr.paint()
    }

    /// Writes to stderr as it is: what moves, composed elsewhere.
    pub(crate) fn draw(&self, frame: &str) {
        self.stderr.write_lossy(frame.as_bytes());
    }

    /// Writes a result to stdout.
    ///
    /// # Errors
    /// When stdout cannot be written (a full disk, say). A reader that has gone away is no error.
    pub fn result(&self, report: &impl Report) -> Result<(), Error> {
        let text = match self.manner.output {
            Output::Text => report.text(self.stdout.paint()),
            Output::Json => json_line(report),
        };
        self.raw(text.as_bytes())
    }

    /// Writes a list of results to stdout: `text` as a whole for people, one object an item for programs.
    ///
    /// # Errors
    /// As [`Ui::result`].
    pub fn listing(&self, items: &[impl Serialize], text: impl FnOnce(Paint) -> String) -> Result<(), Error> {
        let text = match self.manner.output {
            Output::Text => text(self.stdout.paint()),
            Output::Json => items.iter().map(json_line).collect(),
        };
        self.raw(text.as_bytes())
    }

    /// Writes bytes to stdout as they are: a completion script, a manual page.
    ///
    /// # Errors
    /// As [`Ui::result`].
    pub fn raw(&self, bytes: &[u8]) -> Result<(), Error> {
        self.stdout
            .write(bytes)
            .map_err(|error: io::Error| Error::new(Exit::Failure, "cannot write to stdout").caused_by(error))
    }

    /// Whether somebody still reads the results; a pipe tells only when it is written to.
    pub(crate) fn has_reader(&self) -> bool {
        self.stdout.has_reader()
    }

    /// How results are painted.
    pub(crate) fn stdout_paint(&self) -> Paint {
        self.stdout.paint()
    }

    /// Writes an event of a longer run to stderr, unless `--quiet`.
    pub fn event(&self, report: &impl Report) {
        if !self.manner.quiet {
            self.notice(report);
        }
    }

    /// Writes something a person must see even with `--quiet` to stderr.
    pub fn notice(&self, report: &impl Report) {
        let text = match self.manner.output {
            Output::Text => ci::harmless(self.host, report.text(self.stderr.paint())),
            Output::Json => json_line(report),
        };
        self.stderr.write_lossy(text.as_bytes());
    }

    /// Writes one sentence of status to stderr, unless `--quiet`.
    pub fn status(&self, message: impl Into<String>) {
        self.event(&Sentence {
            kind: "status",
            message: message.into(),
        });
    }

    /// Writes a warning to stderr.
    pub fn warn(&self, message: impl Into<String>) {
        self.notice(&Sentence {
            kind: "warning",
            message: message.into(),
        });
    }

    /// Writes words that were made elsewhere (clap's usage errors) to stderr as they are.
    pub fn complain(&self, words: &str) {
        self.stderr.write_lossy(words.as_bytes());
    }

    /// Prints an error with its causes and hints, each once; where a CI system reads along, also as its annotation.
    pub fn error(&self, error: &Error) {
        let text = match self.manner.output {
            Output::Text => {
                let text = ci::harmless(self.host, error_text(error, self.stderr.paint()));
                let annotation = self.host.map(|host| host.error(error));
                text + &annotation.unwrap_or_default()
            }
            Output::Json => format!("{}\n", error.to_json()),
        };
        self.stderr.write_lossy(text.as_bytes());
    }
}

/// A sentence of status or warning.
#[derive(Serialize)]
struct Sentence {
    #[serde(rename = "type")]
    kind: &'static str,
    message: String,
}

impl Report for Sentence {
    fn text(&self, paint: Paint) -> String {
        match self.kind {
            "warning" => format!("{} {}\n", paint.bold(Tint::Yellow, "warning:"), self.message),
            _ => format!("{}\n", self.message),
        }
    }
}

/// Rows and columns of the terminal that status goes to.
pub(crate) fn terminal_size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok()?;
    (size.ws_row > 0 && size.ws_col > 0).then_some((size.ws_row, size.ws_col))
}

/// Whether a terminal with this environment is one on which lines can move.
fn moves(variable: impl Fn(&str) -> Option<String>) -> bool {
    // CI systems often give their jobs a terminal, and nobody in front of it.
    let ci = variable("CI").is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    !ci && variable("TERM").as_deref() != Some("dumb")
}

fn json_line(report: &impl Serialize) -> String {
    let line = serde_json::to_string(report).unwrap_or_else(|error| {
        json!({ "type": "error", "message": format!("cannot write this as JSON: {error}") }).to_string()
    });
    line + "\n"
}

fn error_text(error: &Error, paint: Paint) -> String {
    let mut lines = vec![format!(
        "{} {}\n",
        paint.bold(Tint::Red, "error:"),
        plain_lines(&error.to_string())
    )];
    lines.extend(
        error
            .causes()
            .iter()
            .map(|cause| format!("  {} {}\n", paint.dim("caused by:"), plain_lines(cause))),
    );
    for finding in error.findings() {
        lines.push(format!("  {}\n", plain_line(&finding.cause)));
        let shown = |line: &String| format!("    {} {}\n", paint.dim("|"), plain_line(line));
        lines.extend(finding.evidence.iter().map(shown));
        let next = plain_line(&finding.next);
        lines.push(format!("    {} {next}\n", paint.tint(Tint::Cyan, "next:")));
    }
    for excerpt in error.excerpts() {
        lines.push(format!("  {}\n", paint.dim(&format!("{}:", excerpt.title))));
        let shown = |line: &String| format!("    {} {}\n", paint.dim("|"), plain_line(line));
        lines.extend(excerpt.lines.iter().map(shown));
    }
    lines.extend(
        error
            .hints()
            .iter()
            .map(|hint| format!("{} {}\n", paint.bold(Tint::Cyan, "hint:"), plain_lines(hint))),
    );
    lines.concat()
}

/// An error as a person sees it, without colour.
#[cfg(test)]
pub(crate) fn shown(error: &Error) -> String {
    error_text(error, Paint::new(false))
}

/// Words of several lines, each made harmless.
fn plain_lines(words: &str) -> String {
    words.lines().map(plain_line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
