//! What can be set: by a file, by `PROXY_…` variables, by flags.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use runtime::config::{duration, size};
use runtime::{http, nats};
use serde::{Deserialize, Serialize};

/// Threads beyond this number help nobody: NATS is busier than the proxy long before.
const MOST_SHARDS: usize = 4;

/// The proxy's configuration.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where requests come in.
    pub listen: SocketAddr,
    /// Where `/livez`, `/readyz` and `/metrics` are served.
    pub admin_listen: SocketAddr,
    /// The routes file.
    pub routes: PathBuf,
    /// What subjects start with; empty for the original's bare `get.ratings`.
    pub prefix: String,
    /// Threads, each with a NATS connection of its own; 0 is one for each processor, up to four.
    pub shards: usize,
    /// Requests that may wait for an answer at the same time, over all shards; one more is answered 503.
    pub max_in_flight: usize,
    /// Longest time for a request's body to arrive.
    #[serde(with = "duration")]
    pub body_timeout: Duration,
    /// Longest pause in a request's body.
    #[serde(with = "duration")]
    pub body_idle_timeout: Duration,
    /// Largest answer payload passed on.
    #[serde(with = "size")]
    pub max_answer_bytes: u64,
    /// Messages a second that a shard takes back when their clients leave.
    pub removals_per_second: u32,
    /// Whether a stream that merely fits badly makes the proxy not ready.
    pub strict: bool,
    /// Limits and time-outs of connections.
    pub http: http::Settings,
    /// The connection to NATS.
    pub nats: nats::Settings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin_listen: SocketAddr::from(([127, 0, 0, 1], 9090)),
            routes: PathBuf::from("manifests/proxy/routes.yaml"),
            prefix: "api".to_owned(),
            shards: 0,
            max_in_flight: 10_000,
            body_timeout: Duration::from_secs(10),
            body_idle_timeout: Duration::from_secs(5),
            max_answer_bytes: 1 << 20,
            removals_per_second: 200,
            strict: false,
            http: http::Settings::default(),
            nats: nats::Settings {
                name: "http-to-nats-proxy".to_owned(),
                ..nats::Settings::default()
            },
        }
    }
}

impl Config {
    /// How many shards there are.
    pub fn shards(&self) -> usize {
        match self.shards {
            0 => std::thread::available_parallelism().map_or(1, |count| count.get().min(MOST_SHARDS)),
            count => count,
        }
    }
}
