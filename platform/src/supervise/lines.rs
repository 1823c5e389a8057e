//! A process's output, line by line.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

use crate::event::{Event, Events, Output};

/// Bytes of a line that are kept.
const LONGEST: usize = 16 * 1024;
/// Lines that are remembered.
const REMEMBERED: usize = 12;

/// The last lines of a program, for the message when it does not work.
#[derive(Debug, Default)]
pub(super) struct LastLines(Mutex<VecDeque<String>>);

impl LastLines {
    pub(super) fn get(&self) -> Vec<String> {
        // A panic elsewhere leaves whole lines.
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }

    fn push(&self, line: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == REMEMBERED {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }
}

/// Reports every line until the output ends.
pub(super) async fn forward(
    component: String,
    output: Output,
    source: impl AsyncRead + Unpin,
    events: Events,
    last: Arc<LastLines>,
) {
    let mut lines = Lines {
        source: BufReader::new(source),
        line: Vec::new(),
        omitted: 0,
    };
    while let Some((line, omitted_bytes)) = lines.next().await {
        last.push(&line);
        let component = component.clone();
        events
            .send_line(Event::Line {
                component,
                output,
                line,
                omitted_bytes,
            })
            .await;
    }
}

struct Lines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
    omitted: u64,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// The next line without its end, and how much of it was left out. `None` at the end, or when reading fails.
    async fn next(&mut self) -> Option<(String, u64)> {
        loop {
            let chunk = self.source.fill_buf().await.ok()?;
            if chunk.is_empty() {
                return (!self.line.is_empty()).then(|| self.take());
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let text = &chunk[..end.unwrap_or(chunk.len())];
            let kept = text.len().min(LONGEST.saturating_sub(self.line.len()));
            self.line.extend_from_slice(&text[..kept]);
            self.omitted += (text.len() - kept) as u64;
            let used = text.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_some() {
                return Some(self.take());
            }
        }
    }

    fn take(&mut self) -> (String, u64) {
        let text = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let text = String::from_utf8_lossy(text).into_owned();
        self.line.clear();
        (text, std::mem::take(&mut self.omitted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines_of(bytes: &[u8]) -> Vec<(String, u64)> {
        let mut lines = Lines {
            source: BufReader::with_capacity(7, bytes),
            line: Vec::new(),
            omitted: 0,
        };
        let mut all = Vec::new();
        while let Some(line) = lines.next().await {
            all.push(line);
        }
        all
    }

    fn whole(lines: &[&str]) -> Vec<(String, u64)> {
        lines.iter().map(|line| ((*line).to_owned(), 0)).collect()
    }

    #[tokio::test]
    async fn lines_come_without_their_ends() {
        assert_eq!(
            lines_of(b"one\r\n\ntwo words here\nlast").await,
            whole(&["one", "", "two words here", "last"])
        );
        assert_eq!(lines_of(b"").await, whole(&[]));
    }

    #[tokio::test]
    async fn bytes_that_are_not_utf8_are_replaced() {
        assert_eq!(lines_of(b"a\xffb\n\0\n").await, whole(&["a\u{fffd}b", "\0"]));
    }

    #[tokio::test]
    async fn an_over_long_line_is_cut_and_the_next_one_is_whole() {
        let mut bytes = vec![b'x'; LONGEST + 1000];
        bytes.extend_from_slice(b"\nnext\n");
        let lines = lines_of(&bytes).await;
        assert_eq!(lines, [("x".repeat(LONGEST), 1000), ("next".to_owned(), 0)]);
    }
}
