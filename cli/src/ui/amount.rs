//! Numbers with units, as people read them.

use std::time::Duration;

/// Bytes with a binary unit: `512 B`, `1.5 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut unit = 0;
    let mut divisor = 1024_u64;
    while unit + 1 < UNITS.len() && count / divisor >= 1024 {
        unit += 1;
        divisor *= 1024;
    }
    let tenths = (u128::from(count) * 10 + u128::from(divisor) / 2) / u128::from(divisor);
    match tenths % 10 {
        0 => format!("{} {}", tenths / 10, UNITS[unit]),
        rest => format!("{}.{rest} {}", tenths / 10, UNITS[unit]),
    }
}

/// Seconds with one decimal: `0.4 s`.
pub(crate) fn seconds(milliseconds: u64) -> String {
    let tenths = (milliseconds + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// A time span in the units it is made of: `1h30m`, `2m`, `250ms`; exact, so that two different spans look different.
pub(crate) fn span(duration: Duration) -> String {
    const UNITS: [(u128, &str); 6] = [
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
        (1, "ns"),
    ];
    let mut rest = duration.as_nanos();
    let mut words = String::new();
    for (size, name) in UNITS {
        if rest >= size {
            words += &(rest / size).to_string();
            words += name;
            rest %= size;
        }
    }
    if words.is_empty() { "0s".to_owned() } else { words }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(0 => "0 B")]
    #[test_case(1023 => "1023 B")]
    #[test_case(1024 => "1 KiB")]
    #[test_case(1536 => "1.5 KiB")]
    #[test_case(1024 * 1024 => "1 MiB")]
    #[test_case(5 << 40 => "5 TiB")]
    #[test_case(u64::MAX => "16777216 TiB"; "more than the last unit holds")]
    fn size(count: u64) -> String {
        bytes(count)
    }

    #[test_case(Duration::ZERO => "0s"; "nothing")]
    #[test_case(Duration::from_mins(2) => "2m"; "minutes")]
    #[test_case(Duration::from_mins(90) => "1h30m"; "two units")]
    #[test_case(Duration::from_millis(1250) => "1s250ms"; "with a rest")]
    #[test_case(Duration::from_nanos(1) => "1ns"; "the smallest")]
    fn time(duration: Duration) -> String {
        span(duration)
    }
}
