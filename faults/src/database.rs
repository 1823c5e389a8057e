//! The worker's SQLite file, seen by another process: what is in it, and a lock on it.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use uuid::Uuid;

use crate::Error;
use crate::checker::Row;
use crate::history::Kind;

/// Kind, query. The last column holds the keys of the writes that made and replaced the row, in words.
const TABLES: [(Kind, &str); 3] = [
    (Kind::User, "SELECT id, version, name FROM users"),
    (Kind::Service, "SELECT id, version, name FROM services"),
    (Kind::Rating, "SELECT id, version, comment FROM ratings"),
];

async fn open(file: &Path) -> Result<SqliteConnection, Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(Duration::from_secs(10));
    options
        .connect()
        .await
        .map_err(Error::database("open the database"))
}

/// Every user, service and rating.
pub async fn rows(file: &Path) -> Result<Vec<Row>, Error> {
    let mut connection = open(file).await?;
    let mut rows = Vec::new();
    for (kind, query) in TABLES {
        for row in sqlx::query(query)
            .fetch_all(&mut connection)
            .await
            .map_err(Error::database(query))?
        {
            let read = || {
                let id: Uuid = row.try_get(0)?;
                let version: i64 = row.try_get(1)?;
                let words: Option<String> = row.try_get(2)?;
                Ok((id, version, words.unwrap_or_default()))
            };
            let (id, version, words) = read().map_err(Error::database(query))?;
            let (created_by, replaced_by) = keys(&words);
            let version = version.unsigned_abs();
            rows.push(Row {
                kind,
                id: id.to_string(),
                created_by,
                replaced_by,
                version,
            });
        }
    }
    connection
        .close()
        .await
        .map_err(Error::database("close the database"))?;
    Ok(rows)
}

/// The words with which writes mark what they made: the creating key, then the replacing one.
pub fn keys(words: &str) -> (String, Option<String>) {
    let mut words = words.split(' ').map(str::to_owned);
    (words.next().unwrap_or_default(), words.next())
}

/// Events that are committed and not known to be published.
pub async fn unpublished(file: &Path) -> Result<u64, Error> {
    let mut connection = open(file).await?;
    let query = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE published_at IS NULL");
    let count: i64 = query
        .fetch_one(&mut connection)
        .await
        .map_err(Error::database("count the outbox"))?;
    connection
        .close()
        .await
        .map_err(Error::database("close the database"))?;
    Ok(count.unsigned_abs())
}

/// Keeps everybody else from writing for a while.
pub async fn lock(file: &Path, duration: Duration) -> Result<(), Error> {
    let mut connection = open(file).await?;
    let locking = sqlx::query("BEGIN EXCLUSIVE").execute(&mut connection).await;
    locking.map_err(Error::database("lock the database"))?;
    tokio::time::sleep(duration).await;
    let ending = sqlx::query("ROLLBACK").execute(&mut connection).await;
    ending.map_err(Error::database("unlock the database"))?;
    connection
        .close()
        .await
        .map_err(Error::database("close the database"))
}
