//! Runs the steps of an operation: each tells that it began, what it waits for and how it ended, has a time limit, and ends with
//! the operation when that is cancelled.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Error, Name, Setup, diagnosis};
use crate::docker::Engine;
use crate::event::{Event, Events, Outcome, Step, StepState, millis};

/// What the steps of one operation share.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    engine: Engine,
    cluster: Name,
    events: Events,
    cancel: CancellationToken,
    /// When the operation as a whole is given up.
    deadline: Option<Deadline>,
    /// Requests that change something on the engine: they are not abandoned half-way, even when nobody waits any more.
    changes: TaskTracker,
}

#[derive(Clone, Copy, Debug)]
struct Deadline {
    at: Instant,
    limit: Duration,
}

/// A step that is going on.
#[derive(Clone, Debug)]
pub(super) struct Running {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    step: Step,
    events: Events,
    began: Instant,
    /// What was not so yet when it was last looked at.
    waiting_for: Mutex<Option<String>>,
}

/// Tells that the step was given up, unless it has ended.
struct GivenUp<'a> {
    running: &'a Running,
    ended: bool,
}

impl Steps {
    pub(super) fn new(setup: &Setup, cluster: &Name, timeout: Option<Duration>) -> Self {
        // A limit past the clock's end is none.
        let deadline = timeout.and_then(|limit| {
            Some(Deadline {
                at: Instant::now().checked_add(limit)?,
                limit,
            })
        });
        Self {
            engine: setup.engine.clone(),
            cluster: cluster.clone(),
            events: setup.events.clone(),
            cancel: setup.cancel.clone(),
            deadline,
            changes: TaskTracker::new(),
        }
    }

    /// Runs one step. Dropped, cancelled or timed out, it says so.
    pub(super) async fn run<T, W>(&self, step: Step, limit: Duration, work: W) -> Result<T, Error>
    where
        W: AsyncFnOnce(&Running) -> Result<(Outcome, T), Error>,
    {
        let limit_at = self.limit_at(limit);
        let running = Running::begin(
            step,
            &self.events,
            limit_at.saturating_duration_since(Instant::now()),
        );
        let mut given_up = GivenUp {
            running: &running,
            ended: false,
        };
        let result = tokio::select! {
            biased;
            () = self.cancel.cancelled() => return Err(Error::Cancelled),
            () = tokio::time::sleep_until(limit_at) => Err(self.too_long(&running, limit)),
            result = work(&running) => result,
        };
        let result = match result {
            Ok(done) => Ok(done),
            Err(error) => {
                Err(diagnosis::of_step(&self.engine, &self.cluster, &running.shared.step, error).await)
            }
        };
        given_up.ended = true;
        running.end(result)
    }

    /// The same operation when it is cleared up after: nothing is cancelled any more, and another limit counts.
    pub(super) fn clearing(&self, limit: Duration) -> Self {
        let mut steps = self.clone();
        steps.cancel = CancellationToken::new();
        steps.deadline = Some(Deadline {
            at: Instant::now() + limit,
            limit,
        });
        steps
    }

    /// Tells that a step did what it should without there being anything to wait for.
    pub(super) fn done(&self, step: Step, outcome: Outcome) {
        self.events.send(Event::Step {
            step,
            state: StepState::Done { outcome, after_ms: 0 },
        });
    }

    /// Waits for something unless the operation is cancelled meanwhile.
    pub(super) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Cancelled),
            result = work => result,
        }
    }

    /// Does something to the engine that must not be abandoned half-way.
    ///
    /// A dropped request may be carried out all the same, after we have looked at what there is to take back.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        joined(self.changes.spawn(work).await)
    }

    /// Waits until no change is under way any more.
    pub(super) async fn settled(&self) {
        self.changes.close();
        self.changes.wait().await;
        self.changes.reopen();
    }

    fn limit_at(&self, limit: Duration) -> Instant {
        let own = Instant::now() + limit;
        self.deadline.map_or(own, |deadline| deadline.at.min(own))
    }

    fn too_long(&self, running: &Running, limit: Duration) -> Error {
        let passed = self.deadline.filter(|deadline| deadline.at <= Instant::now());
        Error::Timeout {
            step: running.shared.step.clone(),
            limit: passed.map_or(limit, |deadline| deadline.limit),
            waiting_for: running.waiting_for(),
            log: Vec::new(),
        }
    }
}

impl Running {
    fn begin(step: Step, events: &Events, limit: Duration) -> Self {
        let shared = Shared {
            step,
            events: events.clone(),
            began: Instant::now(),
            waiting_for: Mutex::new(None),
        };
        let running = Self {
            shared: Arc::new(shared),
        };
        running.send(StepState::Running {
            limit_ms: millis(limit),
        });
        running
    }

    /// Tells what is not so yet, if that is something else than before.
    pub(super) fn waiting(&self, reason: impl Into<String>) {
        let reason = reason.into();
        let mut last = self
            .shared
            .waiting_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.as_ref() != Some(&reason) {
            *last = Some(reason.clone());
            self.send(StepState::Waiting { reason });
        }
    }

    /// Tells how many bytes were moved.
    pub(super) fn progress(&self, done_bytes: u64, total_bytes: Option<u64>) {
        self.send(StepState::Progress {
            done_bytes,
            total_bytes,
        });
    }

    fn waiting_for(&self) -> Option<String> {
        self.shared
            .waiting_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn end<T>(&self, result: Result<(Outcome, T), Error>) -> Result<T, Error> {
        let after_ms = millis(self.shared.began.elapsed());
        match result {
            Ok((outcome, value)) => {
                self.send(StepState::Done { outcome, after_ms });
                Ok(value)
            }
            Err(error) => {
                let reason = error.to_string();
                self.send(StepState::Failed { reason, after_ms });
                Err(error)
            }
        }
    }

    fn send(&self, state: StepState) {
        let step = self.shared.step.clone();
        self.shared.events.send(Event::Step { step, state });
    }
}

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.running.send(StepState::Cancelled);
        }
    }
}

/// What a task has come to; its panic is ours.
pub(super) fn joined<T>(result: Result<T, JoinError>) -> T {
    match result {
        Ok(value) => value,
        // Nobody aborts our tasks: it can only have panicked.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
