//! A step while it goes on: every beginning has an end, however the work ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Event, Events, Outcome, Step, StepState};

/// A step that is going on. Dropped without an end, it was given up.
#[derive(Debug)]
pub struct Stage {
    step: Step,
    events: Events,
    began: Instant,
    ended: AtomicBool,
}

impl Stage {
    /// Tells that a step has begun, and when it will be given up.
    pub fn begin(events: &Events, step: Step, limit: Duration) -> Self {
        let stage = Self {
            step,
            events: events.clone(),
            began: Instant::now(),
            ended: AtomicBool::new(false),
        };
        let limit_ms = millis(limit);
        stage.send(StepState::Running { limit_ms });
        stage
    }

    /// Tells what it waits for; to be called when that changes.
    pub fn waiting(&self, reason: impl Into<String>) {
        let reason = reason.into();
        self.send(StepState::Waiting { reason });
    }

    /// Tells how many bytes were moved.
    pub fn progress(&self, done_bytes: u64, total_bytes: Option<u64>) {
        self.send(StepState::Progress {
            done_bytes,
            total_bytes,
        });
    }

    /// Tells that it is done; milliseconds that it took.
    pub fn done(&self, outcome: Outcome) -> u64 {
        let after_ms = self.after_ms();
        self.end(StepState::Done { outcome, after_ms });
        after_ms
    }

    /// Tells that it has failed, in one sentence.
    pub fn failed(&self, reason: impl Into<String>) {
        let (reason, after_ms) = (reason.into(), self.after_ms());
        self.end(StepState::Failed { reason, after_ms });
    }

    /// Milliseconds since it began.
    pub fn after_ms(&self) -> u64 {
        millis(self.began.elapsed())
    }

    /// How long it goes on already.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn end(&self, state: StepState) {
        if !self.ended.swap(true, Ordering::Relaxed) {
            self.send(state);
        }
    }

    fn send(&self, state: StepState) {
        let step = self.step.clone();
        self.events.send(Event::Step { step, state });
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.end(StepState::Cancelled);
    }
}

/// Whole milliseconds, as events tell them.
pub fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{StepKind, channel};
    use super::*;

    #[tokio::test]
    async fn a_step_ends_once_and_always() {
        let (events, mut receiver) = channel();
        let step = || Step::new(StepKind::Apply, "proxy");
        let done = Stage::begin(&events, step(), Duration::from_secs(1));
        done.done(Outcome::Unchanged);
        done.failed("too late");
        drop(done);
        drop(Stage::begin(&events, step(), Duration::from_secs(1)));
        drop(events);
        let mut states = Vec::new();
        while let Some(Event::Step { state, .. }) = receiver.recv().await {
            states.push(match state {
                StepState::Running { limit_ms } => format!("running {limit_ms}"),
                StepState::Done { outcome, .. } => format!("{outcome:?}"),
                other => format!("{other:?}"),
            });
        }
        assert_eq!(states, ["running 1000", "Unchanged", "running 1000", "Cancelled"]);
    }
}
