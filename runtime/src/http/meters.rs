//! Counts of what happens to connections, as Prometheus metrics.

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// Connection counts of one listener. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct Meters {
    /// Connections open now.
    pub open: Gauge,
    /// Connections accepted since the start.
    pub accepted: Counter,
    /// Connections refused because too many were open.
    pub refused: Counter,
    /// Connections closed by us, by cause.
    pub closed: Family<Cause, Counter>,
}

/// The label of [`Meters::closed`].
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Cause {
    /// The cause.
    pub cause: Closed,
}

/// Why we closed a connection.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub enum Closed {
    /// A request head did not come in time.
    HeaderTimeout,
    /// No request for too long.
    Idle,
    /// The peer did not read.
    WriteStall,
    /// The peer opened HTTP/2 streams to reset them.
    ResetFlood,
    /// The request was malformed or over a limit.
    Refused,
}

impl Meters {
    /// Adds the counts to a registry; `prefix` names the listener (`http`, `admin`).
    pub fn register(&self, registry: &mut Registry, prefix: &str) {
        let registry = registry.sub_registry_with_prefix(prefix);
        registry.register("connections_open", "Connections open now", self.open.clone());
        registry.register(
            "connections_accepted",
            "Connections accepted",
            self.accepted.clone(),
        );
        registry.register(
            "connections_refused",
            "Connections refused: too many were open",
            self.refused.clone(),
        );
        registry.register(
            "connections_closed",
            "Connections closed by the server",
            self.closed.clone(),
        );
    }

    pub(super) fn count(&self, cause: Closed) {
        self.closed.get_or_create(&Cause { cause }).inc();
    }
}
