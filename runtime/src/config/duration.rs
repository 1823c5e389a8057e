//! Durations as people write them: `250ms`, `10s`, `5m`, `2h`, `1d`.
//!
//! Use on a field as `#[serde(with = "runtime::config::duration")]`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer, de};

/// The units, longest last, with their length in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Reads a whole number and its unit.
///
/// # Errors
/// A sentence that says what a duration looks like.
pub fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let scale = UNITS
        .iter()
        .find(|(name, _)| *name == unit.trim_start())
        .map(|(_, scale)| scale);
    let milliseconds = scale.and_then(|scale| number.parse::<u64>().ok()?.checked_mul(*scale));
    milliseconds.map(Duration::from_millis).ok_or_else(|| {
        format!("`{text}` is no duration; write a whole number and a unit, like 250ms, 10s, 5m, 2h or 1d")
    })
}

/// Writes the shortest form that [`parse`] reads back (to the millisecond).
pub fn format(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let unit = UNITS
        .iter()
        .rev()
        .find(|(_, scale)| milliseconds != 0 && milliseconds.is_multiple_of(u128::from(*scale)));
    match unit {
        Some((name, scale)) => format!("{}{name}", milliseconds / u128::from(*scale)),
        None => "0s".to_owned(),
    }
}

/// For `#[serde(with)]`.
///
/// # Errors
/// When the value is no string, or no duration.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// For `#[serde(with)]`.
///
/// # Errors
/// When the serializer fails.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format(*duration))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    #[test_case("250ms", 250)]
    #[test_case("5s", 5000)]
    #[test_case(" 2 h ", 7_200_000)]
    #[test_case("0s", 0)]
    fn durations_are_read(text: &str, milliseconds: u64) {
        assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)));
    }

    #[test_case("5"; "no unit")]
    #[test_case("s"; "no number")]
    #[test_case("-5s"; "negative")]
    #[test_case("1.5s"; "a fraction")]
    #[test_case("99999999999999999999s"; "too long")]
    #[test_case("9999999999999999999d"; "too long in milliseconds")]
    #[test_case("5 fortnights"; "another unit")]
    fn nonsense_is_refused(text: &str) {
        assert!(parse(text).unwrap_err().contains("250ms"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(milliseconds in 0..u64::MAX / 2) {
            let duration = Duration::from_millis(milliseconds);
            prop_assert_eq!(parse(&format(duration)), Ok(duration));
        }
    }
}
