//! Histograms that add up: over instances and over time, before any percentile is taken. The mean of two p99s is nobody's p99.

use std::collections::BTreeMap;

use crate::number::float;
use crate::sample::Buckets;

/// The only scheme that is understood.
const SCHEME: &str = "log2x4";

/// Buckets of each doubling.
const EACH: u32 = 4;

/// One past the last bucket: a value has 64 bits.
const END: u32 = 64 * EACH;

/// Counts of values by size, in 4 buckets for every doubling: no percentile is off by more than an eighth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    zero: u64,
    buckets: BTreeMap<u32, u64>,
}

impl Histogram {
    /// One that travelled; nothing if it is of another scheme.
    pub fn read(buckets: &Buckets) -> Option<Self> {
        if buckets.scheme != SCHEME {
            return None;
        }
        let mut histogram = Self {
            zero: buckets.zero,
            buckets: BTreeMap::new(),
        };
        for &(index, count) in buckets
            .b
            .iter()
            .filter(|(index, count)| *index < END && *count > 0)
        {
            let sum = histogram.buckets.entry(index).or_default();
            *sum = sum.saturating_add(count);
        }
        Some(histogram)
    }

    /// As it travels.
    pub fn write(&self) -> Buckets {
        Buckets {
            scheme: SCHEME.to_owned(),
            zero: self.zero,
            b: self
                .buckets
                .iter()
                .map(|(index, count)| (*index, *count))
                .collect(),
        }
    }

    /// Counts one value.
    pub fn record(&mut self, value: u64) {
        let sum = match bucket(value) {
            Some(index) => self.buckets.entry(index).or_default(),
            None => &mut self.zero,
        };
        *sum = sum.saturating_add(1);
    }

    /// Adds those of another instance or time.
    pub fn add(&mut self, other: &Self) {
        self.zero = self.zero.saturating_add(other.zero);
        for (index, count) in &other.buckets {
            let sum = self.buckets.entry(*index).or_default();
            *sum = sum.saturating_add(*count);
        }
    }

    /// What has come since `earlier`; nothing if a count has gone down, because then it began anew.
    pub fn since(&self, earlier: &Self) -> Option<Self> {
        let less = |index: &u32, before: &u64| self.buckets.get(index).is_none_or(|now| now < before);
        if earlier.buckets.iter().any(|(index, before)| less(index, before)) {
            return None;
        }
        let before = |index: &u32| earlier.buckets.get(index).copied().unwrap_or(0);
        let grown = self
            .buckets
            .iter()
            .map(|(index, now)| (*index, now - before(index)));
        Some(Self {
            zero: self.zero.checked_sub(earlier.zero)?,
            buckets: grown.filter(|(_, count)| *count > 0).collect(),
        })
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.buckets
            .values()
            .fold(self.zero, |sum, count| sum.saturating_add(*count))
    }

    /// The value that `share` (0 to 1) of all values do not pass; nothing of none.
    pub fn percentile(&self, share: f64) -> Option<f64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let wanted = (share.clamp(0.0, 1.0) * float(count)).max(1.0);
        let mut below = float(self.zero);
        if below >= wanted {
            return Some(0.0);
        }
        for (index, count) in &self.buckets {
            let count = float(*count);
            if below + count >= wanted {
                let (low, width) = bounds(*index);
                return Some(low + width * (wanted - below) / count);
            }
            below += count;
        }
        self.max()
    }

    /// No value is above this.
    pub fn max(&self) -> Option<f64> {
        match self.buckets.last_key_value() {
            Some((index, _)) => {
                let (low, width) = bounds(*index);
                Some(low + width)
            }
            None => (self.zero > 0).then_some(0.0),
        }
    }

    /// About the sum of all values.
    pub fn sum(&self) -> f64 {
        let middle = |(index, count): (&u32, &u64)| {
            let (low, width) = bounds(*index);
            (low + width / 2.0) * float(*count)
        };
        self.buckets.iter().map(middle).sum()
    }

    /// The lower bound of each bucket that is not empty, and its count: the rows of a heat map.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        self.buckets
            .iter()
            .map(|(index, count)| (bounds(*index).0, *count))
    }
}

/// The bucket of a value; 0 has none.
fn bucket(value: u64) -> Option<u32> {
    let doubling = value.checked_ilog2()?;
    let over = u128::from(value) - (1_u128 << doubling);
    let part = (over * u128::from(EACH)) >> doubling;
    Some(doubling * EACH + u32::try_from(part).unwrap_or(EACH - 1))
}

/// Lower bound and width of a bucket.
fn bounds(index: u32) -> (f64, f64) {
    let doubling = 2_f64.powi(i32::try_from(index / EACH).unwrap_or(i32::MAX));
    let width = doubling / f64::from(EACH);
    (doubling + width * f64::from(index % EACH), width)
}

/// Nanoseconds of a histogram as milliseconds.
pub(crate) fn as_ms(nanoseconds: f64) -> f64 {
    nanoseconds / 1e6
}

#[cfg(test)]
mod tests;
