//! What the feed counts.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use runtime::metrics::Metrics;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// The feed's metrics.
#[derive(Clone, Debug, Default)]
pub(super) struct Meters {
    pub(super) clients: Gauge,
    pub(super) websockets: Gauge,
    pub(super) filters: Gauge,
    pub(super) events: Counter,
    pub(super) snapshots: Counter,
    pub(super) resumed: Counter,
    pub(super) replayed: Counter,
    pub(super) slow: Counter,
    pub(super) group_messages: Counter,
    refused: Family<Reason, Counter>,
}

impl Meters {
    pub(super) fn register(metrics: &Metrics) -> Self {
        let meters = Self::default();
        metrics.register(|registry| meters.add(registry));
        meters
    }

    fn add(&self, registry: &mut Registry) {
        registry.register("feed_clients", "Clients of the live feed", self.clients.clone());
        registry.register(
            "feed_websockets",
            "Clients of the live feed that have a WebSocket",
            self.websockets.clone(),
        );
        registry.register(
            "feed_filters",
            "Different subjects that clients follow, each of which is a consumer",
            self.filters.clone(),
        );
        let counters = [
            (
                "feed_events_sent",
                "Events handed to clients, once for each client",
                &self.events,
            ),
            ("feed_snapshots", "Clients that began anew", &self.snapshots),
            (
                "feed_resumed",
                "Clients that went on where they had been",
                &self.resumed,
            ),
            (
                "feed_replayed",
                "Events read from the stream for one client alone",
                &self.replayed,
            ),
            (
                "feed_closed_slow",
                "Clients closed because they read too slowly",
                &self.slow,
            ),
            (
                "feed_group_messages",
                "Messages of clients to groups",
                &self.group_messages,
            ),
        ];
        for (name, help, counter) in counters {
            registry.register(name, help, counter.clone());
        }
        registry.register(
            "feed_refused",
            "Requests for the feed that were turned away",
            self.refused.clone(),
        );
    }

    pub(super) fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&Reason { reason }).inc();
    }
}
