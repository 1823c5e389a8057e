//! The table of ratings.

use uuid::Uuid;

use super::StoreError;
use super::sql::{Row, Session, Sql, Value};
use super::table::Table;
use crate::domain::{Item, Rating, RatingFilter, Resource, Timestamp};

const INSERT: Sql = Sql::both(
    "create a rating",
    "INSERT INTO ratings (id, version, user_id, service_id, score, comment, created_at, updated_at)
     SELECT $1, 1, $2, $3, $4, $5, $6, $7
     WHERE EXISTS (SELECT 1 FROM users WHERE id = $2) AND EXISTS (SELECT 1 FROM services WHERE id = $3)
     ON CONFLICT (user_id, service_id) DO NOTHING",
);
const UPDATE: Sql = Sql::both(
    "replace a rating",
    "UPDATE ratings SET version = $2, score = $3, comment = $4, updated_at = $5 WHERE id = $1",
);
const STANDING: Sql = Sql::both(
    "look for a rating's user and service",
    "SELECT (SELECT COUNT(*) FROM users WHERE id = $1), (SELECT COUNT(*) FROM services WHERE id = $2),
            (SELECT COUNT(*) FROM ratings WHERE user_id = $1 AND service_id = $2)",
);

/// How ratings are read.
pub(super) const TABLE: Table = Table {
    find: Sql::both(
        "read a rating",
        "SELECT id, version, user_id, service_id, score, comment, created_at, updated_at FROM ratings WHERE id = $1",
    ),
    lock: Sql::each(
        "read a rating",
        "SELECT id, version, user_id, service_id, score, comment, created_at, updated_at FROM ratings WHERE id = $1",
        "SELECT id, version, user_id, service_id, score, comment, created_at, updated_at FROM ratings WHERE id = $1
         FOR UPDATE",
    ),
    delete: Sql::both("delete a rating", "DELETE FROM ratings WHERE id = $1"),
    references: None,
    read,
};

const LIST: Sql = Sql::both(
    "list ratings",
    "SELECT id, version, user_id, service_id, score, comment, created_at, updated_at FROM ratings
     WHERE id > $1 ORDER BY id LIMIT $2",
);
const LIST_OF_USER: Sql = Sql::both(
    "list a user's ratings",
    "SELECT id, version, user_id, service_id, score, comment, created_at, updated_at FROM ratings
     WHERE id > $1 AND user_id = $3 ORDER BY id LIMIT $2",
);
const LIST_OF_SERVICE: Sql = Sql::both(
    "list a service's ratings",
    "SELECT id, version, user_id, service_id, score, comment, created_at, updated_at FROM ratings
     WHERE id > $1 AND service_id = $3 ORDER BY id LIMIT $2",
);
const LIST_OF_BOTH: Sql = Sql::both(
    "list a user's ratings of a service",
    "SELECT id, version, user_id, service_id, score, comment, created_at, updated_at FROM ratings
     WHERE id > $1 AND user_id = $3 AND service_id = $4 ORDER BY id LIMIT $2",
);

/// The statement that lists what passes the filter, and its parameters from `$3` on.
pub(super) fn list(filter: RatingFilter) -> (Sql, Vec<Value<'static>>) {
    match (filter.user_id, filter.service_id) {
        (None, None) => (LIST, Vec::new()),
        (Some(user), None) => (LIST_OF_USER, vec![Value::Id(user)]),
        (None, Some(service)) => (LIST_OF_SERVICE, vec![Value::Id(service)]),
        (Some(user), Some(service)) => (LIST_OF_BOTH, vec![Value::Id(user), Value::Id(service)]),
    }
}

fn read(row: &Row) -> Result<Item, StoreError> {
    Ok(Item {
        version: row.get(1)?,
        resource: Resource::Rating(Rating {
            id: row.get(0)?,
            user_id: row.get(2)?,
            service_id: row.get(3)?,
            score: row.get(4)?,
            comment: row.get(5)?,
            created_at: Timestamp::from_unix_millis(row.get(6)?),
            updated_at: Timestamp::from_unix_millis(row.get(7)?),
        }),
    })
}

/// Whether the rating is in now; if not, [`standing`] says why.
pub(super) async fn insert(session: &mut Session<'_>, rating: &Rating) -> Result<bool, StoreError> {
    let values = [
        Value::Id(rating.id),
        Value::Id(rating.user_id),
        Value::Id(rating.service_id),
        Value::Integer(rating.score),
        Value::OptionalText(rating.comment.as_deref()),
        Value::Integer(rating.created_at.unix_millis()),
        Value::Integer(rating.updated_at.unix_millis()),
    ];
    Ok(session.execute(INSERT, &values).await? == 1)
}

/// Writes the locked row.
pub(super) async fn update(
    session: &mut Session<'_>,
    rating: &Rating,
    version: i64,
) -> Result<(), StoreError> {
    let values = [
        Value::Id(rating.id),
        Value::Integer(version),
        Value::Integer(rating.score),
        Value::OptionalText(rating.comment.as_deref()),
        Value::Integer(rating.updated_at.unix_millis()),
    ];
    session.execute(UPDATE, &values).await.map(drop)
}

/// What exists of that which decides whether a user may rate a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) user: bool,
    pub(super) service: bool,
    pub(super) rating: bool,
}

/// Looks at what exists.
pub(super) async fn standing(
    session: &mut Session<'_>,
    user: Uuid,
    service: Uuid,
) -> Result<Standing, StoreError> {
    let row = session
        .fetch_optional(STANDING, &[Value::Id(user), Value::Id(service)])
        .await?;
    let row = row.ok_or(StoreError::Unreadable { what: "count" })?;
    let exists = |column| row.get::<i64>(column).map(|count| count > 0);
    Ok(Standing {
        user: exists(0)?,
        service: exists(1)?,
        rating: exists(2)?,
    })
}
