//! What observing costs.

use std::collections::VecDeque;
use std::time::Duration;

use snapshot::sample::Cost;

/// Round trips that the percentile is taken of.
const RECENT: usize = 128;

/// Counts a source's own requests.
#[derive(Debug, Default)]
pub(super) struct Meter {
    cost: Cost,
    recent: VecDeque<Duration>,
}

impl Meter {
    /// An answer of so many bytes came after so long.
    pub(super) fn answered(&mut self, bytes: usize, after: Duration) {
        self.cost.requests += 1;
        self.received(bytes);
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(after);
    }

    /// Bytes that nobody asked for.
    pub(super) fn received(&mut self, bytes: usize) {
        self.cost.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
    }

    /// A request was sent and failed.
    pub(super) fn failed(&mut self) {
        self.cost.requests += 1;
        self.cost.errors += 1;
    }

    /// How long the last answer took, in milliseconds.
    pub(super) fn round_trip_ms(&self) -> Option<f64> {
        self.recent.back().map(|last| last.as_secs_f64() * 1e3)
    }

    /// All so far.
    pub(super) fn cost(&self) -> Cost {
        let mut sorted: Vec<Duration> = self.recent.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * 99).div_ceil(100);
        let p99 = rank.checked_sub(1).and_then(|index| sorted.get(index));
        Cost {
            p99_ms: p99.map(|p99| p99.as_secs_f64() * 1e3),
            ..self.cost
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentile_is_of_the_last_answers_and_the_rest_of_all() {
        let mut meter = Meter::default();
        assert_eq!(meter.cost(), Cost::default());
        for _ in 0..10 {
            meter.answered(100, Duration::from_secs(9));
        }
        for millisecond in 1..=128 {
            meter.answered(10, Duration::from_millis(millisecond));
        }
        meter.failed();
        meter.received(5);
        let cost = meter.cost();
        assert_eq!((cost.requests, cost.errors, cost.bytes), (139, 1, 2285));
        assert_eq!(cost.p99_ms, Some(127.0));
        assert_eq!(meter.round_trip_ms(), Some(128.0));
    }
}
