//! What the callers saw: a histogram of latencies and a tally of failures.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::Failure;

/// The longest latency told apart, in nanoseconds: two minutes.
const HIGHEST_NANOSECONDS: u64 = 120_000_000_000;

/// Latencies in nanoseconds, to three significant digits, and failures by their text.
#[derive(Debug)]
pub struct Recorder {
    latencies: Histogram<u64>,
    failures: BTreeMap<String, u64>,
}

/// The usual percentiles, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// Half of the requests were faster.
    pub p50_us: f64,
    /// 99 of 100 requests were faster.
    pub p99_us: f64,
    /// 999 of 1,000 requests were faster.
    pub p999_us: f64,
    /// The slowest request.
    pub max_us: f64,
}

impl Default for Recorder {
    fn default() -> Self {
        let latencies = Histogram::new_with_bounds(1, HIGHEST_NANOSECONDS, 3)
            .expect("1 to 120 s at three digits is a valid range");
        Self {
            latencies,
            failures: BTreeMap::new(),
        }
    }
}

impl Recorder {
    /// Counts one request: its latency when it was answered, its reason when it failed.
    pub fn record(&mut self, latency: Duration, outcome: &Result<(), Failure>) {
        match outcome {
            Ok(()) => {
                let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
                self.latencies.saturating_record(nanoseconds);
            }
            Err(failure) => *self.failures.entry(failure.to_string()).or_default() += 1,
        }
    }

    /// Adds what another recorder counted.
    ///
    /// # Panics
    ///
    /// Never: all recorders have the same range.
    pub fn absorb(&mut self, other: &Self) {
        self.latencies
            .add(&other.latencies)
            .expect("recorders share one range");
        for (reason, count) in &other.failures {
            *self.failures.entry(reason.clone()).or_default() += count;
        }
    }

    /// Requests answered.
    pub fn answered(&self) -> u64 {
        self.latencies.len()
    }

    /// Requests that failed, by reason.
    pub fn failures(&self) -> &BTreeMap<String, u64> {
        &self.failures
    }

    /// The percentiles of the answered requests.
    pub fn latency(&self) -> Latency {
        let at = |quantile| microseconds(self.latencies.value_at_quantile(quantile));
        Latency {
            p50_us: at(0.5),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: microseconds(self.latencies.max()),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "latencies stay far below 2^52 nanoseconds"
)]
fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_come_from_answered_requests_only() {
        let mut recorder = Recorder::default();
        for milliseconds in 1..=100 {
            recorder.record(Duration::from_millis(milliseconds), &Ok(()));
        }
        recorder.record(Duration::from_mins(1), &Err(Failure::Status(503)));
        let latency = recorder.latency();
        assert!((latency.p50_us - 50_000.0).abs() < 100.0, "{latency:?}");
        assert!((latency.max_us - 100_000.0).abs() < 200.0, "{latency:?}");
        assert_eq!(recorder.answered(), 100);
        assert_eq!(recorder.failures().get("status 503"), Some(&1));
    }

    #[test]
    fn absorbing_adds_latencies_and_failures() {
        let (mut sum, mut part) = (Recorder::default(), Recorder::default());
        part.record(Duration::from_micros(5), &Ok(()));
        part.record(Duration::ZERO, &Err(Failure::Broken("closed")));
        sum.absorb(&part);
        sum.absorb(&part);
        assert_eq!((sum.answered(), sum.failures()["closed"]), (2, 2));
    }
}
