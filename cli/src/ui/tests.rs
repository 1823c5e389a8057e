//! What the user interface writes, and where.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::*;

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A writer that fails with one kind of error.
struct Failing(io::ErrorKind);

impl Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::from(self.0))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn captured(manner: Manner) -> (Ui, Buffer, Buffer) {
    let (stdout, stderr) = (Buffer::default(), Buffer::default());
    (
        Ui::new(Streams::captured(stdout.clone(), stderr.clone()), manner),
        stdout,
        stderr,
    )
}

#[test]
fn errors_are_printed_with_causes_and_hints() {
    let (ui, stdout, stderr) = captured(Manner::default());
    ui.error(
        &Error::new(Exit::Unreachable, "cannot reach NATS at nats://127.0.0.1:4222")
            .caused_by(io::Error::other("connection refused"))
            .hint("start one with `ratectl dev`"),
    );
    assert_eq!(stdout.text(), "");
    assert_eq!(
        stderr.text(),
        "error: cannot reach NATS at nats://127.0.0.1:4222\n  caused by: connection refused\nhint: start one with \
         `ratectl dev`\n"
    );
}

#[test]
fn with_json_every_line_is_an_object() {
    let (ui, _, stderr) = captured(Manner {
        output: Output::Json,
        ..Manner::default()
    });
    ui.status("starting");
    ui.error(&Error::new(Exit::Usage, "no such thing"));
    for line in stderr.text().lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["type"].is_string(), "{line}");
    }
    assert_eq!(stderr.text().lines().count(), 2);
}

#[test]
fn quiet_leaves_warnings_and_errors() {
    let (ui, _, stderr) = captured(Manner {
        quiet: true,
        ..Manner::default()
    });
    ui.status("starting");
    ui.warn("odd");
    assert_eq!(stderr.text(), "warning: odd\n");
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let streams = Streams::captured(Failing(io::ErrorKind::BrokenPipe), io::sink());
    assert!(Ui::new(streams, Manner::default()).raw(b"x").is_ok());
}

#[test]
fn a_full_disk_is_an_error() {
    let streams = Streams::captured(Failing(io::ErrorKind::StorageFull), io::sink());
    assert_eq!(
        Ui::new(streams, Manner::default()).raw(b"x").unwrap_err().exit(),
        Exit::Failure
    );
}

#[test]
fn an_excerpt_is_marked_and_cannot_move_the_cursor() {
    let (ui, _, stderr) = captured(Manner::default());
    let log = vec!["one".to_owned(), "\u{1b}[2Jtwo\r".to_owned()];
    ui.error(
        &Error::new(Exit::Failure, "node a failed")
            .excerpt("last lines of a", log)
            .hint("look at it"),
    );
    assert_eq!(
        stderr.text(),
        "error: node a failed\n  last lines of a:\n    | one\n    | two\\u{d}\nhint: look at it\n"
    );
}

#[test]
fn nothing_moves_where_nobody_looks() {
    let none = |_: &str| None;
    assert!(super::moves(none));
    assert!(!super::moves(|name| (name == "CI").then(|| "true".to_owned())));
    assert!(super::moves(|name| (name == "CI").then(|| "false".to_owned())));
    assert!(!super::moves(|name| (name == "TERM").then(|| "dumb".to_owned())));
}

#[test]
fn a_ci_system_that_reads_along_gets_errors_as_annotations_too() {
    let stderr = Buffer::default();
    let streams = Streams::captured(io::sink(), stderr.clone()).read_by(Host::GitHub);
    let ui = Ui::new(streams, Manner::default());
    ui.error(&Error::new(Exit::Failure, "no such thing").hint("try `x`"));
    ui.status("::set-env name=PATH::/tmp");
    let expected = "error: no such thing\nhint: try `x`\n::error title=ratectl::no such thing%0Ahint: try `x`\n\
                    | ::set-env name=PATH::/tmp\n";
    assert_eq!(stderr.text(), expected);
}

#[test]
fn with_json_nothing_but_json_is_written_for_ci_systems_too() {
    let stderr = Buffer::default();
    let streams = Streams::captured(io::sink(), stderr.clone()).read_by(Host::Azure);
    let output = Output::Json;
    let ui = Ui::new(
        streams,
        Manner {
            output,
            ..Manner::default()
        },
    );
    ui.error(&Error::new(Exit::Failure, "no such thing"));
    assert_eq!(stderr.text().lines().count(), 1);
}
