//! Routes that are not known beforehand: a worker's, read from the subjects of its requests.

use std::sync::OnceLock;

use super::route::Route;
use super::totals::{Totals, TotalsByRoute};

/// Kinds of requests told apart; more are counted together.
const MOST: usize = 64;
/// The name of all that is not told apart.
const OTHER: &str = "other";

/// Counts by the pattern of a subject: the method, then the names of collections, with `*` for what stands between them. So
/// `api.get.services.42.summary` is counted under `get.services.*.summary`.
#[derive(Debug)]
pub struct Routes {
    known: Box<[OnceLock<Known>; MOST]>,
    other: Route,
}

#[derive(Debug)]
struct Known {
    pattern: String,
    route: Route,
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            known: Box::new([const { OnceLock::new() }; MOST]),
            other: Route::default(),
        }
    }
}

impl Routes {
    /// The route of a subject whose last `segments` tokens are a path and the one before them is the method.
    pub fn of(&self, subject: &str, segments: usize) -> &Route {
        let Some(tail) = tail(subject, segments + 1) else {
            return &self.other;
        };
        for slot in &*self.known {
            // A thread that loses the race for a slot finds there what the other one has put into it.
            let known = slot.get_or_init(|| Known::new(tail));
            if fits(&known.pattern, tail) {
                return &known.route;
            }
        }
        &self.other
    }

    /// Requests that cannot be read, and all patterns after the first 64.
    pub fn other(&self) -> &Route {
        &self.other
    }

    /// What was counted so far.
    pub fn totals(&self) -> TotalsByRoute {
        let known = self.known.iter().filter_map(OnceLock::get);
        let routes = known.map(|known| (known.pattern.as_str(), &known.route));
        let all = routes.chain([(OTHER, &self.other)]).map(|(name, route)| {
            let mut totals = Totals::default();
            totals.add(route);
            (name.to_owned(), totals)
        });
        all.filter(|(_, totals)| !totals.is_empty()).collect()
    }
}

impl Known {
    fn new(tail: &str) -> Self {
        let token = |(index, token)| if is_literal(index) { token } else { "*" };
        let tokens: Vec<&str> = tail.split('.').enumerate().map(token).collect();
        Self {
            pattern: tokens.join("."),
            route: Route::default(),
        }
    }
}

/// Whether a token names a kind of thing: the method, the first segment of the path and every other one after it.
fn is_literal(index: usize) -> bool {
    index == 0 || index % 2 == 1
}

/// The last `tokens` tokens of a subject.
fn tail(subject: &str, tokens: usize) -> Option<&str> {
    let mut dots = subject.rmatch_indices('.').map(|(position, _)| position);
    match dots.nth(tokens - 1) {
        Some(position) => Some(&subject[position + 1..]),
        // The original's subjects have no prefix.
        None => (subject.split('.').count() == tokens).then_some(subject),
    }
}

fn fits(pattern: &str, tail: &str) -> bool {
    let (mut pattern, mut tail) = (pattern.split('.'), tail.split('.'));
    loop {
        match (pattern.next(), tail.next()) {
            (None, None) => return true,
            (Some(wanted), Some(token)) if wanted == "*" || wanted == token => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::service::Ended;

    #[test_case("api.get.users", 1, "get.users")]
    #[test_case("api.put.users.42", 2, "put.users.*")]
    #[test_case("my.long.prefix.get.services.42.summary", 3, "get.services.*.summary")]
    #[test_case("get.users", 1, "get.users"; "without a prefix")]
    #[test_case("users", 1, "other"; "without a method")]
    fn a_subject_is_counted_under_its_pattern(subject: &str, segments: usize, pattern: &str) {
        let routes = Routes::default();
        routes.of(subject, segments).count(Ended::Ok);
        routes.of(subject, segments).count(Ended::Ok);
        let totals = routes.totals();
        let found: Vec<(&str, u64)> = totals
            .iter()
            .map(|(name, t)| (name.as_str(), t.requests()))
            .collect();
        assert_eq!(found, [(pattern, 2)]);
    }

    #[test]
    fn what_is_too_much_is_counted_together() {
        let routes = Routes::default();
        for number in 0..100 {
            routes.of(&format!("api.get.c{number}.1"), 2).count(Ended::Ok);
        }
        let totals = routes.totals();
        assert_eq!(totals.len(), MOST + 1);
        assert_eq!(totals[OTHER].requests(), 36);
    }

    #[test]
    fn threads_that_meet_a_pattern_at_once_count_it_once_each() {
        let routes = Routes::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..1_000 {
                        routes
                            .of(&format!("api.get.c{}.{number}", number % 10), 2)
                            .count(Ended::Ok);
                    }
                });
            }
        });
        let totals = routes.totals();
        assert_eq!(totals.len(), 10);
        assert!(
            totals.values().all(|totals| totals.requests() == 400),
            "{totals:?}"
        );
    }
}
