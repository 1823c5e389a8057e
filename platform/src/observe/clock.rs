//! Times, as samples have them.

use std::time::{SystemTime, UNIX_EPOCH};

use snapshot::sample::{Millis, ServerNanos};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Now, by this machine's clock.
pub(super) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// A time as NATS writes it; `None` for Go's zero time, and for what is none.
pub(super) fn parse(text: &str) -> Option<ServerNanos> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    if time.year() <= 1 {
        return None;
    }
    ServerNanos::try_from(time.unix_timestamp_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::parse;

    #[test_case("2026-08-20T10:11:12.123456789Z", Some(1_787_220_672_123_456_789))]
    #[test_case("2026-08-20T12:11:12+02:00", Some(1_787_220_672_000_000_000))]
    #[test_case("0001-01-01T00:00:00Z", None; "never")]
    #[test_case("yesterday", None)]
    fn a_time_of_a_server_is_read(text: &str, expected: Option<i64>) {
        assert_eq!(parse(text), expected);
    }
}
