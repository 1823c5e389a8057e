//! Durations by bucket.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, TypedMetric},
    registry::{Registry, Unit},
};

/// Upper bounds in seconds, the same in every program of the system: histograms with equal bounds add up, others do not.
pub const LATENCY_SECONDS: [f64; 18] = [
    0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
    30.0, 60.0,
];

/// The same bounds in nanoseconds, for comparison without floating point.
const BOUNDS_NS: [u64; LATENCY_SECONDS.len()] = [
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
    30_000_000_000,
    60_000_000_000,
];

/// A histogram of durations over [`LATENCY_SECONDS`]. Clones share the counts; observing takes no lock.
#[derive(Clone, Debug, Default)]
pub struct Latency(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// One a bound, and one for what is longer than the last.
    buckets: [AtomicU64; BOUNDS_NS.len() + 1],
    sum_ns: AtomicU64,
}

impl Latency {
    /// Counts a duration.
    pub fn observe(&self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_NS.partition_point(|&bound| bound < nanoseconds);
        self.0.buckets[bucket].fetch_add(1, Relaxed);
        self.0.sum_ns.fetch_add(nanoseconds, Relaxed);
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.0.buckets.iter().map(|bucket| bucket.load(Relaxed)).sum()
    }

    /// Adds a histogram to a registry; its name gets the suffix `_seconds`. The same type goes into a `Family` with labels.
    pub fn register(registry: &mut Registry, name: &str, help: &str, latency: &Self) {
        registry.register_with_unit(name, help, Unit::Seconds, latency.clone());
    }
}

impl TypedMetric for Latency {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Latency {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let bounds = LATENCY_SECONDS.into_iter().chain([f64::INFINITY]);
        let counts = self.0.buckets.iter().map(|bucket| bucket.load(Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
        // The count is taken from the same reading, so that it always equals the last bucket.
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_nanos(self.0.sum_ns.load(Relaxed)).as_secs_f64();
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::{encoding::text, metrics::family::Family};

    use super::*;

    #[test]
    fn both_forms_of_the_bounds_agree_and_grow() {
        for (seconds, nanoseconds) in LATENCY_SECONDS.iter().zip(BOUNDS_NS) {
            assert_eq!(
                Duration::from_secs_f64(*seconds),
                Duration::from_nanos(nanoseconds)
            );
        }
        assert!(BOUNDS_NS.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_duration_counts_in_its_bucket_and_all_larger_ones() {
        let latency = Latency::default();
        for microseconds in [100, 101, 1_000, 61_000_000] {
            latency.observe(Duration::from_micros(microseconds));
        }
        let mut registry = Registry::default();
        Latency::register(&mut registry, "wait", "A wait", &latency);
        let mut text = String::new();
        text::encode(&mut text, &registry).unwrap();
        for line in [
            "# TYPE wait_seconds histogram",
            "wait_seconds_bucket{le=\"0.0001\"} 1",
            "wait_seconds_bucket{le=\"0.00025\"} 2",
            "wait_seconds_bucket{le=\"0.001\"} 3",
            "wait_seconds_bucket{le=\"60.0\"} 3",
            "wait_seconds_bucket{le=\"+Inf\"} 4",
            "wait_seconds_count 4",
            "wait_seconds_sum 61.001201",
        ] {
            assert!(text.lines().any(|have| have == line), "{line} is not in:\n{text}");
        }
    }

    #[test]
    fn threads_lose_no_count() {
        let latency = Latency::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|_| latency.observe(Duration::from_millis(1))));
            }
        });
        assert_eq!(latency.count(), 40_000);
    }

    #[test]
    fn a_family_keeps_histograms_apart_by_label() {
        let family = Family::<Vec<(String, String)>, Latency>::default();
        family
            .get_or_create(&vec![("route".to_owned(), "/users".to_owned())])
            .observe(Duration::ZERO);
        let mut registry = Registry::default();
        registry.register("wait", "A wait", family);
        let mut text = String::new();
        text::encode(&mut text, &registry).unwrap();
        assert!(text.contains("wait_count{route=\"/users\"} 1"), "{text}");
    }
}
