//! Requests whose client left before the stream had acknowledged them.
//!
//! Their slots are free already; what stays is the token, for as long as the acknowledgement may still come, because it
//! names the sequence that is to be removed.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::Token;

/// A short memory; when it is full the oldest entry goes, and that message is left to its time to live.
#[derive(Debug)]
pub struct Departed {
    tokens: Mutex<VecDeque<(Token, Instant)>>,
    capacity: usize,
}

impl Departed {
    /// Remembers at most `capacity` tokens.
    pub fn new(capacity: usize) -> Self {
        Self {
            tokens: Mutex::new(VecDeque::new()),
            capacity,
        }
    }

    /// Remembers a token until `expires`, when the message's own time is over.
    pub fn remember(&self, token: Token, now: Instant, expires: Instant) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|(_, expires)| *expires > now);
        if tokens.len() >= self.capacity {
            tokens.pop_front();
        }
        tokens.push_back((token, expires));
    }

    /// Whether the token was remembered; it no longer is.
    pub fn take(&self, token: Token) -> bool {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let found = tokens.iter().position(|(known, _)| *known == token);
        found.and_then(|index| tokens.remove(index)).is_some()
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn token(slot: u32) -> Token {
        Token {
            slot,
            generation: 1,
            nonce: 7,
        }
    }

    #[test]
    fn a_token_is_taken_once() {
        let departed = Departed::new(4);
        let now = Instant::now();
        departed.remember(token(1), now, now + Duration::from_secs(1));
        assert!(!departed.take(token(2)));
        assert!(departed.take(token(1)));
        assert!(!departed.take(token(1)));
    }

    #[test]
    fn memory_is_bounded_and_forgets_what_has_expired() {
        let departed = Departed::new(2);
        let now = Instant::now();
        let later = now + Duration::from_secs(10);
        (0..5).for_each(|slot| departed.remember(token(slot), now, later));
        assert_eq!(departed.len(), 2);
        assert!(!departed.take(token(2)) && departed.take(token(3)));
        departed.remember(token(9), later, later + Duration::from_secs(1));
        assert_eq!(departed.len(), 1);
    }
}
