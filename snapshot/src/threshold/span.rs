//! Time spans as Go writes them, and natscli's days and longer.

use crate::number::from_seconds;

const UNITS: [(&str, f64); 11] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
    ("M", 2_592_000.0),
    ("y", 31_536_000.0),
];

/// Nanoseconds of `1h30m`, `1.5s`, `2d`; nothing of what is no such thing.
pub fn parse(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(0);
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (value, tail) = rest.split_at(number);
        let end = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        seconds += value.parse::<f64>().ok()? * factor;
        rest = tail;
    }
    (!text.trim().is_empty()).then(|| from_seconds(seconds))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::parse;

    #[test_case("1h30m", Some(5_400_000_000_000))]
    #[test_case("1.5s", Some(1_500_000_000))]
    #[test_case("250ms", Some(250_000_000))]
    #[test_case("2d", Some(172_800_000_000_000))]
    #[test_case("0", Some(0))]
    #[test_case("999999999999999y", Some(i64::MAX))]
    #[test_case("", None)]
    #[test_case("5", None)]
    #[test_case("-5s", None)]
    #[test_case("1.2.3s", None)]
    #[test_case("fast", None)]
    fn spans_are_read(text: &str, nanos: Option<i64>) {
        assert_eq!(parse(text), nanos);
    }
}
