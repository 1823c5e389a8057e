//! Pauses before a program is started again.

use std::time::Duration;

/// Growing pauses: each twice the one before, up to a limit; the first again after a healthy time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    healthy: Duration,
    next: Duration,
}

impl Backoff {
    /// Pauses from `first` to `longest`; a program that lived for `healthy` starts over.
    pub fn new(first: Duration, longest: Duration, healthy: Duration) -> Self {
        Self {
            first,
            longest,
            healthy,
            next: first,
        }
    }

    /// The pause after a program that lived for `lived`.
    pub fn after(&mut self, lived: Duration) -> Duration {
        if lived >= self.healthy {
            self.next = self.first;
        }
        let pause = self.next.min(self.longest);
        self.next = pause.saturating_mul(2);
        pause
    }
}

impl Default for Backoff {
    /// 0.2 s, 0.4 s, ... 10 s; over again after 10 s of life.
    fn default() -> Self {
        Self::new(
            Duration::from_millis(200),
            Duration::from_secs(10),
            Duration::from_secs(10),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHORT: Duration = Duration::ZERO;

    #[test]
    fn pauses_double_up_to_the_longest_and_start_over_after_a_healthy_life() {
        let mut backoff = Backoff::new(
            Duration::from_secs(1),
            Duration::from_secs(3),
            Duration::from_mins(1),
        );
        let pauses: Vec<u64> = (0..4).map(|_| backoff.after(SHORT).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 3, 3]);
        assert_eq!(backoff.after(Duration::from_mins(1)).as_secs(), 1);
        assert_eq!(backoff.after(Duration::from_secs(59)).as_secs(), 2);
    }

    proptest! {
        #[test]
        fn pauses_of_a_program_that_never_gets_healthy_never_shrink(
            first in 0_u64..100_000, longest in 0_u64..100_000, lives in prop::collection::vec(0_u64..1000, 1..40),
        ) {
            let longest = Duration::from_millis(longest);
            let mut backoff = Backoff::new(Duration::from_millis(first), longest, Duration::from_secs(1));
            let pauses: Vec<Duration> =
                lives.into_iter().map(|lived| backoff.after(Duration::from_millis(lived))).collect();
            prop_assert!(pauses.is_sorted());
            prop_assert!(pauses.iter().all(|pause| *pause <= longest));
        }
    }
}
