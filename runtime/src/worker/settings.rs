//! How much a worker takes and how long it waits for what.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::nats::Delay;

/// How long the last acknowledgements may take at the very end.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);
/// How long a request to the server itself may take.
pub(super) const SERVER_ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// Between attempts to find the stream and its consumer.
pub(super) const LOOK_AGAIN: Delay = Delay {
    first: Duration::from_millis(250),
    longest: Duration::from_secs(5),
};
/// Between attempts of a handler that asks for another one without saying when.
pub(super) const TRY_AGAIN: Delay = Delay {
    first: Duration::from_millis(250),
    longest: Duration::from_secs(5),
};
/// Between attempts to store a dead letter.
pub(super) const BURY_AGAIN: Delay = Delay {
    first: Duration::from_millis(250),
    longest: Duration::from_secs(5),
};

/// Settings of one worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The work queue.
    pub stream: String,
    /// The durable pull consumer on it, shared by all replicas of the service.
    pub consumer: String,
    /// How many requests are handled at once.
    pub slots: usize,
    /// How long one pull stays valid at the server.
    #[serde(with = "crate::config::duration")]
    pub pull_expires: Duration,
    /// How often an idle server shows that a pull is still known; two missing ones start the loop anew.
    #[serde(with = "crate::config::duration")]
    pub heartbeat: Duration,
    /// How often the consumer's limits and the server's clock are looked at again.
    #[serde(with = "crate::config::duration")]
    pub refresh: Duration,
    /// Deadline of requests that carry none, after the time they were stored.
    #[serde(with = "crate::config::duration")]
    pub default_timeout: Duration,
    /// The longest a handler may run; then it is dropped and the request counts as failed.
    #[serde(with = "crate::config::duration")]
    pub handler_limit: Duration,
    /// How long running handlers may go on once the stop has begun.
    #[serde(with = "crate::config::duration")]
    pub drain_grace: Duration,
    /// How long the worker tries to store one dead letter before it gives the message back.
    #[serde(with = "crate::config::duration")]
    pub dead_letter_patience: Duration,
    /// What the subjects of dead letters start with.
    pub dead_prefix: String,
    /// Whether each acknowledgement waits until the server confirms it.
    pub confirm_acks: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            stream: "REQUESTS".to_owned(),
            consumer: String::new(),
            slots: 64,
            pull_expires: Duration::from_secs(30),
            heartbeat: Duration::from_secs(5),
            refresh: Duration::from_mins(1),
            default_timeout: Duration::from_secs(30),
            handler_limit: Duration::from_mins(1),
            drain_grace: Duration::from_secs(20),
            dead_letter_patience: Duration::from_secs(30),
            dead_prefix: "dead".to_owned(),
            confirm_acks: false,
        }
    }
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A name that is no single token.
    #[error("{field}: '{value}' must be letters, digits, '-' and '_'")]
    Name {
        /// Which setting.
        field: &'static str,
        /// Its value.
        value: String,
    },
    /// A worker without room never pulls.
    #[error("slots must be at least 1")]
    NoSlots,
    /// The server wants room for two heartbeats within a pull.
    #[error("pull_expires must be at least twice heartbeat, and heartbeat at least 100ms")]
    Heartbeat,
    /// Looking without a pause would do nothing else.
    #[error("refresh must be at least 100ms")]
    Refresh,
}

impl Settings {
    /// The defaults, for this stream and consumer.
    pub fn new(stream: impl Into<String>, consumer: impl Into<String>) -> Self {
        Self {
            stream: stream.into(),
            consumer: consumer.into(),
            ..Self::default()
        }
    }

    /// Checks what types cannot.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let names = [
            ("stream", &self.stream),
            ("consumer", &self.consumer),
            ("dead_prefix", &self.dead_prefix),
        ];
        for (field, value) in names {
            let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            if value.is_empty() || !value.bytes().all(is_fit) {
                return Err(SettingsError::Name {
                    field,
                    value: value.clone(),
                });
            }
        }
        if self.slots == 0 {
            return Err(SettingsError::NoSlots);
        }
        if self.heartbeat < Duration::from_millis(100) || self.pull_expires < self.heartbeat * 2 {
            return Err(SettingsError::Heartbeat);
        }
        if self.refresh < Duration::from_millis(100) {
            return Err(SettingsError::Refresh);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use test_case::test_case;

    use super::Settings;

    #[test_case(&Settings::new("REQUESTS", "a.b"), "consumer: 'a.b'"; "a consumer of two tokens")]
    #[test_case(&Settings::new("", "a"), "stream: ''"; "no stream")]
    #[test_case(&Settings { slots: 0, ..Settings::new("S", "c") }, "slots"; "no room")]
    #[test_case(
        &Settings { heartbeat: Duration::from_secs(20), ..Settings::new("S", "c") }, "heartbeat"; "a slow heart"
    )]
    fn a_mistake_is_named(settings: &Settings, expected: &str) {
        let error = settings.validate().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
