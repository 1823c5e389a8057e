//! Output of containers, put together from the pieces in which an engine sends it.

use std::collections::VecDeque;

use bollard::container::LogOutput;

use crate::plain_line::plain_line;

/// Bytes of a line that are kept.
const LONGEST: usize = 4 * 1024;

/// The last lines of an output, both streams in the order in which they came.
#[derive(Debug)]
pub(super) struct LastLines {
    wanted: usize,
    lines: VecDeque<String>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl LastLines {
    pub(super) fn new(wanted: usize) -> Self {
        Self {
            wanted,
            lines: VecDeque::new(),
            stdout: Vec::new(),
            stderr: Vec::new(),
        }
    }

    /// Takes a piece in: a part of a line, or several lines.
    pub(super) fn take(&mut self, piece: &LogOutput) {
        let is_stderr = matches!(piece, LogOutput::StdErr { .. });
        let mut parts = piece.as_ref().split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            let line = if is_stderr {
                &mut self.stderr
            } else {
                &mut self.stdout
            };
            let room = LONGEST.saturating_sub(line.len()).min(part.len());
            line.extend_from_slice(&part[..room]);
            if parts.peek().is_some() {
                let line = std::mem::take(line);
                self.push(&line);
            }
        }
    }

    /// The last lines, without anything a terminal would act on; a line without an end counts.
    pub(super) fn into_lines(mut self) -> Vec<String> {
        for rest in [std::mem::take(&mut self.stdout), std::mem::take(&mut self.stderr)] {
            if !rest.is_empty() {
                self.push(&rest);
            }
        }
        self.lines.into()
    }

    fn push(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        if self.lines.len() == self.wanted {
            self.lines.pop_front();
        }
        if self.wanted > 0 {
            self.lines.push_back(plain_line(text.trim_end_matches('\r')));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(wanted: usize, pieces: &[(&str, u8)]) -> Vec<String> {
        let mut lines = LastLines::new(wanted);
        for (text, stream) in pieces {
            let message = text.as_bytes().to_vec().into();
            lines.take(&match stream {
                0 => LogOutput::Console { message },
                1 => LogOutput::StdOut { message },
                _ => LogOutput::StdErr { message },
            });
        }
        lines.into_lines()
    }

    #[test]
    fn lines_come_together_from_pieces_of_two_streams() {
        let pieces = [("one t", 1), ("err\n", 2), ("wo\nthr", 1), ("ee", 1)];
        assert_eq!(lines(10, &pieces), ["err", "one two", "three"]);
    }

    #[test]
    fn only_the_last_ones_are_kept() {
        assert_eq!(lines(2, &[("a\nb\nc\n", 1), ("d\n", 2)]), ["c", "d"]);
        assert!(lines(0, &[("a\n", 1)]).is_empty());
    }

    #[test]
    fn a_terminal_s_lines_lose_colours_and_carriage_returns() {
        assert_eq!(
            lines(9, &[("\u{1b}[31mred\u{1b}[0m\r\n", 0), ("x\u{7}\r\n", 0)]),
            ["red", "x\\u{7}"]
        );
    }

    #[test]
    fn an_endless_line_is_cut() {
        let long = "a".repeat(3 * LONGEST);
        assert_eq!(
            lines(9, &[(&long, 1), ("\nb\n", 1)]),
            ["a".repeat(LONGEST), "b".to_owned()]
        );
    }
}
