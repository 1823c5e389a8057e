//! How long to wait until the next look: longer after each failure, and never quite as long as anybody else.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use super::INTERVAL;

/// The longest pause between two looks.
pub(super) const LONGEST: Duration = Duration::from_secs(30);
/// Doublings after which every pause is the longest one anyway.
const MOST_DOUBLINGS: u32 = 6;

/// A pause that doubles with each failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    base: Duration,
    doublings: u32,
    /// How many times as long as usual every pause is.
    patience: f64,
}

impl Pace {
    /// A pause of `base` while all is well.
    pub(super) fn new(base: Duration) -> Self {
        Self {
            base,
            doublings: 0,
            patience: 1.0,
        }
    }

    /// Pauses that are as much longer than usual as `interval` is longer than [`INTERVAL`].
    pub(super) fn patient(interval: Duration) -> Self {
        let patience = interval.as_secs_f64() / INTERVAL.as_secs_f64();
        Self {
            patience: patience.max(1.0),
            ..Self::new(INTERVAL)
        }
    }

    /// It went wrong, or was too much for whoever was asked.
    pub(super) fn slower(&mut self) {
        self.doublings = (self.doublings + 1).min(MOST_DOUBLINGS);
    }

    /// It went well: back to normal by halves, so that what was too much is not at once too much again.
    pub(super) fn faster(&mut self) {
        self.doublings = self.doublings.saturating_sub(1);
    }

    /// The pause, without jitter.
    pub(super) fn pause(&self) -> Duration {
        self.stretched(self.base)
    }

    /// Any other pause, stretched as this one is.
    pub(super) fn stretched(&self, pause: Duration) -> Duration {
        let pause = pause.mul_f64(self.patience);
        if self.doublings == 0 {
            return pause;
        }
        (pause * (1 << self.doublings)).min(LONGEST.max(pause))
    }

    /// Waits for the pause, a tenth more or less.
    pub(super) async fn wait(&self) {
        tokio::time::sleep(jittered(self.pause())).await;
    }
}

/// A tenth more or less, so that several observers do not ask in step.
pub(super) fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(0u8);
    let share = f64::from(u32::try_from(random >> 32).unwrap_or(0)) / f64::from(u32::MAX);
    pause.mul_f64(0.9 + share / 5.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wants_to_look_seldom_does_and_nobody_looks_more_often_than_usual() {
        let pause = |seconds| Pace::patient(Duration::from_secs_f64(seconds)).pause();
        assert_eq!(pause(10.0), Duration::from_secs(10));
        assert_eq!(pause(0.5), INTERVAL);
        let pace = Pace::patient(Duration::from_secs(4));
        assert_eq!(pace.stretched(Duration::from_secs(30)), Duration::from_mins(1));
    }

    const TWO: Duration = Duration::from_secs(2);

    #[test]
    fn a_pause_doubles_up_to_half_a_minute_and_comes_back_by_halves() {
        let mut pace = Pace::new(TWO);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            pauses.push(pace.pause().as_secs());
            pace.slower();
        }
        assert_eq!(pauses, [2, 4, 8, 16, 30, 30]);
        for _ in 0..10 {
            pace.slower();
        }
        let mut steps = 0;
        while pace.pause() > TWO {
            pace.faster();
            steps += 1;
        }
        assert_eq!(steps, 6);
        pace.slower();
        assert_eq!(pace.stretched(Duration::from_mins(1)), Duration::from_mins(1));
    }

    #[test]
    fn jitter_stays_within_a_tenth() {
        for _ in 0..1_000 {
            let pause = jittered(TWO);
            assert!(
                pause >= TWO.mul_f64(0.9) && pause <= TWO.mul_f64(1.11),
                "{pause:?}"
            );
        }
    }
}
