//! Numbers as narrow as a column: three digits and a unit.

/// What stands where a value is unknown.
pub(crate) const UNKNOWN: &str = "-";

/// A count: `0`, `999`, `1.2k`, `35k`, `4.1M`.
pub(crate) fn count(value: u64) -> String {
    const UNITS: [&str; 6] = ["k", "M", "G", "T", "P", "E"];
    scaled(value, 1000, &UNITS, "")
}

/// Bytes with binary units: `512B`, `1.5K`, `20M`.
pub(crate) fn bytes(value: u64) -> String {
    const UNITS: [&str; 6] = ["K", "M", "G", "T", "P", "E"];
    scaled(value, 1024, &UNITS, "B")
}

fn scaled(value: u64, base: u64, units: &[&str], none: &str) -> String {
    if value < 1000 {
        return format!("{value}{none}");
    }
    let base = u128::from(base);
    let mut divisor = base;
    let mut unit = 0;
    while unit + 1 < units.len() && u128::from(value) >= divisor * 1000 {
        divisor *= base;
        unit += 1;
    }
    let tenths = u128::from(value) * 10 / divisor;
    match tenths {
        0..100 => format!("{}.{}{}", tenths / 10, tenths % 10, units[unit]),
        _ => format!("{}{}", tenths / 10, units[unit]),
    }
}

/// A rate a second: `0`, `0.3`, `12`, `5.1k`.
pub(crate) fn rate(value: f64) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    let sign = if value < -0.05 { "-" } else { "" };
    let size = value.abs();
    if size < 0.05 {
        return "0".to_owned();
    }
    if size < 9.95 {
        return format!("{sign}{size:.1}");
    }
    format!("{sign}{}", count(whole(size)))
}

/// The nearest whole number of one that is not negative; what is too large saturates.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and what is too large saturates"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// A share of one as percent: `0%`, `0.4%`, `12%`.
pub(crate) fn percent(share: f64) -> String {
    let value = share * 100.0;
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    if value > 0.0 && value < 9.95 && value.fract() != 0.0 {
        return format!("{value:.1}%");
    }
    format!("{value:.0}%")
}

/// A time span with its largest units: `0ms`, `740ms`, `5.2s`, `48s`, `3m10s`, `2h05m`, `6d`.
pub(crate) fn span_ms(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0 => format!("{milliseconds}ms"),
        1..10 => format!("{}.{}s", seconds, milliseconds % 1000 / 100),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A time span that may be less than a millisecond: `0.31ms`, `4.2ms`, then as [`span_ms`].
pub(crate) fn latency_ms(milliseconds: f64) -> String {
    if !milliseconds.is_finite() || milliseconds < 0.0 {
        return UNKNOWN.to_owned();
    }
    if milliseconds < 1.0 {
        return format!("{milliseconds:.2}ms");
    }
    if milliseconds < 10.0 {
        return format!("{milliseconds:.1}ms");
    }
    span_ms(whole(milliseconds))
}

/// The time of day of a moment, in UTC: `13:05:09`.
pub(crate) fn time_of_day(unix_ms: i64) -> String {
    let seconds = unix_ms.div_euclid(1000).rem_euclid(86_400);
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds % 3600 / 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(0 => "0")]
    #[test_case(999 => "999")]
    #[test_case(1000 => "1.0k")]
    #[test_case(9_999 => "9.9k"; "never rounded up to what it is not")]
    #[test_case(35_400 => "35k")]
    #[test_case(999_999 => "999k")]
    #[test_case(4_100_000 => "4.1M")]
    #[test_case(u64::MAX => "18E")]
    fn counts(value: u64) -> String {
        count(value)
    }

    #[test_case(512 => "512B")]
    #[test_case(1023 => "0.9K"; "four digits are too wide")]
    #[test_case(1536 => "1.5K")]
    #[test_case(20 << 20 => "20M")]
    fn sizes(value: u64) -> String {
        bytes(value)
    }

    #[test_case(0.0 => "0")]
    #[test_case(0.34 => "0.3")]
    #[test_case(-3.2 => "-3.2")]
    #[test_case(9.96 => "10")]
    #[test_case(5_120.0 => "5.1k")]
    #[test_case(f64::NAN => "-")]
    fn rates(value: f64) -> String {
        rate(value)
    }

    #[test_case(0 => "0ms")]
    #[test_case(740 => "740ms")]
    #[test_case(5_240 => "5.2s")]
    #[test_case(48_000 => "48s")]
    #[test_case(190_000 => "3m10s")]
    #[test_case(7_500_000 => "2h05m")]
    #[test_case(6 * 86_400_000 => "6d")]
    fn spans(value: u64) -> String {
        span_ms(value)
    }

    #[test_case(0.0 => "0%")]
    #[test_case(0.004 => "0.4%")]
    #[test_case(0.123 => "12%")]
    #[test_case(1.0 => "100%")]
    fn shares(value: f64) -> String {
        percent(value)
    }

    #[test_case(0 => "00:00:00")]
    #[test_case(86_399_999 => "23:59:59")]
    #[test_case(-1 => "23:59:59"; "before 1970")]
    fn times(value: i64) -> String {
        time_of_day(value)
    }
}
