//! The table of users.

use super::StoreError;
use super::sql::{Row, Session, Sql, Value};
use super::table::Table;
use crate::domain::{Item, Resource, Timestamp, User};

const INSERT: Sql = Sql::both(
    "create a user",
    "INSERT INTO users (id, version, name, email, email_key, created_at, updated_at)
     VALUES ($1, 1, $2, $3, $4, $5, $6) ON CONFLICT (email_key) DO NOTHING",
);
const UPDATE: Sql = Sql::both(
    "replace a user",
    "UPDATE users SET version = $2, name = $3, email = $4, email_key = $5, updated_at = $6
     WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM users WHERE email_key = $5 AND id <> $1)",
);

/// How users are read.
pub(super) const TABLE: Table = Table {
    find: Sql::both(
        "read a user",
        "SELECT id, version, name, email, created_at, updated_at FROM users WHERE id = $1",
    ),
    lock: Sql::each(
        "read a user",
        "SELECT id, version, name, email, created_at, updated_at FROM users WHERE id = $1",
        "SELECT id, version, name, email, created_at, updated_at FROM users WHERE id = $1 FOR UPDATE",
    ),
    delete: Sql::both("delete a user", "DELETE FROM users WHERE id = $1"),
    references: Some(Sql::both(
        "look for a user's ratings",
        "SELECT id FROM ratings WHERE user_id = $1 LIMIT 1",
    )),
    read,
};

/// A page of all users.
pub(super) const LIST: Sql = Sql::both(
    "list users",
    "SELECT id, version, name, email, created_at, updated_at FROM users WHERE id > $1 ORDER BY id LIMIT $2",
);

fn read(row: &Row) -> Result<Item, StoreError> {
    Ok(Item {
        version: row.get(1)?,
        resource: Resource::User(User {
            id: row.get(0)?,
            name: row.get(2)?,
            email: row.get(3)?,
            created_at: Timestamp::from_unix_millis(row.get(4)?),
            updated_at: Timestamp::from_unix_millis(row.get(5)?),
        }),
    })
}

/// Whether the user is in now; if not, another has the address.
pub(super) async fn insert(
    session: &mut Session<'_>,
    user: &User,
    email_key: &str,
) -> Result<bool, StoreError> {
    let values = [
        Value::Id(user.id),
        Value::Text(&user.name),
        Value::Text(&user.email),
        Value::Text(email_key),
        Value::Integer(user.created_at.unix_millis()),
        Value::Integer(user.updated_at.unix_millis()),
    ];
    Ok(session.execute(INSERT, &values).await? == 1)
}

/// Whether the locked row has been written; if not, another has the address.
pub(super) async fn update(
    session: &mut Session<'_>,
    user: &User,
    email_key: &str,
    version: i64,
) -> Result<bool, StoreError> {
    let values = [
        Value::Id(user.id),
        Value::Integer(version),
        Value::Text(&user.name),
        Value::Text(&user.email),
        Value::Text(email_key),
        Value::Integer(user.updated_at.unix_millis()),
    ];
    Ok(session.execute(UPDATE, &values).await? == 1)
}
