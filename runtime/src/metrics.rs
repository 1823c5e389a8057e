//! Counts and durations, and their text for Prometheus.
//!
//! Metrics are made once, registered, and then used through their handles: counting is an atomic addition. Looking a series up by its
//! labels (`Family::get_or_create`) takes a lock and a hash, so keep the handle.
//!
//! ```
//! use prometheus_client::metrics::counter::Counter;
//! use runtime::metrics::{Latency, Metrics};
//!
//! let metrics = Metrics::new();
//! let (served, total) = (Counter::<u64>::default(), Latency::default());
//! metrics.register(|registry| {
//!     registry.register("requests", "Requests served", served.clone());
//!     Latency::register(registry, "request_duration", "From head to answer", &total);
//! });
//! served.inc();
//! total.observe(std::time::Duration::from_millis(3));
//! assert!(metrics.encode().contains("requests_total 1"));
//! ```

mod latency;
mod process;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::{encoding::text, registry::Registry};

pub use latency::{LATENCY_SECONDS, Latency};
pub use process::{Process, Usage};

/// The media type of [`Metrics::encode`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of a process (or of a part of it that is scraped alone). Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Mutex<Registry>>);

impl Metrics {
    /// No metrics yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Metrics that begin with those of the process itself: memory, CPU time, descriptors, start.
    pub fn with_process() -> Self {
        let metrics = Self::new();
        metrics.register(|registry| registry.register_collector(Box::new(Process)));
        metrics
    }

    /// Adds metrics.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.lock());
    }

    /// Everything as text, in the `OpenMetrics` format.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        if let Err(error) = text::encode(&mut text, &self.lock()) {
            // Only a collector that refuses can do this; what it refuses must not hide the rest.
            tracing::error!(%error, "cannot encode all metrics");
        }
        text
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
