//! One step of progress: what is told while a component's objects are applied or removed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::event::{Event, Events, Outcome, Step, StepState};

/// A step that goes on. Dropped before its end, it says that it was given up.
pub(crate) struct Stage<'a> {
    step: Step,
    events: &'a Events,
    began: Instant,
    ended: AtomicBool,
}

impl<'a> Stage<'a> {
    pub(crate) fn begin(step: Step, events: &'a Events, limit: Duration) -> Self {
        let stage = Self {
            step,
            events,
            began: Instant::now(),
            ended: AtomicBool::new(false),
        };
        stage.send(StepState::Running {
            limit_ms: millis(limit),
        });
        stage
    }

    /// Tells what is not so yet.
    pub(crate) fn waiting(&self, reason: impl Into<String>) {
        let reason = reason.into();
        self.send(StepState::Waiting { reason });
    }

    pub(crate) fn done(&self, outcome: Outcome) {
        self.ended.store(true, Ordering::Relaxed);
        let after_ms = millis(self.began.elapsed());
        self.send(StepState::Done { outcome, after_ms });
    }

    pub(crate) fn failed(&self, reason: &impl ToString) {
        self.ended.store(true, Ordering::Relaxed);
        let after_ms = millis(self.began.elapsed());
        let reason = reason.to_string();
        self.send(StepState::Failed { reason, after_ms });
    }

    fn send(&self, state: StepState) {
        let step = self.step.clone();
        self.events.send(Event::Step { step, state });
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        if !self.ended.load(Ordering::Relaxed) {
            self.send(StepState::Cancelled);
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
