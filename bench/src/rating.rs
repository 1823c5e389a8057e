//! Reads and writes of the rating service.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::Error;
use crate::http::{Exchange, Workload};

/// Users and services made before the load. A rating belongs to one of each, and there is one a pair, so their product
/// bounds the writes of a run.
const ROWS: usize = 700;
/// Ratings made before the load, to be read.
const RATINGS: usize = 1_000;

/// What exists in the database before the load.
#[derive(Debug)]
pub struct Rows {
    users: Vec<String>,
    services: Vec<String>,
    ratings: Vec<String>,
    /// The next pair of a user and a service without a rating.
    pair: AtomicUsize,
}

impl Rows {
    /// Creates users, services and ratings through the proxy at `address`.
    ///
    /// # Errors
    ///
    /// When one is not created.
    pub async fn create(address: SocketAddr) -> Result<Arc<Self>, Error> {
        let mut exchange = Exchange::open(address).await?;
        let mut rows = Self {
            users: Vec::with_capacity(ROWS),
            services: Vec::with_capacity(ROWS),
            ratings: Vec::with_capacity(RATINGS),
            pair: AtomicUsize::new(0),
        };
        for index in 0..ROWS {
            let user =
                json!({ "name": format!("User {index}"), "email": format!("user{index}@example.org") });
            rows.users.push(create(&mut exchange, "/users", &user).await?);
            let service = json!({ "name": format!("Service {index}"), "description": "Measured" });
            rows.services
                .push(create(&mut exchange, "/services", &service).await?);
        }
        for _ in 0..RATINGS {
            let rating = rows.next_rating();
            rows.ratings
                .push(create(&mut exchange, "/ratings", &rating).await?);
        }
        Ok(Arc::new(rows))
    }

    fn next_rating(&self) -> Value {
        let pair = self.pair.fetch_add(1, Ordering::Relaxed);
        json!({
            "userId": self.users[pair / ROWS % ROWS],
            "serviceId": self.services[pair % ROWS],
            "score": pair % 6,
            "comment": "Fast enough",
        })
    }
}

/// Creates one resource and gives its id.
async fn create(exchange: &mut Exchange, path: &str, resource: &Value) -> Result<String, Error> {
    let mut request = Vec::new();
    write_post(&mut request, path, &resource.to_string());
    let status = exchange
        .send(&request)
        .await
        .map_err(|failure| Error::Prepare(failure.to_string()))?;
    let answer = String::from_utf8_lossy(exchange.body()).into_owned();
    let body: Value = serde_json::from_str(&answer).unwrap_or_default();
    match body["id"].as_str() {
        Some(id) if status == 201 => Ok(id.to_owned()),
        _ => Err(Error::Prepare(format!(
            "POST {path} was answered with {status}: {answer}"
        ))),
    }
}

fn write_post(bytes: &mut Vec<u8>, path: &str, body: &str) {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(body.as_bytes());
}

/// `GET /ratings/{id}` of one rating after the other.
#[derive(Debug)]
pub struct Reads {
    rows: Arc<Rows>,
    next: usize,
}

impl Reads {
    /// Reads of these rows.
    pub fn new(rows: &Arc<Rows>) -> Self {
        Self {
            rows: Arc::clone(rows),
            next: 0,
        }
    }
}

impl Workload for Reads {
    fn write_next(&mut self, bytes: &mut Vec<u8>) {
        let id = &self.rows.ratings[self.next % self.rows.ratings.len()];
        self.next += 1;
        let head =
            format!("GET /ratings/{id} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\r\n");
        bytes.extend_from_slice(head.as_bytes());
    }
}

/// `POST /ratings` of one pair of a user and a service after the other.
#[derive(Debug)]
pub struct Writes {
    rows: Arc<Rows>,
}

impl Writes {
    /// Writes between these rows.
    pub fn new(rows: &Arc<Rows>) -> Self {
        Self {
            rows: Arc::clone(rows),
        }
    }
}

impl Workload for Writes {
    fn write_next(&mut self, bytes: &mut Vec<u8>) {
        write_post(bytes, "/ratings", &self.rows.next_rating().to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_is_rated_twice() {
        let names = |kind: &str| {
            (0..ROWS)
                .map(|index| format!("{kind}{index}"))
                .collect::<Vec<_>>()
        };
        let rows = Rows {
            users: names("u"),
            services: names("s"),
            ratings: Vec::new(),
            pair: AtomicUsize::new(0),
        };
        let pair = |rating: Value| {
            (
                rating["userId"].clone().to_string(),
                rating["serviceId"].to_string(),
            )
        };
        let pairs: std::collections::HashSet<_> = (0..5_000).map(|_| pair(rows.next_rating())).collect();
        assert_eq!(pairs.len(), 5_000);
    }
}
