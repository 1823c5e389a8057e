//! Removes what nobody will ask for any more: old answers and published events.

use futures_util::future::BoxFuture;

use super::StoreError;
use super::sql::{Session, Sql, Unit, Value};
use crate::domain::Timestamp;

/// Rows a transaction removes at most, so that writers never wait long.
pub(super) const BATCH: u64 = 1_000;

// Rows are in the order of their making, so the old ones are the first; no index on the time is needed.
const ANSWERS: Sql = Sql::both(
    "remove old answers",
    "DELETE FROM stored_answers
     WHERE created_at < $1 AND sequence IN (SELECT sequence FROM stored_answers ORDER BY sequence LIMIT $2)",
);
const EVENTS: Sql = Sql::both(
    "remove published events",
    "DELETE FROM outbox
     WHERE published_at < $1 AND sequence IN (SELECT sequence FROM outbox ORDER BY sequence LIMIT $2)",
);

/// What is removed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purge {
    /// Answers given before this moment.
    Answers(Timestamp),
    /// Events published before this moment.
    Events(Timestamp),
}

impl Unit for Purge {
    type Output = u64;

    /// Tells how many rows are gone.
    fn run<'u>(&'u self, session: &'u mut Session<'_>) -> BoxFuture<'u, Result<u64, StoreError>> {
        Box::pin(async move {
            let (sql, before) = match self {
                Self::Answers(before) => (ANSWERS, before),
                Self::Events(before) => (EVENTS, before),
            };
            let limit = Value::Integer(BATCH.cast_signed());
            session
                .execute(sql, &[Value::Integer(before.unix_millis()), limit])
                .await
        })
    }
}
