//! When a stream took which sequence: what was seen of it, and straight lines between.

use std::collections::BTreeMap;

use crate::sample::ServerNanos;

/// Pairs kept of one stream.
const MOST: usize = 256;

/// Sequences of one stream and their exact times. Several samples of a stream at rest are one pair.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    known: BTreeMap<u64, ServerNanos>,
}

impl Curve {
    /// The message of that sequence has that time.
    pub fn learn(&mut self, seq: u64, ts: ServerNanos) {
        self.known.insert(seq, ts);
        if self.known.len() > MOST {
            self.thin();
        }
    }

    /// Nothing before that sequence is in the stream any more.
    pub fn forget_before(&mut self, seq: u64) {
        if self
            .known
            .first_key_value()
            .is_some_and(|(first, _)| *first < seq)
        {
            self.known = self.known.split_off(&seq);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.known.clear();
    }

    /// About when the stream took that sequence. One before all that is known has the time of the first that is there; one
    /// after all is not known.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "an estimate between two times"
    )]
    pub fn time_of(&self, seq: u64) -> Option<ServerNanos> {
        let (after, after_ts) = self.known.range(seq..).next()?;
        let Some((before, before_ts)) = self.known.range(..seq).next_back() else {
            return Some(*after_ts);
        };
        let share = (seq - before) as f64 / (after - before) as f64;
        let width = after_ts.saturating_sub(*before_ts) as f64;
        Some(before_ts.saturating_add((width * share) as i64))
    }

    /// Drops every second of the older half: far back the lines are longer.
    fn thin(&mut self) {
        let mut index = 0;
        self.known.retain(|_, _| {
            index += 1;
            index > MOST / 2 || index % 2 == 1
        });
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{Curve, MOST};

    #[test_case(100, Some(1_000); "known")]
    #[test_case(150, Some(1_500); "between")]
    #[test_case(7, Some(1_000); "before all")]
    #[test_case(201, None; "after all")]
    fn times_are_known_or_between(seq: u64, ts: Option<i64>) {
        let mut curve = Curve::default();
        curve.learn(100, 1_000);
        curve.learn(200, 2_000);
        assert_eq!(curve.time_of(seq), ts);
    }

    #[test]
    fn its_size_is_bounded_and_its_ends_stay() {
        let mut curve = Curve::default();
        for seq in 0..100_000 {
            curve.learn(seq, i64::try_from(seq).unwrap() * 10);
        }
        assert!(curve.known.len() <= MOST);
        assert_eq!(curve.time_of(0), Some(0));
        assert!(curve.time_of(50_000).unwrap().abs_diff(500_000) <= 1);
        curve.forget_before(99_000);
        assert!(curve.time_of(1).unwrap() >= 990_000);
    }
}
