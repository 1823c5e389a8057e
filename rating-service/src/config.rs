//! What can be set: by a file, by `RATING_…` variables, by flags.

use std::net::SocketAddr;
use std::time::Duration;

use contract::subject::{Codec, SubjectError};
use runtime::config::{Layers, RenderError, duration, render};
use runtime::{nats, telemetry, worker};
use serde::{Deserialize, Serialize};

use crate::database::Retention;
use crate::{relay, store};

/// The service's configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where `/livez`, `/readyz` and `/metrics` are served.
    pub admin_listen: SocketAddr,
    /// What subjects of requests start with; empty for the original's bare `get.ratings`.
    pub prefix: String,
    /// What stands before the paths in `Location`, as clients see them behind the gateway.
    pub base_path: String,
    /// The database.
    pub database: store::Settings,
    /// How long answers of writes are kept for repeated requests.
    #[serde(with = "duration")]
    pub keep_answers: Duration,
    /// How long events are kept after they were published.
    #[serde(with = "duration")]
    pub keep_events: Duration,
    /// The connection to NATS.
    pub nats: nats::Settings,
    /// The work queue and how much is taken from it.
    pub worker: worker::Settings,
    /// Where events go.
    pub relay: relay::Settings,
    /// How to log.
    pub log: telemetry::Settings,
    /// How long a stop may take before it is cut short.
    #[serde(with = "duration")]
    pub drain_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            admin_listen: SocketAddr::from(([127, 0, 0, 1], 9091)),
            prefix: "api".to_owned(),
            base_path: "/api".to_owned(),
            database: store::Settings::default(),
            keep_answers: Duration::from_hours(24),
            keep_events: Duration::from_hours(24),
            nats: nats::Settings {
                name: "rating-service".to_owned(),
                ..nats::Settings::default()
            },
            worker: worker::Settings::new("REQUESTS", "rating-service"),
            relay: relay::Settings::default(),
            log: telemetry::Settings::default(),
            drain_timeout: Duration::from_secs(25),
        }
    }
}

/// What is wrong with the configuration as a whole.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The prefix of requests is no subject.
    #[error("prefix: '{prefix}' cannot start a subject")]
    Prefix {
        /// As configured.
        prefix: String,
        /// Why not.
        #[source]
        source: SubjectError,
    },
    /// The prefix of events is no subject.
    #[error("relay.prefix: '{0}' must be tokens of letters, digits, '-' and '_', separated by dots")]
    RelayPrefix(String),
    /// The base path could not stand in a header.
    #[error("base_path: '{0}' must be empty or a path such as /api, of letters, digits and -._~/")]
    BasePath(String),
    /// A number that must be positive is not.
    #[error("{0} must not be zero")]
    Zero(&'static str),
    /// The `nats` section.
    #[error("nats")]
    Nats(#[from] nats::SettingsError),
    /// The `worker` section.
    #[error("worker")]
    Worker(#[from] worker::SettingsError),
}

impl Config {
    /// Layers with the defaults at the bottom: a section that is given in part keeps the rest of this service's own
    /// defaults, not those of the section's type.
    pub fn layers() -> Result<Layers, RenderError> {
        Ok(Layers::new("RATING").text("the defaults", render(&Self::default())?))
    }

    /// Checks what types cannot.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.codec()?;
        self.nats.validate()?;
        self.worker.validate()?;
        let is_token = |token: &str| {
            !token.is_empty()
                && token
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if !self.relay.prefix.split('.').all(is_token) {
            return Err(ConfigError::RelayPrefix(self.relay.prefix.clone()));
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        if !(self.base_path.is_empty() || self.base_path.starts_with('/'))
            || !self.base_path.bytes().all(fits)
        {
            return Err(ConfigError::BasePath(self.base_path.clone()));
        }
        let durations = [
            ("keep_answers", self.keep_answers),
            ("keep_events", self.keep_events),
            ("relay.poll", self.relay.poll),
        ];
        match durations.into_iter().find(|(_, duration)| duration.is_zero()) {
            Some((name, _)) => Err(ConfigError::Zero(name)),
            None if self.database.connections == 0 => Err(ConfigError::Zero("database.connections")),
            None => Ok(()),
        }
    }

    /// Tells subjects from paths.
    pub fn codec(&self) -> Result<Codec, ConfigError> {
        Codec::new(&self.prefix).map_err(|source| ConfigError::Prefix {
            prefix: self.prefix.clone(),
            source,
        })
    }

    /// How long what is kept.
    pub fn retention(&self) -> Retention {
        Retention {
            answers: self.keep_answers,
            events: self.keep_events,
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn the_defaults_are_valid_and_can_be_read_back() {
        let config = Config::default();
        config.validate().unwrap();
        let text = render(&config).unwrap();
        let read: Config = Config::layers()
            .unwrap()
            .text("written", text.as_str())
            .load()
            .unwrap();
        assert_eq!(render(&read).unwrap(), text);
    }

    #[test]
    fn each_layer_is_stronger_than_the_one_before() {
        let config: Config = Config::layers()
            .unwrap()
            .text(
                "file",
                "{base_path: /a, prefix: file, database: {url: \"sqlite:file.db\"}}",
            )
            .environment([
                ("RATING_DATABASE__URL", "postgres://db/ratings"),
                ("RATING_PREFIX", "environment"),
            ])
            .flag("--set", "prefix", "flag")
            .load()
            .unwrap();
        assert_eq!(
            (config.base_path.as_str(), config.prefix.as_str()),
            ("/a", "flag")
        );
        assert_eq!(config.database.location.to_string(), "postgres://db/ratings");
    }

    #[test]
    fn no_password_is_shown() {
        let config: Config = Config::layers()
            .unwrap()
            .environment([
                ("RATING_DATABASE__URL", "postgres://ada:hunter2@db/ratings"),
                ("RATING_DATABASE__PASSWORD", "hunter2"),
            ])
            .load()
            .unwrap();
        let shown = format!("{config:?} {}", render(&config).unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("postgres://ada@db/ratings"), "{shown}");
    }

    #[test]
    fn a_section_given_in_part_keeps_the_services_own_defaults() {
        let config: Config = Config::layers()
            .unwrap()
            .flag("--set", "worker.slots", "8")
            .load()
            .unwrap();
        assert_eq!(
            (config.worker.slots, config.worker.consumer.as_str()),
            (8, "rating-service")
        );
    }

    #[test_case("prefix", "a b", "prefix: 'a b'")]
    #[test_case("base_path", "api", "base_path: 'api'")]
    #[test_case("base_path", "/a\r\nb", "base_path")]
    #[test_case("relay.prefix", "events.>", "relay.prefix: 'events.>'")]
    #[test_case("keep_answers", "0s", "keep_answers must not be zero")]
    #[test_case("database.connections", "0", "database.connections must not be zero")]
    fn a_mistake_is_named(key: &str, value: &str, expected: &str) {
        let config: Config = Config::layers()
            .unwrap()
            .flag("--set", key, value)
            .load()
            .unwrap();
        let error = config.validate().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_database_of_another_kind_is_refused_with_what_is_possible() {
        let error = Config::layers()
            .unwrap()
            .flag("--database", "database.url", "mysql://db")
            .load::<Config>()
            .unwrap_err();
        assert!(
            error.to_string().contains("sqlite:<file> or postgres://"),
            "{error}"
        );
    }
}
