//! What the classic builder says: `Step 2/7 : RUN make`, output, and what it does with containers.

use bollard::models::BuildInfo;

use super::failure::Failure;
use super::lines::{Line, Partial, Tail, Teller};
use crate::event::Output;

/// The build as far as it was heard of.
#[derive(Debug, Default)]
pub(super) struct Classic {
    partial: Partial,
    number: Option<(usize, usize)>,
    text: Option<String>,
    tail: Tail,
}

impl Classic {
    /// Takes in what was said.
    pub(super) async fn take(&mut self, info: BuildInfo, teller: &Teller) {
        let Some(piece) = info.stream else {
            return self.status(info, teller).await;
        };
        for line in self.partial.take(piece.as_bytes()) {
            self.line(line, teller).await;
        }
    }

    /// The last line may have no end.
    pub(super) async fn end(&mut self, teller: &Teller) {
        if let Some(line) = self.partial.rest() {
            self.line(line, teller).await;
        }
    }

    /// What was worked on when it failed with these words.
    pub(super) fn failure(self, message: String) -> Failure {
        Failure {
            message,
            number: self.number,
            text: self.text,
            log: self.tail.into_lines(),
        }
    }

    async fn line(&mut self, line: Line, teller: &Teller) {
        if let Some((number, of, text)) = step(&line.text) {
            teller.instruction(&format!("{number}/{of} {text}"));
            self.number = Some((number, of));
            self.text = Some(text.to_owned());
            self.tail.clear();
        } else if !line.text.trim().is_empty() && !is_housekeeping(&line.text) {
            self.tail.push(&line.text);
        }
        if !line.text.trim().is_empty() {
            teller.line(Output::Stdout, line).await;
        }
    }

    /// The parts of a base image that is pulled.
    async fn status(&mut self, info: BuildInfo, teller: &Teller) {
        let Some(status) = info.status.filter(|_| info.progress_detail.is_none()) else {
            return;
        };
        let text = match info.id {
            Some(id) => format!("{id}: {status}"),
            None => status,
        };
        let text = crate::plain_line::plain_line(&text);
        let omitted_bytes = 0;
        teller.line(Output::Stdout, Line { text, omitted_bytes }).await;
    }
}

/// `Step 2/7 : RUN make`.
fn step(line: &str) -> Option<(usize, usize, &str)> {
    let (numbers, text) = line.strip_prefix("Step ")?.split_once(" : ")?;
    let (number, of) = numbers.split_once('/')?;
    Some((number.parse().ok()?, of.parse().ok()?, text))
}

/// What is no output of a command.
fn is_housekeeping(line: &str) -> bool {
    line.starts_with(" ---> ") || line.starts_with("Removing intermediate container ")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn heard(pieces: &[&str]) -> (Classic, Vec<String>) {
        let (events, mut receiver) = crate::event::channel();
        let component = "app".to_owned();
        let teller = Teller { events, component };
        let mut classic = Classic::default();
        for piece in pieces {
            let stream = Some((*piece).to_owned());
            let info = BuildInfo {
                stream,
                ..BuildInfo::default()
            };
            classic.take(info, &teller).await;
        }
        classic.end(&teller).await;
        drop(teller);
        let mut lines = Vec::new();
        while let Some(event) = receiver.recv().await {
            if let crate::event::Event::Line { line, .. } = event {
                lines.push(line);
            }
        }
        (classic, lines)
    }

    #[tokio::test]
    async fn output_is_told_by_lines_and_a_failure_has_its_instruction() {
        let pieces = [
            "Step 1/2 : FROM a",
            "\n",
            " ---> 53\n",
            "Step 2/2 : RUN make\n ---> Running in 1\n",
            "on",
            "e\n",
            "\u{1b}[91mtwo\n\u{1b}[0m",
        ];
        let (classic, lines) = heard(&pieces).await;
        assert_eq!(
            lines,
            [
                "Step 1/2 : FROM a",
                " ---> 53",
                "Step 2/2 : RUN make",
                " ---> Running in 1",
                "one",
                "two"
            ]
        );
        let failure = classic.failure("no".to_owned());
        assert_eq!(failure.number, Some((2, 2)));
        assert_eq!(failure.text.as_deref(), Some("RUN make"));
        assert_eq!(failure.log, ["one", "two"]);
    }
}
