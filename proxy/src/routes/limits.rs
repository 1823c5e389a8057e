//! Durations and sizes as people write them: `500ms`, `5s`, `256KiB`.

use std::time::Duration;

/// Reads `<n>ms`, `<n>s` or `<n>m`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let amount: u64 = text.get(..digits)?.parse().ok()?;
    match text.get(digits..)? {
        "ms" => Some(Duration::from_millis(amount)),
        "s" => Some(Duration::from_secs(amount)),
        "m" => amount.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

/// Reads `<n>`, `<n>B`, `<n>KiB` or `<n>MiB` in bytes.
pub(super) fn size(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let amount: usize = text.get(..digits)?.parse().ok()?;
    match text.get(digits..)? {
        "" | "B" => Some(amount),
        "KiB" => amount.checked_mul(1 << 10),
        "MiB" => amount.checked_mul(1 << 20),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("500ms", Some(Duration::from_millis(500)))]
    #[test_case("5s", Some(Duration::from_secs(5)))]
    #[test_case("2m", Some(Duration::from_mins(2)))]
    #[test_case("5", None; "a bare number has no unit")]
    #[test_case("-1s", None; "there is no negative duration")]
    #[test_case("", None; "nothing is no duration")]
    #[test_case("1.5s", None; "fractions are written in the smaller unit")]
    #[test_case("99999999999999999999s", None; "too many digits")]
    fn durations_are_read_with_their_unit(text: &str, expected: Option<Duration>) {
        assert_eq!(duration(text), expected);
    }

    #[test_case("0", Some(0))]
    #[test_case("256KiB", Some(262_144))]
    #[test_case("1MiB", Some(1_048_576))]
    #[test_case("12B", Some(12))]
    #[test_case("1MB", None; "decimal units are not read")]
    #[test_case("KiB", None; "a unit without a number")]
    fn sizes_are_read_with_their_unit(text: &str, expected: Option<usize>) {
        assert_eq!(size(text), expected);
    }
}
