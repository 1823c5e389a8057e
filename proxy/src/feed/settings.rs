//! How much of the feed there may be. What it carries stands in the routes file.

use std::time::Duration;

use runtime::config::{duration, size};
use serde::{Deserialize, Serialize};

/// Sizes and times of the live feed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether the feed of the routes file is served; without it its path is unknown.
    pub enabled: bool,
    /// Clients at the same time; one more is answered 503.
    pub max_clients: usize,
    /// Clients of one address (of one /64 network for version 6); one more is answered 429.
    pub max_clients_per_address: usize,
    /// Gateways in front that append the client's address to `X-Forwarded-For`; 0 believes nobody.
    pub trusted_hops: usize,
    /// Different filters at the same time beside the whole feed, each of which is a consumer of the stream; one more is answered 503.
    pub max_filters: usize,
    /// Events kept in memory for each filter. A client that falls further behind is closed.
    pub buffer_events: usize,
    /// The same in bytes.
    #[serde(with = "size")]
    pub buffer_bytes: u64,
    /// Events that a client is read to from the stream when it comes back; one that missed more gets a snapshot.
    pub max_replay: u64,
    /// Origins beside our own whose pages may open a WebSocket, such as `https://app.example.org`.
    pub origins: Vec<String>,
    /// Largest message of a WebSocket client.
    #[serde(with = "size")]
    pub max_message: u64,
    /// Messages a second of a WebSocket client; two seconds' worth may come at once, one more ends the connection.
    pub messages_per_second: u32,
    /// How often a client hears something when nothing happens.
    #[serde(with = "duration")]
    pub heartbeat: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: true,
            max_clients: 5000,
            max_clients_per_address: 200,
            trusted_hops: 0,
            max_filters: 32,
            buffer_events: 4096,
            buffer_bytes: 4 << 20,
            max_replay: 100_000,
            origins: Vec::new(),
            max_message: 16 << 10,
            messages_per_second: 20,
            heartbeat: Duration::from_secs(15),
        }
    }
}

impl Settings {
    /// The name of a setting that is zero and must not be.
    pub fn zero(&self) -> Option<&'static str> {
        let positive = [
            ("feed.max_clients", self.max_clients > 0),
            ("feed.max_clients_per_address", self.max_clients_per_address > 0),
            ("feed.max_filters", self.max_filters > 0),
            ("feed.buffer_events", self.buffer_events > 0),
            ("feed.buffer_bytes", self.buffer_bytes > 0),
            ("feed.max_message", self.max_message > 0),
            ("feed.messages_per_second", self.messages_per_second > 0),
            ("feed.heartbeat", !self.heartbeat.is_zero()),
        ];
        positive
            .into_iter()
            .find(|(_, is_positive)| !is_positive)
            .map(|(key, _)| key)
    }
}
