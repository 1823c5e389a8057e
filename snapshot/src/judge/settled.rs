//! A judgement that does not flicker.

use super::{Confidence, Severity, State, Verdict};

/// How many equal judgements it takes to change one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Samples before there is any.
    pub warm: u32,
    /// In a row, to get worse.
    pub worsen: u32,
    /// In a row, to get better.
    pub improve: u32,
}

impl Patience {
    /// For a live view.
    pub const LIVE: Self = Self {
        warm: 5,
        worsen: 2,
        improve: 3,
    };

    /// For a single look with two samples: what they say, at once.
    pub const ONCE: Self = Self {
        warm: 2,
        worsen: 1,
        improve: 1,
    };
}

/// The judgement that holds, and for how long something else has been said.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    held: Verdict,
    worse: u32,
    better: u32,
}

impl Settled {
    /// What holds.
    pub fn verdict(&self) -> &Verdict {
        &self.held
    }

    /// Whether something else has been said, though not often enough yet.
    pub fn is_changing(&self) -> bool {
        self.worse > 0 || self.better > 0
    }

    /// Takes the judgement of one more sample, the `sample`-th; returns the state that no longer holds, if it changed.
    pub fn take(&mut self, mut next: Verdict, sample: u32, patience: Patience) -> Option<State> {
        if sample < Patience::LIVE.warm && next.severity <= Severity::Info {
            next.confidence = Confidence::Low;
        }
        if sample < patience.warm && next.severity <= Severity::Unknown && next.state != State::Paused {
            return self.hold(Verdict {
                confidence: Confidence::Low,
                ..Verdict::new(State::Warm, Severity::Info, "too few samples to say")
            });
        }
        let (held, said) = (self.held.state, next.state);
        // One silence at the start proves nothing: a cluster is busy just then.
        if held == State::Warm && said == State::Offline && self.worse + 1 < patience.worsen {
            self.worse += 1;
            return None;
        }
        let both_well = self.held.severity == Severity::Ok && next.severity == Severity::Ok;
        if both_well
            || held == State::Warm
            || held == State::Stale
            || (held == said && self.held.severity == next.severity)
        {
            return self.hold(next);
        }
        let worsens = next.severity > self.held.severity;
        // What is as bad for another reason has to be as sure as what is worse.
        let (count, needed) = if worsens || next.severity == self.held.severity {
            (&mut self.worse, patience.worsen)
        } else {
            (&mut self.better, patience.improve)
        };
        *count += 1;
        let count = *count;
        if worsens {
            self.better = 0;
        } else if next.severity < self.held.severity {
            self.worse = 0;
        }
        if count < needed {
            return None;
        }
        self.hold(next)
    }

    /// Holds a judgement at once.
    pub fn hold(&mut self, next: Verdict) -> Option<State> {
        let before = std::mem::replace(&mut self.held, next);
        (self.worse, self.better) = (0, 0);
        (before.state != self.held.state).then_some(before.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(state: State, severity: Severity) -> Verdict {
        Verdict::new(state, severity, "")
    }

    fn run(steps: &[(State, Severity)]) -> Vec<State> {
        let mut settled = Settled::default();
        let mut sample = 0;
        let mut step = |&(state, severity): &(State, Severity)| {
            sample += 1;
            settled.take(verdict(state, severity), sample, Patience::LIVE);
            settled.verdict().state
        };
        steps.iter().map(&mut step).collect()
    }

    const OK: (State, Severity) = (State::Ok, Severity::Ok);
    const BAD: (State, Severity) = (State::Stall, Severity::Crit);

    #[test]
    fn it_is_warm_until_five_samples() {
        assert_eq!(run(&[OK; 5])[3..], [State::Warm, State::Ok]);
    }

    #[test]
    fn what_one_sample_proves_does_not_wait() {
        assert_eq!(run(&[BAD]), [State::Stall]);
    }

    #[test]
    fn one_silence_at_the_start_proves_nothing() {
        let silent = (State::Offline, Severity::Crit);
        assert_eq!(run(&[silent, silent]), [State::Warm, State::Offline]);
    }

    #[test]
    fn two_worsen_and_three_improve() {
        let steps = [OK, OK, OK, OK, OK, BAD, OK, BAD, BAD, OK, OK, BAD, OK, OK, OK];
        let states = run(&steps);
        assert_eq!(states[5..], {
            use State::{Ok, Stall};
            [Ok, Ok, Ok, Stall, Stall, Stall, Stall, Stall, Stall, Ok]
        });
    }

    #[test]
    fn a_sample_of_something_worse_still_breaks_an_improvement() {
        let warn = (State::Lagging, Severity::Warn);
        let states = run(&[BAD, warn, warn, BAD, warn, warn, warn]);
        assert_eq!(states[4..], [State::Stall, State::Stall, State::Lagging]);
    }
}
