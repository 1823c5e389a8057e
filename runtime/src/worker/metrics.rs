//! What a worker counts.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds in seconds, half a millisecond to half a minute.
const BUCKETS: [f64; 15] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Counters of one worker; clones share them.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Messages delivered to this worker, again delivered ones included.
    pub received: Counter,
    /// Answers sent.
    pub replied: Counter,
    /// Attempts that failed and will be made again.
    pub retried: Counter,
    /// Messages set aside as dead letters.
    pub poisoned: Counter,
    /// Requests not handled because nobody waited any more.
    pub expired: Counter,
    /// Handlers that panicked.
    pub panicked: Counter,
    /// Heartbeats of the server that did not come.
    pub missed_heartbeats: Counter,
    /// Acknowledgements that were not sent, or not confirmed.
    pub lost_acknowledgements: Counter,
    /// Requests being handled.
    pub in_flight: Gauge,
    /// Seconds from a handler's start to its end.
    pub handler_duration: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            received: Counter::default(),
            replied: Counter::default(),
            retried: Counter::default(),
            poisoned: Counter::default(),
            expired: Counter::default(),
            panicked: Counter::default(),
            missed_heartbeats: Counter::default(),
            lost_acknowledgements: Counter::default(),
            in_flight: Gauge::default(),
            handler_duration: Histogram::new(BUCKETS),
        }
    }
}

impl Metrics {
    /// Makes them visible under names that start with `worker_`.
    pub fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("worker");
        let counters = [
            ("received", "Messages delivered to this worker", &self.received),
            ("replied", "Answers sent", &self.replied),
            (
                "retried",
                "Attempts that failed and will be made again",
                &self.retried,
            ),
            ("poisoned", "Messages set aside as dead letters", &self.poisoned),
            (
                "expired",
                "Requests not handled because nobody waited any more",
                &self.expired,
            ),
            ("panicked", "Handlers that panicked", &self.panicked),
            (
                "missed_heartbeats",
                "Heartbeats of the server that did not come",
                &self.missed_heartbeats,
            ),
            (
                "lost_acknowledgements",
                "Acknowledgements not sent, or not confirmed",
                &self.lost_acknowledgements,
            ),
        ];
        for (name, help, counter) in counters {
            registry.register(name, help, counter.clone());
        }
        registry.register("in_flight", "Requests being handled", self.in_flight.clone());
        registry.register_with_unit(
            "handler_duration",
            "From a handler's start to its end",
            Unit::Seconds,
            self.handler_duration.clone(),
        );
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::registry::Registry;

    use super::Metrics;

    #[test]
    fn every_metric_can_be_scraped() {
        let (metrics, mut registry) = (Metrics::default(), Registry::default());
        metrics.register(&mut registry);
        metrics.received.inc();
        metrics.handler_duration.observe(0.002);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for line in [
            "worker_received_total 1",
            "worker_in_flight 0",
            "worker_handler_duration_seconds_count 1",
        ] {
            assert!(text.contains(line), "{line} is missing in {text}");
        }
    }
}
