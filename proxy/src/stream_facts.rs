//! What is known of the streams behind the routes: written by the linter, read by every request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;

use crate::routes::{Route, Routes};

const TAKES_TTL: u8 = 1;
const UNCOVERED: u8 = 2;

/// Facts for each route, shared by all shards.
#[derive(Clone, Debug)]
pub struct StreamFacts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    routes: Box<[AtomicU8]>,
    doubt: Notify,
}

/// What is known of one route's stream; nothing at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u8);

impl Facts {
    /// What the linter found out.
    pub fn new(takes_ttl: bool, uncovered: bool) -> Self {
        Self((u8::from(takes_ttl) * TAKES_TTL) | (u8::from(uncovered) * UNCOVERED))
    }

    /// Whether messages may carry a time to live; a stream that does not know it refuses them.
    pub fn takes_ttl(self) -> bool {
        self.0 & TAKES_TTL != 0
    }

    /// Whether it is known that no stream has the route's subject.
    pub fn uncovered(self) -> bool {
        self.0 & UNCOVERED != 0
    }
}

impl StreamFacts {
    /// Facts for a table of routes.
    pub fn new(routes: &Routes) -> Self {
        let unknown = routes.iter().map(|_| AtomicU8::new(0)).collect();
        Self(Arc::new(Inner {
            routes: unknown,
            doubt: Notify::new(),
        }))
    }

    /// What is known of a route's stream.
    pub fn of(&self, route: &Route) -> Facts {
        self.0
            .routes
            .get(route.index)
            .map_or_else(Facts::default, |facts| Facts(facts.load(Ordering::Relaxed)))
    }

    /// Takes note of something.
    pub fn set(&self, route: &Route, facts: Facts) {
        if let Some(known) = self.0.routes.get(route.index) {
            known.store(facts.0, Ordering::Relaxed);
        }
    }

    /// Says that what is known may be wrong: a stream behaved otherwise.
    pub fn doubt(&self) {
        self.0.doubt.notify_one();
    }

    /// Resolves after the next (or an unheeded) [`StreamFacts::doubt`].
    pub async fn doubted(&self) {
        self.0.doubt.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_known_until_it_is_said() {
        let routes = crate::routes::parse("r", "routes: [{ path: /a, methods: [GET] }]").unwrap();
        let facts = StreamFacts::new(&routes);
        let route = routes.get(0).unwrap();
        assert_eq!(facts.of(route), Facts::default());
        facts.clone().set(route, Facts::new(true, false));
        assert!(facts.of(route).takes_ttl() && !facts.of(route).uncovered());
        facts.set(route, Facts::new(false, true));
        assert!(!facts.of(route).takes_ttl() && facts.of(route).uncovered());
    }
}
