//! The limits and time-outs of a server, with defaults that suit a listener open to the internet.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Meters;
use crate::config::{duration, size};

/// Limits and time-outs. In configuration, durations are written `10s` and sizes `16KiB`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Open connections (over all shards); one more is answered 503 with `Retry-After` and closed.
    pub max_connections: usize,
    /// From the first byte of a request (or from the opening of a connection) to the end of its head.
    #[serde(with = "duration")]
    pub header_read_timeout: Duration,
    /// How long a connection may stay open between requests.
    #[serde(with = "duration")]
    pub idle_timeout: Duration,
    /// How long the peer may read nothing while we have something to write.
    #[serde(with = "duration")]
    pub write_timeout: Duration,
    /// Header lines of a request.
    pub max_headers: usize,
    /// Bytes of a request head (request line and headers; for HTTP/2 the decoded header list).
    #[serde(with = "size")]
    pub max_header_bytes: u64,
    /// Bytes of the request target.
    #[serde(with = "size")]
    pub max_uri_bytes: u64,
    /// Concurrent requests of one HTTP/2 connection.
    pub http2_max_streams: u32,
    /// Requests of one HTTP/2 connection that may be reset before their answer, beyond the number answered.
    pub http2_max_resets: u32,
    /// How long the listener stays open after the soft stop, so that load balancers can see the readiness first.
    #[serde(with = "duration")]
    pub accept_grace: Duration,
    /// How long requests in flight may take after accepting has ended.
    #[serde(with = "duration")]
    pub drain_timeout: Duration,
    /// Where connection counts go.
    #[serde(skip)]
    pub meters: Meters,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            header_read_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            max_headers: 100,
            max_header_bytes: 16 * 1024,
            max_uri_bytes: 8 * 1024,
            http2_max_streams: 128,
            http2_max_resets: 200,
            accept_grace: Duration::ZERO,
            drain_timeout: Duration::from_secs(25),
            meters: Meters::default(),
        }
    }
}
