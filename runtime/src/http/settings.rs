//! The limits and time-outs of a server, with defaults that suit a listener open to the internet.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Meters;
use crate::config::{duration, size};

/// What hyper can hold of a request head.
const MOST_HEADER_BYTES: u64 = 400 * 1024;

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

/// A setting with which no request could be served.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SettingsError {
    /// A number or duration that must be more than nothing.
    #[error("`{0}` must be more than zero")]
    Zero(&'static str),
    /// More than the server can hold.
    #[error("`max_header_bytes` must be at most {}", size::format(MOST_HEADER_BYTES))]
    HeaderBytes,
    /// A target that fits no head.
    #[error("`max_uri_bytes` must be at most `max_header_bytes`")]
    UriBytes,
}

impl Settings {
    /// Checks what types cannot.
    ///
    /// # Errors
    /// Names the first setting with which no request could be served.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let positive = [
            ("max_connections", self.max_connections > 0),
            ("header_read_timeout", !self.header_read_timeout.is_zero()),
            ("idle_timeout", !self.idle_timeout.is_zero()),
            ("write_timeout", !self.write_timeout.is_zero()),
            ("max_headers", self.max_headers > 0),
            ("max_header_bytes", self.max_header_bytes > 0),
            ("max_uri_bytes", self.max_uri_bytes > 0),
            ("http2_max_streams", self.http2_max_streams > 0),
        ];
        if let Some((key, _)) = positive.into_iter().find(|(_, is_positive)| !is_positive) {
            return Err(SettingsError::Zero(key));
        }
        if self.max_header_bytes > MOST_HEADER_BYTES {
            return Err(SettingsError::HeaderBytes);
        }
        if self.max_uri_bytes > self.max_header_bytes {
            Err(SettingsError::UriBytes)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_serve_and_settings_that_cannot_are_named() {
        let good = Settings::default();
        assert_eq!(good.validate(), Ok(()));
        let zero = Settings {
            idle_timeout: Duration::ZERO,
            ..good.clone()
        };
        assert_eq!(zero.validate(), Err(SettingsError::Zero("idle_timeout")));
        let large = Settings {
            max_header_bytes: 1 << 20,
            ..good.clone()
        };
        assert_eq!(
            large.validate().unwrap_err().to_string(),
            "`max_header_bytes` must be at most 400KiB"
        );
        let long = Settings {
            max_uri_bytes: 20 << 10,
            ..good
        };
        assert_eq!(long.validate(), Err(SettingsError::UriBytes));
    }

    #[test]
    fn settings_are_read_as_people_write_them() {
        let settings: Settings = crate::config::Layers::new("X")
            .text(
                "x.yaml",
                "idle_timeout: 2m\nmax_header_bytes: 32KiB\nmax_uri_bytes: 4096",
            )
            .load()
            .unwrap();
        assert_eq!(settings.idle_timeout, Duration::from_mins(2));
        assert_eq!(
            (settings.max_header_bytes, settings.max_uri_bytes),
            (32 << 10, 4096)
        );
        assert_eq!(settings.write_timeout, Settings::default().write_timeout);
    }
}
