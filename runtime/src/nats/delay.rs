//! How long to wait before the next attempt.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// A delay that doubles with each attempt up to a longest one, and is spread so that many clients do not come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// Before the second attempt.
    pub first: Duration,
    /// Never longer than this, before spreading.
    pub longest: Duration,
}

impl Delay {
    /// The delay after `failures` attempts that failed: nothing after none, then between half and the whole of
    /// `first`, twice that, and so on.
    pub fn after(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(1) else {
            return Duration::ZERO;
        };
        let whole = self
            .first
            .saturating_mul(2_u32.saturating_pow(doublings))
            .min(self.longest);
        spread(whole)
    }
}

/// Between half of a duration and the whole of it, by chance.
fn spread(whole: Duration) -> Duration {
    // Each RandomState has other keys, which is all the randomness that spreading needs.
    let chance = RandomState::new().hash_one(0_u8) % 1000;
    let half = whole / 2;
    half + half.saturating_mul(u32::try_from(chance).unwrap_or(0)) / 1000
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::Delay;

    #[test]
    fn the_first_attempt_does_not_wait() {
        let delay = Delay {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(9),
        };
        assert_eq!(delay.after(0), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn a_delay_stays_between_half_and_the_whole_of_its_step(failures in 1_u32..80) {
            let delay = Delay { first: Duration::from_millis(100), longest: Duration::from_secs(2) };
            let whole = Duration::from_millis(100 * 2_u64.pow((failures - 1).min(10))).min(delay.longest);
            let waited = delay.after(failures);
            prop_assert!(waited >= whole / 2 && waited <= whole, "{waited:?} is not about {whole:?}");
        }
    }
}
