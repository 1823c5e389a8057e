//! Gauges that are read from the shards at the moment of a scrape, so that requests need not keep them up to date.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

/// What one shard says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Requests waiting for an answer.
    pub pending: usize,
    /// Whether its connection to NATS stands.
    pub connected: bool,
    /// How often it was made; a growing number is a connection that does not last.
    pub connects: u64,
    /// Why the connection does not stand.
    pub trouble: Option<String>,
}

type Source = Box<dyn Fn() -> Reading + Send + Sync>;

/// The shards that can be asked, by index.
#[derive(Clone, Default)]
pub struct Tables(Arc<Mutex<Vec<(usize, Source)>>>);

impl Tables {
    /// Adds a shard.
    pub fn add(&self, shard: usize, source: impl Fn() -> Reading + Send + Sync + 'static) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((shard, Box::new(source)));
    }

    /// What the shards say now.
    pub fn readings(&self) -> Vec<(usize, Reading)> {
        let sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sources.iter().map(|(shard, source)| (*shard, source())).collect()
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.readings()).finish()
    }
}

impl Collector for Tables {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let readings = self.readings();
        let mut gauge = |name: &str, help: &str, value: fn(&Reading) -> i64| {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (shard, reading) in &readings {
                let labels = [("shard", shard.to_string())];
                ConstGauge::new(value(reading)).encode(metric.encode_family(&labels)?)?;
            }
            Ok(())
        };
        gauge(
            "proxy_pending_requests",
            "Requests waiting for an answer",
            |reading| i64::try_from(reading.pending).unwrap_or(i64::MAX),
        )?;
        gauge(
            "proxy_nats_connects",
            "Connections to NATS made since the start",
            |reading| i64::try_from(reading.connects).unwrap_or(i64::MAX),
        )?;
        gauge(
            "proxy_nats_connected",
            "Whether the shard's connection to NATS stands",
            |reading| i64::from(reading.connected),
        )
    }
}
