//! One way to run statements on either database, so that everything above is written once.
//!
//! Statements are constants with `$1`-style parameters, which both databases understand; sqlx prepares each once for a
//! connection.

use futures_util::future::BoxFuture;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, PgConnection, Postgres, Row as _, Sqlite, SqliteConnection, Type};
use uuid::Uuid;

use super::StoreError;

/// A statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sql {
    /// What it is for, to follow "cannot".
    action: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

impl Sql {
    /// One text for both databases.
    pub(crate) const fn both(action: &'static str, text: &'static str) -> Self {
        Self {
            action,
            sqlite: text,
            postgres: text,
        }
    }

    /// For where the databases differ.
    pub(crate) const fn each(action: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        Self {
            action,
            sqlite,
            postgres,
        }
    }
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'v> {
    Id(Uuid),
    Integer(i64),
    Text(&'v str),
    OptionalText(Option<&'v str>),
    Bytes(&'v [u8]),
    OptionalBytes(Option<&'v [u8]>),
}

/// A row of a result.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The value of a column, counted from 0.
    pub(crate) fn get<T>(&self, column: usize) -> Result<T, StoreError>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        let value = match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        };
        value.map_err(StoreError::during("read a column"))
    }
}

/// A connection of either database, mostly with a transaction open.
pub(crate) enum Session<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Session<'_> {
    /// Runs a statement and tells how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let changed = match self {
            Self::Sqlite(connection) => sqlite_query(sql, values)
                .execute(&mut **connection)
                .await
                .map(|done| done.rows_affected()),
            Self::Postgres(connection) => postgres_query(sql, values)
                .execute(&mut **connection)
                .await
                .map(|done| done.rows_affected()),
        };
        changed.map_err(StoreError::during(sql.action))
    }

    /// Runs a statement that gives at most one row.
    pub(crate) async fn fetch_optional(
        &mut self,
        sql: Sql,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        let row = match self {
            Self::Sqlite(connection) => sqlite_query(sql, values)
                .fetch_optional(&mut **connection)
                .await
                .map(|row| row.map(Row::Sqlite)),
            Self::Postgres(connection) => postgres_query(sql, values)
                .fetch_optional(&mut **connection)
                .await
                .map(|row| row.map(Row::Postgres)),
        };
        row.map_err(StoreError::during(sql.action))
    }

    /// Runs a statement that gives any number of rows.
    pub(crate) async fn fetch_all(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let rows = match self {
            Self::Sqlite(connection) => sqlite_query(sql, values)
                .fetch_all(&mut **connection)
                .await
                .map(|rows| rows.into_iter().map(Row::Sqlite).collect()),
            Self::Postgres(connection) => postgres_query(sql, values)
                .fetch_all(&mut **connection)
                .await
                .map(|rows| rows.into_iter().map(Row::Postgres).collect()),
        };
        rows.map_err(StoreError::during(sql.action))
    }
}

type SqliteQuery = Query<'static, Sqlite, SqliteArguments>;
type PostgresQuery = Query<'static, Postgres, PgArguments>;

fn sqlite_query(sql: Sql, values: &[Value<'_>]) -> SqliteQuery {
    values
        .iter()
        .fold(sqlx::query(sql.sqlite), |query, value| match *value {
            Value::Id(id) => query.bind(id),
            Value::Integer(number) => query.bind(number),
            Value::Text(text) => query.bind(text.to_owned()),
            Value::OptionalText(text) => query.bind(text.map(str::to_owned)),
            Value::Bytes(bytes) => query.bind(bytes.to_vec()),
            Value::OptionalBytes(bytes) => query.bind(bytes.map(<[u8]>::to_vec)),
        })
}

fn postgres_query(sql: Sql, values: &[Value<'_>]) -> PostgresQuery {
    values
        .iter()
        .fold(sqlx::query(sql.postgres), |query, value| match *value {
            Value::Id(id) => query.bind(id),
            Value::Integer(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::OptionalText(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
            Value::OptionalBytes(bytes) => query.bind(bytes),
        })
}

/// Work that is done wholly or not at all: in one transaction, which a failure rolls back.
///
/// `run` may be called again after a failure, so it must not keep state of its own.
pub(crate) trait Unit: Send + Sync + 'static {
    /// What it results in.
    type Output: Send + 'static;

    /// Does the work in the open transaction.
    fn run<'u>(&'u self, session: &'u mut Session<'_>) -> BoxFuture<'u, Result<Self::Output, StoreError>>;
}
