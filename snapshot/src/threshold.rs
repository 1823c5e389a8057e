//! What the owner of a stream or consumer has set in its metadata.
//!
//! The keys are those of `nats server check`: `io.nats.monitor.<name>`. That knows no warnings of consumers and no age of
//! messages; `unprocessed-warn`, `time-lag-warn` and `time-lag-critical` are read here too. A value of 0 or less, or one that
//! cannot be read, sets nothing, and `enabled: "false"` turns all of them off.

mod span;

use std::collections::BTreeMap;

pub use span::parse as parse_span;

const PREFIX: &str = "io.nats.monitor.";

/// Limits of one consumer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    /// Messages out unacknowledged from which it is critical.
    pub outstanding_ack_critical: Option<u64>,
    /// Waiting pull requests from which it is critical.
    pub waiting_critical: Option<u64>,
    /// Messages not delivered that may wait without being late.
    pub unprocessed_warn: Option<u64>,
    /// Messages not delivered from which it is critical.
    pub unprocessed_critical: Option<u64>,
    /// Messages delivered more than once from which it is critical.
    pub redelivery_critical: Option<u64>,
    /// Nanoseconds without a delivery, while messages wait, from which it is critical.
    pub last_delivery_critical: Option<i64>,
    /// Nanoseconds without an acknowledgement, while messages are out, from which it is critical.
    pub last_ack_critical: Option<i64>,
    /// Age of the next message, in nanoseconds, from which it is late.
    pub time_lag_warn: Option<i64>,
    /// Age of the next message, in nanoseconds, from which it is critical.
    pub time_lag_critical: Option<i64>,
    /// Every priority group must be pinned to a client.
    pub pinned: bool,
}

impl Thresholds {
    /// Of a consumer's metadata.
    pub fn of(metadata: &BTreeMap<String, String>) -> Self {
        let Some(keys) = Keys::of(metadata) else {
            return Self::default();
        };
        Self {
            outstanding_ack_critical: keys.count("outstanding-ack-critical"),
            waiting_critical: keys.count("waiting-critical"),
            unprocessed_warn: keys.count("unprocessed-warn"),
            unprocessed_critical: keys.count("unprocessed-critical"),
            redelivery_critical: keys.count("redelivery-critical"),
            last_delivery_critical: keys.span("last-delivery-critical"),
            last_ack_critical: keys.span("last-ack-critical"),
            time_lag_warn: keys.span("time-lag-warn"),
            time_lag_critical: keys.span("time-lag-critical"),
            pinned: keys.text("pinned") == Some("true"),
        }
    }
}

/// Limits of one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamThresholds {
    /// Messages from which it is remarkable. Above `msgs_critical`: from which on it has too few.
    pub msgs_warn: Option<u64>,
    /// Messages from which it is critical.
    pub msgs_critical: Option<u64>,
    /// Different subjects from which it is remarkable.
    pub subjects_warn: Option<u64>,
    /// Different subjects from which it is critical.
    pub subjects_critical: Option<u64>,
    /// Messages that a mirror or source may be behind.
    pub lag_critical: Option<u64>,
    /// Nanoseconds that a mirror or source may be silent.
    pub seen_critical: Option<i64>,
    /// Operations that a replica may be behind.
    pub peer_lag_critical: Option<u64>,
    /// Nanoseconds that a replica may be silent.
    pub peer_seen_critical: Option<i64>,
}

impl StreamThresholds {
    /// Of a stream's metadata.
    pub fn of(metadata: &BTreeMap<String, String>) -> Self {
        let Some(keys) = Keys::of(metadata) else {
            return Self::default();
        };
        Self {
            msgs_warn: keys.count("msgs-warn"),
            msgs_critical: keys.count("msgs-critical"),
            subjects_warn: keys.count("subjects-warn"),
            subjects_critical: keys.count("subjects-critical"),
            lag_critical: keys.count("lag-critical"),
            seen_critical: keys.span("seen-critical"),
            peer_lag_critical: keys.count("peer-lag-critical"),
            peer_seen_critical: keys.span("peer-seen-critical"),
        }
    }
}

struct Keys<'a>(&'a BTreeMap<String, String>);

impl<'a> Keys<'a> {
    fn of(metadata: &'a BTreeMap<String, String>) -> Option<Self> {
        let keys = Self(metadata);
        (keys.text("enabled") != Some("false")).then_some(keys)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(&format!("{PREFIX}{name}")).map(|value| value.trim())
    }

    fn count(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok().filter(|count| *count > 0)
    }

    fn span(&self, name: &str) -> Option<i64> {
        span::parse(self.text(name)?).filter(|nanos| *nanos > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{StreamThresholds, Thresholds};

    fn metadata(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let named = |(name, value): &(&str, &str)| (format!("io.nats.monitor.{name}"), (*value).to_owned());
        pairs.iter().map(named).collect()
    }

    #[test]
    fn thresholds_are_read_as_nats_server_check_reads_them() {
        let set = metadata(&[
            ("outstanding-ack-critical", "100"),
            ("last-delivery-critical", "1m30s"),
            ("unprocessed-critical", "-1"),
            ("redelivery-critical", "many"),
            ("pinned", "true"),
        ]);
        let expected = Thresholds {
            outstanding_ack_critical: Some(100),
            last_delivery_critical: Some(90_000_000_000),
            pinned: true,
            ..Thresholds::default()
        };
        assert_eq!(Thresholds::of(&set), expected);
        let stream = StreamThresholds::of(&metadata(&[("lag-critical", "200"), ("seen-critical", "5m")]));
        assert_eq!(
            (stream.lag_critical, stream.seen_critical),
            (Some(200), Some(300_000_000_000))
        );
    }

    #[test]
    fn they_can_be_turned_off() {
        let off = metadata(&[("enabled", "false"), ("waiting-critical", "1")]);
        assert_eq!(Thresholds::of(&off), Thresholds::default());
    }
}
