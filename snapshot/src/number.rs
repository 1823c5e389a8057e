//! Numbers: sequences to fractions, and both to words.

use crate::sample::ServerNanos;

/// Nanoseconds of a second.
pub(crate) const SECOND: i64 = 1_000_000_000;

/// A count as a fraction; above 2^53 the nearest there is.
#[expect(
    clippy::cast_precision_loss,
    reason = "rates of counts that large need no last digit"
)]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

/// The difference of two gauges.
pub(crate) fn change(from: u64, to: u64) -> f64 {
    if to >= from {
        float(to - from)
    } else {
        -float(from - to)
    }
}

/// Nanoseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a century are enough")]
pub(crate) fn seconds(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

/// How much later `to` is, in nanoseconds.
pub(crate) fn later(from: ServerNanos, to: ServerNanos) -> i64 {
    to.saturating_sub(from)
}

/// A number of nanoseconds as a server gives it; beyond 292 years it is 292 years.
pub(crate) fn nanos(unsigned: u64) -> i64 {
    i64::try_from(unsigned).unwrap_or(i64::MAX)
}

/// Nanoseconds as whole milliseconds.
pub(crate) fn millis(nanos: i64) -> i64 {
    nanos / 1_000_000
}

/// Seconds as nanoseconds, kept within their range.
#[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
pub(crate) fn from_seconds(seconds: f64) -> i64 {
    (seconds * 1e9) as i64
}

/// A number only if it is one: JSON has no infinity.
pub(crate) fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

/// A time span for people: `350 ms`, `12 s`, `4 m 5 s`, `3 h 2 m`, `5 d 1 h`.
pub(crate) fn span(nanos: i64) -> String {
    let nanos = nanos.max(0);
    let whole = nanos / SECOND;
    match whole {
        0 => format!("{} ms", millis(nanos)),
        1..=119 => format!("{whole} s"),
        120..=7_199 => format!("{} m {} s", whole / 60, whole % 60),
        7_200..=172_799 => format!("{} h {} m", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3600),
    }
}

/// A rate for people: `0.3/s`, `12/s`.
pub(crate) fn rate(per_s: f64) -> String {
    if per_s.abs() < 10.0 {
        format!("{per_s:.1}/s")
    } else {
        format!("{per_s:.0}/s")
    }
}

/// `1 message`, `2 messages`.
pub(crate) fn messages(count: u64) -> String {
    counted(count, "message")
}

/// `1 message waits`, `2 messages wait`.
pub(crate) fn waiting(count: u64) -> String {
    format!("{} wait{}", messages(count), if count == 1 { "s" } else { "" })
}

/// `1 request`, `2 requests`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{SECOND, change, from_seconds, span};

    #[test_case(-5, "0 ms")]
    #[test_case(350_000_000, "350 ms")]
    #[test_case(12 * SECOND, "12 s")]
    #[test_case(245 * SECOND, "4 m 5 s")]
    #[test_case(10_920 * SECOND, "3 h 2 m")]
    #[test_case(i64::MAX, "106751 d 23 h")]
    fn spans_are_said_in_two_units(nanos: i64, said: &str) {
        assert_eq!(span(nanos), said);
    }

    #[test]
    fn extremes_saturate() {
        assert_eq!(from_seconds(f64::INFINITY), i64::MAX);
        assert!(change(u64::MAX, 0) < -1e19);
    }
}
