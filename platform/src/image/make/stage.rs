//! A step of making an image, as it is watched.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::event::{Event, Outcome, Step, StepKind, StepState};
use crate::image::{Error, Setup};

/// A step that is going on. Dropped, it was given up.
pub(super) struct Stage<'a> {
    setup: &'a Setup,
    step: Step,
    began: Instant,
    limit: Duration,
    ended: AtomicBool,
}

impl<'a> Stage<'a> {
    pub(super) fn begin(setup: &'a Setup, kind: StepKind, component: &str, limit: Duration) -> Self {
        let stage = Self {
            setup,
            step: Step::new(kind, component),
            began: Instant::now(),
            limit,
            ended: AtomicBool::new(false),
        };
        let limit_ms = milliseconds(limit);
        stage.send(StepState::Running { limit_ms });
        stage
    }

    /// Tells why it takes time.
    pub(super) fn because(&self, reason: &str) {
        let reason = reason.to_owned();
        self.send(StepState::Waiting { reason });
    }

    /// Tells how much has been moved.
    pub(super) fn progress(&self, done_bytes: u64, total_bytes: u64) {
        let total_bytes = Some(total_bytes);
        self.send(StepState::Progress {
            done_bytes,
            total_bytes,
        });
    }

    /// Does a part of it. When that fails, the step has.
    pub(super) async fn run<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let left = self.limit.saturating_sub(self.began.elapsed());
        let result = match tokio::time::timeout(left, work).await {
            Ok(result) => result,
            Err(_) => Err(Error::TimedOut {
                operation: format!("make the image of {}", self.step.subject),
                limit: self.limit,
            }),
        };
        if let Err(error) = &result {
            self.end(StepState::Failed {
                reason: error.to_string(),
                after_ms: milliseconds(self.began.elapsed()),
            });
        }
        result
    }

    /// Tells that it is done; milliseconds it took.
    pub(super) fn done(&self, outcome: Outcome) -> u64 {
        let after_ms = milliseconds(self.began.elapsed());
        self.end(StepState::Done { outcome, after_ms });
        after_ms
    }

    fn end(&self, state: StepState) {
        if !self.ended.swap(true, Ordering::Relaxed) {
            self.send(state);
        }
    }

    fn send(&self, state: StepState) {
        let step = self.step.clone();
        self.setup.events.send(Event::Step { step, state });
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        self.end(StepState::Cancelled);
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
