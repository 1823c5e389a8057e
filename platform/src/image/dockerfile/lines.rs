//! Output of builders, put together from pieces and told line by line.

use std::collections::VecDeque;

use crate::event::{Event, Events, Output, Step, StepKind, StepState};
use crate::plain_line::plain_line;

/// Bytes of a line that are kept.
const LONGEST: usize = 8 * 1024;
/// Lines that an error shows.
const SHOWN: usize = 20;

/// The part of a line that came so far.
#[derive(Debug, Default)]
pub(super) struct Partial {
    bytes: Vec<u8>,
    omitted: u64,
}

/// A complete line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) omitted_bytes: u64,
}

impl Partial {
    /// Takes in a piece and gives the lines that it completes.
    pub(super) fn take(&mut self, piece: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut parts = piece.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            let room = LONGEST.saturating_sub(self.bytes.len()).min(part.len());
            self.bytes.extend_from_slice(&part[..room]);
            self.omitted += (part.len() - room) as u64;
            if parts.peek().is_some() {
                lines.push(self.end());
            }
        }
        lines
    }

    /// The line without an end that is left, if one is.
    pub(super) fn rest(&mut self) -> Option<Line> {
        (!self.bytes.is_empty()).then(|| self.end())
    }

    fn end(&mut self) -> Line {
        let bytes = std::mem::take(&mut self.bytes);
        let text = String::from_utf8_lossy(&bytes);
        // Of a line that was written over, the last writing stays.
        let text = text.trim_end_matches('\r');
        let text = text.rsplit('\r').next().unwrap_or(text);
        Line {
            text: plain_line(text),
            omitted_bytes: std::mem::take(&mut self.omitted),
        }
    }
}

/// The last lines, for an error.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail(VecDeque<String>);

impl Tail {
    pub(super) fn push(&mut self, line: &str) {
        if self.0.len() == SHOWN {
            self.0.pop_front();
        }
        self.0.push_back(line.to_owned());
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.0.into()
    }
}

/// Where a build's output is told.
#[derive(Clone, Debug)]
pub(super) struct Teller {
    pub(super) events: Events,
    pub(super) component: String,
}

impl Teller {
    pub(super) async fn line(&self, output: Output, line: Line) {
        let event = Event::Line {
            component: self.component.clone(),
            output,
            line: line.text,
            omitted_bytes: line.omitted_bytes,
        };
        self.events.send_line(event).await;
    }

    /// Tells which instruction is worked on.
    pub(super) fn instruction(&self, instruction: &str) {
        let reason = instruction.to_owned();
        self.state(StepState::Waiting { reason });
    }

    pub(super) fn bytes(&self, done_bytes: u64, total_bytes: Option<u64>) {
        self.state(StepState::Progress {
            done_bytes,
            total_bytes,
        });
    }

    fn state(&self, state: StepState) {
        let step = Step::new(StepKind::Build, &self.component);
        self.events.send(Event::Step { step, state });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: Vec<Line>) -> Vec<String> {
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn lines_come_together_from_pieces() {
        let mut partial = Partial::default();
        assert!(partial.take(b"on").is_empty());
        assert_eq!(texts(partial.take(b"e\ntwo\nth")), ["one", "two"]);
        assert_eq!(partial.rest().unwrap().text, "th");
        assert_eq!(partial.rest(), None);
    }

    #[test]
    fn colours_go_and_a_line_written_over_is_its_last_writing() {
        let mut partial = Partial::default();
        let piece = b"\x1b[91mred\x1b[0m\r\n10%\r100%\n";
        assert_eq!(texts(partial.take(piece)), ["red", "100%"]);
    }

    #[test]
    fn what_is_cut_off_an_endless_line_is_counted() {
        let mut partial = Partial::default();
        assert!(partial.take(&vec![b'a'; LONGEST + 5]).is_empty());
        let line = partial.take(b"b\nc").remove(0);
        assert_eq!((line.text.len(), line.omitted_bytes), (LONGEST, 6));
        assert_eq!(partial.rest().unwrap().omitted_bytes, 0);
    }

    #[test]
    fn the_last_lines_are_kept() {
        let mut tail = Tail::default();
        (0..=SHOWN).for_each(|number| tail.push(&number.to_string()));
        let lines = tail.into_lines();
        assert_eq!((lines.len(), lines[0].as_str()), (SHOWN, "1"));
    }
}
