//! What can be set: by a file, by `PROXY_…` variables, by flags.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use contract::subject::{Codec, SubjectError};
use runtime::config::{duration, size};
use runtime::{http, nats, telemetry};
use serde::{Deserialize, Serialize};

use crate::feed;
use crate::routes::{self, Routes, RoutesError};

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
    /// How much of the live feed there may be; what it carries stands in the routes file.
    pub feed: feed::Settings,
    /// Limits and time-outs of connections.
    pub http: http::Settings,
    /// The connection to NATS.
    pub nats: nats::Settings,
    /// What is logged, and how.
    pub log: telemetry::Settings,
}

/// What is wrong with a configuration whose values all have the right type.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The subject prefix is none.
    #[error("`prefix` is wrong")]
    Prefix(#[source] SubjectError),
    /// The NATS settings contradict each other.
    #[error("`nats` is wrong")]
    Nats(#[source] nats::SettingsError),
    /// The limits of the HTTP listener contradict each other.
    #[error("`http` is wrong")]
    Http(#[source] http::SettingsError),
    /// A number or duration that must be more than nothing.
    #[error("`{0}` must be more than zero")]
    Zero(&'static str),
    /// The routes file cannot be read.
    #[error("`routes` names the file {}, which cannot be read", path.display())]
    RoutesFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The routes file is wrong.
    #[error("the routes are wrong")]
    Routes(#[source] RoutesError),
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
            feed: feed::Settings::default(),
            http: http::Settings::default(),
            nats: nats::Settings {
                name: "http-to-nats-proxy".to_owned(),
                ..nats::Settings::default()
            },
            log: telemetry::Settings::default(),
        }
    }
}

impl Config {
    /// Checks what types cannot.
    ///
    /// # Errors
    /// [`ConfigError`] with the first thing that is wrong.
    pub fn validate(&self) -> Result<(), ConfigError> {
        Codec::new(&self.prefix).map_err(ConfigError::Prefix)?;
        self.nats.validate().map_err(ConfigError::Nats)?;
        self.http.validate().map_err(ConfigError::Http)?;
        let positive = [
            ("max_in_flight", self.max_in_flight > 0),
            ("body_timeout", !self.body_timeout.is_zero()),
            ("body_idle_timeout", !self.body_idle_timeout.is_zero()),
            ("max_answer_bytes", self.max_answer_bytes > 0),
            ("removals_per_second", self.removals_per_second > 0),
        ];
        let zero = positive.into_iter().find(|(_, is_positive)| !is_positive);
        match zero.map(|(key, _)| key).or_else(|| self.feed.zero()) {
            Some(key) => Err(ConfigError::Zero(key)),
            None => Ok(()),
        }
    }

    /// Reads the routes file.
    ///
    /// # Errors
    /// [`ConfigError::RoutesFile`] and [`ConfigError::Routes`].
    pub fn read_routes(&self) -> Result<Routes, ConfigError> {
        let path = &self.routes;
        let yaml = std::fs::read_to_string(path).map_err(|source| ConfigError::RoutesFile {
            path: path.clone(),
            source,
        })?;
        routes::parse(&path.display().to_string(), &yaml).map_err(ConfigError::Routes)
    }

    /// How many shards there are.
    pub fn shards(&self) -> usize {
        match self.shards {
            0 => std::thread::available_parallelism().map_or(1, |count| count.get().min(MOST_SHARDS)),
            count => count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test]
    fn the_defaults_are_valid() {
        Config::default().validate().unwrap();
    }

    #[test_case(|c| c.prefix = "a b".to_owned(), "`prefix` is wrong"; "a prefix that is no token")]
    #[test_case(|c| c.nats.urls.clear(), "`nats` is wrong"; "no server")]
    #[test_case(|c| c.http.max_uri_bytes = u64::MAX, "`http` is wrong"; "a target longer than a head")]
    #[test_case(|c| c.max_in_flight = 0, "`max_in_flight` must be more than zero"; "no request at a time")]
    #[test_case(|c| c.feed.max_clients = 0, "`feed.max_clients`"; "no client of the feed")]
    #[test_case(|c| c.body_timeout = Duration::ZERO, "`body_timeout`"; "no time for a body")]
    fn a_mistake_is_named(change: fn(&mut Config), expected: &str) {
        let mut config = Config::default();
        change(&mut config);
        let message = config.validate().unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn a_missing_routes_file_is_named() {
        let config = Config {
            routes: "/nowhere/routes.yaml".into(),
            ..Config::default()
        };
        let message = config.read_routes().unwrap_err().to_string();
        assert!(message.contains("/nowhere/routes.yaml"), "{message}");
    }
}
