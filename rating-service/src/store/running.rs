//! Which requests are being executed, for SQLite: its writers queue up, so a second request with the same key would only
//! wait for the first and replay its answer, instead of hearing that the first is still running.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::write::Guard;

/// The requests of this process. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Running {
    claims: Arc<Mutex<HashSet<Claim>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Claim {
    Request(Uuid),
    Key([u8; 32]),
}

/// Why a request cannot be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Busy {
    /// An earlier delivery of it is there.
    Request,
    /// Another request with its key is there.
    Key,
}

/// A request's entry; dropping it ends it.
pub(super) struct Ticket {
    running: Running,
    held: Vec<Claim>,
}

impl Running {
    /// Enters a request, unless it or its key is there already.
    pub(super) fn enter(&self, guard: &Guard) -> Result<Ticket, Busy> {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let request = Claim::Request(guard.request_id);
        if claims.contains(&request) {
            return Err(Busy::Request);
        }
        let mut held = vec![request];
        if let Some(key) = &guard.key {
            let key = Claim::Key(key.scope);
            if claims.contains(&key) {
                return Err(Busy::Key);
            }
            held.push(key);
        }
        claims.extend(held.iter().cloned());
        drop(claims);
        Ok(Ticket {
            running: self.clone(),
            held,
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut claims = self.running.claims.lock().unwrap_or_else(PoisonError::into_inner);
        for claim in &self.held {
            claims.remove(claim);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::write::Key;
    use super::*;

    fn guard(id: u128, key: Option<u8>) -> Guard {
        let key = key.map(|byte| Key {
            scope: [byte; 32],
            fingerprint: [0; 32],
        });
        Guard {
            request_id: Uuid::from_u128(id),
            key,
        }
    }

    #[test]
    fn a_key_is_taken_until_its_ticket_is_dropped() {
        let running = Running::default();
        let first = running.enter(&guard(1, Some(7))).ok().unwrap();
        assert_eq!(running.enter(&guard(2, Some(7))).err(), Some(Busy::Key));
        assert_eq!(running.enter(&guard(1, None)).err(), Some(Busy::Request));
        assert!(running.enter(&guard(3, Some(8))).is_ok());
        drop(first);
        assert!(running.enter(&guard(2, Some(7))).is_ok());
    }
}
