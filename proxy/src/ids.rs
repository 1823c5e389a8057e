//! Ids and nonces without a system call for each.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::{Builder, Uuid};

/// Letters and digits of an inbox's name.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Length of an inbox's name; 62^22 is more than 2^128.
const NAME_BYTES: usize = 22;

/// A source of numbers nobody else can guess: a counter under hash functions whose keys come from the operating system.
///
/// Ids are shown to clients and nonces are not, so each kind has keys of its own.
#[derive(Debug)]
pub struct Ids {
    counter: AtomicU64,
    public: [RandomState; 2],
    secret: RandomState,
}

impl Default for Ids {
    fn default() -> Self {
        Self::new()
    }
}

impl Ids {
    /// A source with fresh keys.
    pub fn new() -> Self {
        Self {
            counter: AtomicU64::new(0),
            public: [RandomState::new(), RandomState::new()],
            secret: RandomState::new(),
        }
    }

    /// A request's id, a `UUIDv7` (RFC 9562), and the nonce of its answer's subject.
    pub fn next(&self, unix_ms: u64) -> (Uuid, u64) {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.public[0].hash_one(count).to_ne_bytes());
        random[8..].copy_from_slice(&self.public[1].hash_one(count).to_ne_bytes()[..2]);
        let id = Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid();
        (id, self.secret.hash_one(count))
    }

    /// A name for an inbox.
    pub fn name(&self) -> String {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        let mut rest =
            u128::from(self.public[0].hash_one(count)) << 64 | u128::from(self.public[1].hash_one(count));
        let mut letter = || {
            let digit = (rest % 62) as usize;
            rest /= 62;
            char::from(ALPHABET[digit])
        };
        (0..NAME_BYTES).map(|_| letter()).collect()
    }

    /// A number between 0 and 1, for jitter.
    pub fn fraction(&self) -> f64 {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        f64::from((self.secret.hash_one(count) >> 32) as u32) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_version_7_with_their_time_and_never_repeat() {
        let ids = Ids::new();
        let mut seen = HashSet::new();
        for _ in 0..10_000 {
            let (id, nonce) = ids.next(1_700_000_000_123);
            assert_eq!(id.get_version_num(), 7);
            assert_eq!(id.as_u128() >> 80, 1_700_000_000_123);
            assert!(seen.insert(id.as_u128()) && seen.insert(u128::from(nonce)));
        }
    }

    #[test]
    fn two_sources_have_different_keys() {
        assert_ne!(Ids::new().next(0), Ids::new().next(0));
        assert_ne!(Ids::new().name(), Ids::new().name());
    }

    #[test]
    fn names_are_plain_tokens() {
        let name = Ids::new().name();
        assert!(
            name.len() == NAME_BYTES && name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{name}"
        );
        let fraction = Ids::new().fraction();
        assert!((0.0..=1.0).contains(&fraction));
    }
}
