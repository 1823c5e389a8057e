//! Durations as Kubernetes resources write them, `1h30m`, and as the JetStream API takes them, nanoseconds.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration of at most 292 years. Reads Go's notation; serialises as whole nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nanos(u64);

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not a row of numbers with units.
    #[error("'{0}' is no duration; write it as in 90s, 2m or 1h30m (units ns, us, ms, s, m, h)")]
    Notation(String),
    /// More nanoseconds than the server can hold.
    #[error("the duration '{0}' is too long")]
    TooLong(String),
}

/// Units from the largest, each with its nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl Nanos {
    /// From a number of nanoseconds; `None` past what the server can hold.
    pub fn new(nanos: u64) -> Option<Self> {
        i64::try_from(nanos).ok().map(|_| Self(nanos))
    }

    /// The number of nanoseconds.
    pub fn get(self) -> u64 {
        self.0
    }

    /// As the standard library's type.
    pub fn duration(self) -> Duration {
        Duration::from_nanos(self.0)
    }
}

impl FromStr for Nanos {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let notation = || DurationError::Notation(text.to_owned());
        let too_long = || DurationError::TooLong(text.to_owned());
        let mut rest = text;
        let mut total: u64 = 0;
        if text == "0" {
            return Ok(Self(0));
        }
        if text.is_empty() {
            return Err(notation());
        }
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = rest.split_at(digits);
            let (fraction, after) = match after.strip_prefix('.') {
                None => ("", after),
                Some(after) => {
                    after.split_at(after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len())
                }
            };
            let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
            let (unit, after) = after.split_at(letters);
            let (_, scale) = UNITS
                .iter()
                .find(|(name, _)| *name == unit)
                .ok_or_else(notation)?;
            if number.is_empty() {
                return Err(notation());
            }
            let whole: u64 = number.parse().map_err(|_| too_long())?;
            let part = whole
                .checked_mul(*scale)
                .and_then(|n| n.checked_add(fraction_of(fraction, *scale)))
                .ok_or_else(too_long)?;
            total = total.checked_add(part).ok_or_else(too_long)?;
            rest = after;
        }
        Self::new(total).ok_or_else(too_long)
    }
}

/// `digits` behind a decimal point, times `scale`; what is finer than a nanosecond is dropped, as Go does.
fn fraction_of(digits: &str, scale: u64) -> u64 {
    let mut place = scale;
    digits.bytes().fold(0, |sum, digit| {
        let value = place.saturating_mul(u64::from(digit - b'0')) / 10;
        place /= 10;
        sum + value
    })
}

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, scale) in UNITS {
            if rest >= scale {
                write!(f, "{}{unit}", rest / scale)?;
                rest %= scale;
            }
        }
        Ok(())
    }
}

impl Serialize for Nanos {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Nanos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
