//! Durations by bucket, fine enough for percentiles: the scheme `log2x4`.
//!
//! Four buckets for each power of two of nanoseconds, so a bucket is at most a quarter wider than it begins. Bucket `4 e + s` begins at
//! `(4 + s) 2^e / 4` nanoseconds.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How many buckets there are; the last one also takes everything longer than its 15 minutes.
pub const BUCKETS: usize = 4 * 40;

/// The bucket of a duration in nanoseconds; `None` for no time at all.
pub fn bucket(nanoseconds: u64) -> Option<usize> {
    let exponent = nanoseconds.checked_ilog2()?;
    // The two bits after the leading one; the shifts never meet for one value.
    let quarter = (nanoseconds << 2u32.saturating_sub(exponent) >> exponent.saturating_sub(2)) & 3;
    let index = 4 * exponent as usize + usize::try_from(quarter).unwrap_or(0);
    Some(index.min(BUCKETS - 1))
}

/// A histogram that any number of threads count into. It never forgets.
#[derive(Debug)]
pub struct Histogram {
    zero: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
    sum_ns: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            zero: AtomicU64::default(),
            buckets: [const { AtomicU64::new(0) }; BUCKETS],
            sum_ns: AtomicU64::default(),
        }
    }
}

impl Histogram {
    /// Counts a duration.
    pub fn observe(&self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        match bucket(nanoseconds) {
            Some(index) => self.buckets[index].fetch_add(1, Relaxed),
            None => self.zero.fetch_add(1, Relaxed),
        };
        self.sum_ns.fetch_add(nanoseconds, Relaxed);
    }
}

/// The counts of one or several histograms at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    zero: u64,
    buckets: Box<[u64; BUCKETS]>,
    nanoseconds: u64,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            zero: 0,
            buckets: Box::new([0; BUCKETS]),
            nanoseconds: 0,
        }
    }
}

impl Sum {
    /// Adds what a histogram has counted.
    pub fn add(&mut self, histogram: &Histogram) {
        self.zero += histogram.zero.load(Relaxed);
        for (sum, bucket) in self.buckets.iter_mut().zip(&histogram.buckets) {
            *sum += bucket.load(Relaxed);
        }
        self.nanoseconds = self.nanoseconds.saturating_add(histogram.sum_ns.load(Relaxed));
    }

    /// How many durations of no time at all there were.
    pub fn zero(&self) -> u64 {
        self.zero
    }

    /// All durations together, in nanoseconds.
    pub fn sum_ns(&self) -> u64 {
        self.nanoseconds
    }

    /// How many durations there were.
    pub fn count(&self) -> u64 {
        self.zero + self.buckets.iter().sum::<u64>()
    }

    /// The buckets that are not empty: index and count, by index.
    pub fn sparse(&self) -> Vec<(usize, u64)> {
        let all = self.buckets.iter().copied().enumerate();
        all.filter(|(_, count)| *count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    #[test_case(0, None)]
    #[test_case(1, Some(0))]
    #[test_case(2, Some(4))]
    #[test_case(3, Some(6))]
    #[test_case(4, Some(8))]
    #[test_case(5, Some(9))]
    #[test_case(7, Some(11))]
    #[test_case(8, Some(12))]
    #[test_case(1_000_000, Some(79); "a millisecond lies between 7/8 and 1 of 2^20")]
    #[test_case(u64::MAX, Some(BUCKETS - 1))]
    fn a_duration_has_its_bucket(nanoseconds: u64, expected: Option<usize>) {
        assert_eq!(bucket(nanoseconds), expected);
    }

    proptest! {
        #[test]
        fn a_bucket_holds_what_lies_between_its_bounds(nanoseconds in 4u64..(1 << 40)) {
            let index = bucket(nanoseconds).unwrap() as u64;
            let lower = |index: u64| (4 + index % 4) << (index / 4) >> 2;
            prop_assert!(lower(index) <= nanoseconds && nanoseconds < lower(index + 1));
        }
    }

    #[test]
    fn histograms_add_up() {
        let (one, other) = (Histogram::default(), Histogram::default());
        one.observe(Duration::from_nanos(5));
        one.observe(Duration::ZERO);
        other.observe(Duration::from_nanos(5));
        other.observe(Duration::from_nanos(8));
        let mut sum = Sum::default();
        sum.add(&one);
        sum.add(&other);
        assert_eq!(sum.sparse(), [(9, 2), (12, 1)]);
        assert_eq!((sum.zero(), sum.count(), sum.sum_ns()), (1, 4, 18));
    }
}
