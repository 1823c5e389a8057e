//! Events waiting to be published, written in the transaction that causes them.

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::StoreError;
use super::sql::{Row, Session, Sql, Unit, Value};
use crate::domain::{Item, Timestamp};

const APPEND: Sql = Sql::both(
    "append to the outbox",
    "INSERT INTO outbox (id, aggregate, aggregate_id, version, event, payload, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
const UNPUBLISHED: Sql = Sql::both(
    "read the outbox",
    "SELECT sequence, id, aggregate, aggregate_id, version, event, payload, created_at FROM outbox
     WHERE published_at IS NULL ORDER BY sequence LIMIT $1",
);
const OLDEST: Sql = Sql::both(
    "read the outbox's age",
    "SELECT created_at FROM outbox WHERE published_at IS NULL ORDER BY sequence LIMIT 1",
);
const MARK: Sql = Sql::each(
    "mark events as published",
    "UPDATE outbox SET published_at = $1 WHERE sequence IN (SELECT value FROM json_each($2))",
    "UPDATE outbox SET published_at = $1
     WHERE sequence IN (SELECT value::bigint FROM jsonb_array_elements_text($2::jsonb))",
);

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    Created,
    Updated,
    Deleted,
}

impl Happening {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// An event that is committed but perhaps not published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the outbox; ascending for each aggregate.
    pub sequence: i64,
    /// By which the stream drops a second copy.
    pub id: Uuid,
    /// Kind of the resource, e.g. `rating`.
    pub aggregate: String,
    /// Id of the resource.
    pub aggregate_id: Uuid,
    /// Version of the resource after the change; without gaps from 1.
    pub version: i64,
    /// `created`, `updated` or `deleted`.
    pub happening: String,
    /// The resource as JSON; for `deleted` as it was last.
    pub payload: Vec<u8>,
    /// When it was committed, nearly.
    pub created_at: Timestamp,
}

/// Adds the event of a change to `item`, which is as the change left it.
pub(super) async fn append(
    session: &mut Session<'_>,
    happening: Happening,
    item: &Item,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = [
        Value::Id(Uuid::now_v7()),
        Value::Text(item.kind().as_str()),
        Value::Id(item.id()),
        Value::Integer(item.version),
        Value::Text(happening.as_str()),
        Value::Bytes(&item.to_json()),
        Value::Integer(now.unix_millis()),
    ];
    session.execute(APPEND, &values).await.map(drop)
}

/// The first events not marked as published.
pub(super) async fn unpublished(session: &mut Session<'_>, limit: i64) -> Result<Vec<Event>, StoreError> {
    session
        .fetch_all(UNPUBLISHED, &[Value::Integer(limit)])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// When the first event not marked as published was made.
pub(super) async fn oldest(session: &mut Session<'_>) -> Result<Option<Timestamp>, StoreError> {
    let row = session.fetch_optional(OLDEST, &[]).await?;
    row.map(|row| row.get(0).map(Timestamp::from_unix_millis))
        .transpose()
}

fn read(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        sequence: row.get(0)?,
        id: row.get(1)?,
        aggregate: row.get(2)?,
        aggregate_id: row.get(3)?,
        version: row.get(4)?,
        happening: row.get(5)?,
        payload: row.get(6)?,
        created_at: Timestamp::from_unix_millis(row.get(7)?),
    })
}

/// Notes that events are in the stream.
pub(super) struct MarkPublished {
    pub(super) sequences: Vec<i64>,
    pub(super) now: Timestamp,
}

impl Unit for MarkPublished {
    type Output = ();

    fn run<'u>(&'u self, session: &'u mut Session<'_>) -> BoxFuture<'u, Result<(), StoreError>> {
        Box::pin(async move {
            let list = serde_json::to_string(&self.sequences).expect("numbers are always JSON");
            session
                .execute(
                    MARK,
                    &[Value::Integer(self.now.unix_millis()), Value::Text(&list)],
                )
                .await
                .map(drop)
        })
    }
}
