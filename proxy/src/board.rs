//! What one shard counts for `$SRV.STATS`, by route and method. Each shard has a board of its own, so that no two threads count into
//! the same memory; whoever asks gets the sum of all.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use contract::subject::Codec;
use http::{Method, StatusCode};
use runtime::service::{Ended, Route, Totals, TotalsByRoute};

use crate::failure::Failure;
use crate::meters::METHODS;
use crate::routes::Routes;

/// The name of requests that no route has.
const NO_ROUTE: &str = "none";

/// One shard's counts.
#[derive(Debug)]
pub struct Board {
    /// By route, then by method; the last one is for requests without a route.
    routes: Vec<[OnceLock<Box<Route>>; METHODS.len()]>,
    none: Route,
}

impl Board {
    /// Nothing counted yet.
    pub fn new(routes: &Routes) -> Self {
        Self {
            routes: routes.iter().map(|_| Default::default()).collect(),
            none: Route::default(),
        }
    }

    /// The counts of a route's requests with one method.
    pub fn of(&self, route: Option<usize>, method: &Method) -> &Route {
        let methods = route.and_then(|route| self.routes.get(route));
        let column = METHODS.iter().position(|known| known == method);
        match (methods, column) {
            (Some(methods), Some(column)) => methods[column].get_or_init(Box::default),
            _ => &self.none,
        }
    }
}

/// How a request ended that the proxy answered itself, or passed an answer on to.
pub fn ended(status: StatusCode, failure: Option<&Failure>) -> Ended {
    match failure {
        Some(Failure::Deadline(_)) => Ended::Timeout,
        Some(Failure::NoStream { .. }) => Ended::NoResponders,
        Some(Failure::Refused(_) | Failure::TooManyRequests) => Ended::Refused,
        Some(Failure::Disconnected | Failure::Unsent) => Ended::Disconnected,
        _ => Ended::of(status),
    }
}

/// The boards of all shards.
#[derive(Clone, Debug, Default)]
pub struct Boards(Arc<Mutex<Vec<Arc<Board>>>>);

impl Boards {
    /// A board for one more shard.
    pub fn add(&self, routes: &Routes) -> Arc<Board> {
        let board = Arc::new(Board::new(routes));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::clone(&board));
        board
    }

    /// What all shards have counted, by the subject without its prefix: `get.users.*`.
    pub fn totals(&self, routes: &Routes, codec: &Codec) -> TotalsByRoute {
        let mut sums = TotalsByRoute::new();
        let boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for board in boards.iter() {
            for (route, methods) in routes.iter().zip(&board.routes) {
                for (method, counted) in METHODS.iter().zip(methods) {
                    let Some(counted) = counted.get() else { continue };
                    let Ok(subject) = route.template.subject_filter(codec, method) else {
                        continue;
                    };
                    let name = codec.without_prefix(&subject).to_owned();
                    sums.entry(name).or_default().add(counted);
                }
            }
            let mut none = Totals::default();
            none.add(&board.none);
            if !none.is_empty() {
                sums.entry(NO_ROUTE.to_owned()).or_default().add(&board.none);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_boards_of_all_shards_add_up_by_subject() {
        let yaml = "routes: [{ path: '/a', methods: [GET, POST] }, { path: '/a/{id}', methods: [GET] }]";
        let routes = crate::routes::parse("r", yaml).unwrap();
        let codec = Codec::new("api").unwrap();
        let boards = Boards::default();
        for _ in 0..2 {
            let board = boards.add(&routes);
            board.of(Some(0), &Method::POST).count(Ended::Ok);
            board.of(Some(1), &Method::GET).count(Ended::Timeout);
            board.of(None, &Method::GET).count(Ended::Client);
        }
        let totals = boards.totals(&routes, &codec);
        let counted: Vec<(&str, u64, u64)> = totals
            .iter()
            .map(|(name, totals)| (name.as_str(), totals.requests(), totals.errors()))
            .collect();
        assert_eq!(counted, [("get.a.*", 2, 2), ("none", 2, 0), ("post.a", 2, 0)]);
    }

    #[test]
    fn what_the_proxy_answers_itself_is_counted_by_its_cause() {
        let deadline = Failure::Deadline(Duration::from_secs(1));
        assert_eq!(ended(deadline.status(), Some(&deadline)), Ended::Timeout);
        assert_eq!(
            ended(StatusCode::NOT_FOUND, Some(&Failure::UnknownPath)),
            Ended::Client
        );
        assert_eq!(ended(StatusCode::OK, None), Ended::Ok);
        let full = Failure::TooManyRequests;
        assert_eq!(ended(full.status(), Some(&full)), Ended::Refused);
    }
}
