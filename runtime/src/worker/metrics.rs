//! What a worker counts.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::metrics::Latency;

/// Counters of one worker; clones share them.
#[derive(Clone, Debug, Default)]
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
    /// From a handler's start to its end.
    pub handler_duration: Latency,
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
        let help = "From a handler's start to its end";
        Latency::register(registry, "handler_duration", help, &self.handler_duration);
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
        metrics
            .handler_duration
            .observe(std::time::Duration::from_millis(2));
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
