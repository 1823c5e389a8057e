//! What is under way: the steps that have begun and not ended, as told by the events.

use std::time::Duration;

use platform::event::{Outcome, Step, StepState};

/// The steps under way, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Steps {
    live: Vec<Live>,
}

/// A step under way.
#[derive(Debug)]
pub(super) struct Live {
    /// Which one.
    pub(super) step: Step,
    /// When it began, since the operation did.
    pub(super) began: Duration,
    /// What it is doing.
    pub(super) doing: Doing,
    /// What was last said about it, and when; for renderings that do not move.
    pub(super) told: Option<(Duration, String)>,
}

/// What a step is doing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// Nothing special.
    Working,
    /// It waits, because of this.
    Waiting(String),
    /// It moves bytes.
    Moving { done: u64, total: Option<u64> },
}

/// A step that has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ended {
    /// Which one.
    pub(super) step: Step,
    /// How.
    pub(super) ending: Ending,
    /// How long it took.
    pub(super) took: Duration,
}

/// How a step ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// This was done.
    Done(Outcome),
    /// It failed, for this reason.
    Failed(String),
    /// It was given up because something else failed or somebody said so.
    Cancelled,
}

impl Steps {
    /// Takes note; what has ended comes back.
    pub(super) fn heed(&mut self, step: Step, state: StepState, at: Duration) -> Option<Ended> {
        let ending = match state {
            StepState::Running { .. } => {
                self.live_mut(step, at).doing = Doing::Working;
                return None;
            }
            StepState::Progress {
                done_bytes,
                total_bytes,
            } => {
                self.live_mut(step, at).doing = Doing::Moving {
                    done: done_bytes,
                    total: total_bytes,
                };
                return None;
            }
            StepState::Waiting { reason } => {
                self.live_mut(step, at).doing = Doing::Waiting(reason);
                return None;
            }
            StepState::Done { outcome, after_ms } => (Ending::Done(outcome), Some(after_ms)),
            StepState::Failed { reason, after_ms } => (Ending::Failed(reason), Some(after_ms)),
            StepState::Cancelled => (Ending::Cancelled, None),
        };
        Some(self.end(step, ending, at))
    }

    /// The steps under way.
    pub(super) fn live(&self) -> &[Live] {
        &self.live
    }

    /// The steps under way, to note what was said about them.
    pub(super) fn all_mut(&mut self) -> &mut [Live] {
        &mut self.live
    }

    fn end(&mut self, step: Step, (ending, after_ms): (Ending, Option<u64>), at: Duration) -> Ended {
        let place = self.live.iter().position(|live| live.step == step);
        let began = place.map_or(at, |place| self.live.remove(place).began);
        let took = after_ms.map_or_else(|| at.saturating_sub(began), Duration::from_millis);
        Ended { step, ending, took }
    }

    /// The step, begun now if it was not under way.
    fn live_mut(&mut self, step: Step, at: Duration) -> &mut Live {
        let place = self.live.iter().position(|live| live.step == step);
        let place = place.unwrap_or_else(|| {
            self.live.push(Live {
                step,
                began: at,
                doing: Doing::Working,
                told: None,
            });
            self.live.len() - 1
        });
        &mut self.live[place]
    }
}

#[cfg(test)]
mod tests {
    use platform::event::StepKind;

    use super::*;

    fn node() -> Step {
        Step::new(StepKind::Node, "a")
    }

    #[test]
    fn a_step_that_ends_without_having_begun_is_told_all_the_same() {
        let mut steps = Steps::default();
        let done = StepState::Done {
            outcome: Outcome::Unchanged,
            after_ms: 3,
        };
        let ended = steps.heed(node(), done, Duration::from_secs(1)).unwrap();
        assert_eq!(
            (ended.ending, ended.took),
            (Ending::Done(Outcome::Unchanged), Duration::from_millis(3))
        );
    }

    #[test]
    fn a_cancelled_step_took_as_long_as_it_ran() {
        let mut steps = Steps::default();
        let running = StepState::Running { limit_ms: 1000 };
        assert_eq!(steps.heed(node(), running, Duration::from_secs(1)), None);
        assert_eq!(steps.live().len(), 1);
        let ended = steps
            .heed(node(), StepState::Cancelled, Duration::from_secs(4))
            .unwrap();
        assert_eq!(ended.took, Duration::from_secs(3));
        assert!(steps.live().is_empty());
    }
}
