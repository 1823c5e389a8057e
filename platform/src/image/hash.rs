//! What an image is made from, as one value and by its parts.

mod reasons;
mod record;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(in crate::image) use record::replace;

/// Hexadecimal digits of [`Hash::value`], which is used as a tag.
const DIGITS: usize = 32;

/// What an image is made from: equal values make equal images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hash {
    /// 32 lowercase hexadecimal digits over all parts.
    pub value: String,
    /// What it was made from: `file:src/main.rs`, `argument:VERSION`, `base:nats:2`, or plain words such as `Dockerfile` or `target`, each with
    /// a digest or the value itself. [`Hash::why`] makes sentences of them.
    pub parts: BTreeMap<String, String>,
}

impl Hash {
    /// The label of an image that says what it was made from.
    pub const LABEL: &'static str = "dev.ratectl.hash";

    /// The hash over these parts.
    pub fn of(parts: BTreeMap<String, String>) -> Self {
        let mut hasher = Sha256::new();
        for (name, value) in &parts {
            // Lengths keep neighbours apart.
            for text in [name, value] {
                hasher.update((text.len() as u64).to_le_bytes());
                hasher.update(text);
            }
        }
        let mut value = hex(&hasher.finalize());
        value.truncate(DIGITS);
        Self { value, parts }
    }
}

/// Lowercase hexadecimal digits.
pub(in crate::image) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(parts: &[(&str, &str)]) -> String {
        let parts = parts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Hash::of(parts.collect()).value
    }

    #[test]
    fn it_is_a_tag_and_tells_every_difference() {
        let first = hash(&[("a", "bc"), ("d", "e")]);
        assert_eq!(first.len(), DIGITS);
        assert!(
            first
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        );
        assert_eq!(first, hash(&[("d", "e"), ("a", "bc")]));
        for other in [
            hash(&[("ab", "c"), ("d", "e")]),
            hash(&[("a", "bc")]),
            hash(&[("a", "bcde")]),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn digits_are_lowercase_and_two_a_byte() {
        assert_eq!(hex(&[0, 0x0f, 0xa0, 0xff]), "000fa0ff");
    }
}
