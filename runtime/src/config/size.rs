//! Sizes in bytes as people write them: `512`, `16KiB`, `1MiB`, `2GiB`, or in thousands `100kB`, `1MB`, `1GB`.
//!
//! Use on a `u64` field as `#[serde(with = "runtime::config::size")]`.

use std::fmt;

use serde::{Deserializer, Serializer, de};

const UNITS: [(&str, u64); 8] = [
    ("", 1),
    ("B", 1),
    ("kB", 1000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
];

/// Reads a whole number of bytes, with or without a unit.
///
/// # Errors
/// A sentence that says what a size looks like.
pub fn parse(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let scale = UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit))
        .map(|(_, scale)| scale);
    scale
        .and_then(|scale| number.parse::<u64>().ok()?.checked_mul(*scale))
        .ok_or_else(|| {
            format!("`{text}` is no size; write a whole number and perhaps a unit, like 512, 16KiB or 1MiB")
        })
}

/// Writes the shortest form in powers of two that [`parse`] reads back.
pub fn format(bytes: u64) -> String {
    for (name, scale) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if bytes != 0 && bytes.is_multiple_of(scale) {
            return format!("{}{name}", bytes / scale);
        }
    }
    bytes.to_string()
}

/// For `#[serde(with)]`; takes a plain number too.
///
/// # Errors
/// When the value is no size.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(Visitor)
}

/// For `#[serde(with)]`.
///
/// # Errors
/// When the serializer fails.
pub fn serialize<S: Serializer>(bytes: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format(*bytes))
}

struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size like 512, 16KiB or 1MiB")
    }

    fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<u64, E> {
        Ok(bytes)
    }

    fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<u64, E> {
        u64::try_from(bytes).map_err(|_| E::invalid_value(de::Unexpected::Signed(bytes), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
        parse(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    #[test_case("512", 512)]
    #[test_case("1MiB", 1_048_576)]
    #[test_case("16 kib", 16_384)]
    #[test_case("1MB", 1_000_000)]
    fn sizes_are_read(text: &str, bytes: u64) {
        assert_eq!(parse(text), Ok(bytes));
    }

    #[test_case(""; "nothing")]
    #[test_case("MiB"; "no number")]
    #[test_case("-1"; "negative")]
    #[test_case("1.5MiB"; "a fraction")]
    #[test_case("99999999999GiB"; "over 64 bits")]
    #[test_case("1 MiBs"; "another unit")]
    fn nonsense_is_refused(text: &str) {
        assert!(parse(text).unwrap_err().contains("16KiB"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes: u64) {
            prop_assert_eq!(parse(&format(bytes)), Ok(bytes));
        }
    }
}
