//! What is going on, as values: one stream of events for every long-running operation.
//!
//! Changes of state are never held back; lines of output wait when the reader is slow, so that a component that writes
//! without end slows itself down and not the memory of this process.

mod stage;
mod step;

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::{Semaphore, mpsc};

use crate::streams::Difference;
pub use stage::{Stage, millis};
pub use step::{Outcome, Step, StepKind, StepState};

/// Lines that may wait for the reader.
const LINES_WAITING: usize = 1024;

/// Something that happened. As JSON: `{"type":"ready","component":"rating-service",...}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    /// A program that is missing is being fetched; this can take a minute.
    Installing {
        /// Such as `nats-server`.
        program: String,
        /// The version that is wanted.
        version: String,
        /// The command that fetches it.
        command: String,
    },
    /// The program is there now.
    Installed {
        /// Such as `nats-server`.
        program: String,
        /// The version it says it has.
        version: String,
        /// Where it lies.
        path: PathBuf,
    },
    /// A stream or consumer was looked at, and created or updated if its verdict says so.
    Stream {
        /// What was found, and therefore done.
        #[serde(flatten)]
        difference: Difference,
    },
    /// A component's program is missing and its `build` command runs.
    Building {
        /// Its name in the project file.
        component: String,
        /// The command.
        command: Vec<String>,
    },
    /// A component's process was started.
    Started {
        /// Its name.
        component: String,
        /// The process id of the component itself, not of its guard.
        pid: u32,
        /// How often it was started before.
        restarts: u32,
    },
    /// A component became ready.
    Ready {
        /// Its name.
        component: String,
        /// Where it answers, if its readiness is asked over the network.
        url: Option<String>,
        /// Milliseconds since its process was started.
        after_ms: u64,
    },
    /// A component runs and is not ready: after a while of waiting, when the reason changes, or when it was ready before.
    Unready {
        /// Its name.
        component: String,
        /// What it, or the connection to it, says.
        reason: String,
    },
    /// A component wrote a line.
    Line {
        /// Its name.
        component: String,
        /// Which of its outputs.
        output: Output,
        /// The line without its end; what is not UTF-8 is replaced.
        line: String,
        /// Bytes cut off the end of an over-long line.
        #[serde(skip_serializing_if = "is_zero")]
        omitted_bytes: u64,
    },
    /// A component's process ended by itself and will be started again.
    Ended {
        /// Its name.
        component: String,
        /// How, such as `exit status 1` or `killed by signal 9 (SIGKILL)`.
        ending: String,
        /// Milliseconds until the next start.
        restart_in_ms: u64,
    },
    /// A component cannot be started, and starting it again would not help.
    Failed {
        /// Its name.
        component: String,
        /// Why, with what to do next.
        reason: String,
    },
    /// A component was stopped as asked.
    Stopped {
        /// Its name.
        component: String,
    },
    /// A step of a longer operation moved on.
    Step {
        /// Which one.
        #[serde(flatten)]
        step: Step,
        /// How far it is.
        #[serde(flatten)]
        state: StepState,
    },
}

/// One of a process's two outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The sending side; clones feed the same reader. Nothing fails when the reader has gone.
#[derive(Clone, Debug)]
pub struct Events {
    sender: mpsc::UnboundedSender<Event>,
    lines: Arc<Semaphore>,
}

/// The reading side.
#[derive(Debug)]
pub struct Receiver {
    receiver: mpsc::UnboundedReceiver<Event>,
    lines: Arc<Semaphore>,
}

/// A stream of events.
pub fn channel() -> (Events, Receiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let lines = Arc::new(Semaphore::new(LINES_WAITING));
    let reader = Receiver {
        receiver,
        lines: Arc::clone(&lines),
    };
    (Events { sender, lines }, reader)
}

impl Events {
    /// Events that nobody reads.
    pub fn silent() -> Self {
        channel().0
    }

    /// Reports at once.
    pub fn send(&self, event: Event) {
        // Without a reader there is nobody to tell.
        drop(self.sender.send(event));
    }

    /// Reports a line of output once the reader has room for it.
    pub async fn send_line(&self, event: Event) {
        // The semaphore closes with the reader.
        if let Ok(permit) = self.lines.acquire().await {
            permit.forget();
            self.send(event);
        }
    }
}

impl Receiver {
    /// The next event; `None` when everything that could send has gone.
    pub async fn recv(&mut self) -> Option<Event> {
        let event = self.receiver.recv().await;
        if matches!(event, Some(Event::Line { .. })) {
            self.lines.add_permits(1);
        }
        event
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.lines.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Event {
        let component = "a".to_owned();
        Event::Line {
            component,
            output: Output::Stdout,
            line: text.to_owned(),
            omitted_bytes: 0,
        }
    }

    #[tokio::test]
    async fn lines_wait_for_the_reader_and_states_do_not() {
        let (events, mut receiver) = channel();
        for number in 0..LINES_WAITING {
            events.send_line(line(&number.to_string())).await;
        }
        let writer = events.clone();
        let mut blocked = tokio::spawn(async move { writer.send_line(line("last")).await });
        tokio::task::yield_now().await;
        assert!(!blocked.is_finished());
        events.send(Event::Stopped {
            component: "a".to_owned(),
        });

        assert_eq!(receiver.recv().await, Some(line("0")));
        (&mut blocked).await.unwrap();
        drop(events);
        let mut rest = Vec::new();
        while let Some(event) = receiver.recv().await {
            rest.push(event);
        }
        assert_eq!(rest.len(), LINES_WAITING + 1);
        assert_eq!(rest.last(), Some(&line("last")));
    }

    #[tokio::test]
    async fn without_a_reader_nobody_waits() {
        let (events, receiver) = channel();
        drop(receiver);
        for _ in 0..=LINES_WAITING {
            events.send_line(line("x")).await;
        }
    }

    #[test]
    fn an_event_is_one_flat_json_object() {
        let event = Event::Ready {
            component: "a".to_owned(),
            url: None,
            after_ms: 12,
        };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"type": "ready", "component": "a", "url": null, "afterMs": 12})
        );
    }
}
