//! SQLite: one connection that writes, a pool of others that read (WAL mode lets them do so side by side).

mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, Sqlite};

use super::StoreError;
use super::running::Running;
use super::settings::{Settings, Synchronous};
use super::sql::Unit;
use writer::Queue;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Time for a reader to become free before the request is tried again later.
const READER_TIMEOUT: Duration = Duration::from_secs(5);

/// A database file.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) running: Running,
    file: PathBuf,
    writing: SqliteConnectOptions,
    readers: SqlitePool,
    writer: Queue,
}

impl Database {
    pub(super) fn open(file: &Path, settings: &Settings) -> Self {
        let common = SqliteConnectOptions::new()
            .filename(file)
            .busy_timeout(settings.busy_timeout)
            .foreign_keys(true)
            .pragma("temp_store", "MEMORY")
            .disable_statement_logging();
        let writing = common
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(match settings.synchronous {
                Synchronous::Full => SqliteSynchronous::Full,
                Synchronous::Normal => SqliteSynchronous::Normal,
            });
        let readers = SqlitePoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(READER_TIMEOUT)
            .max_lifetime(None)
            .idle_timeout(None)
            .test_before_acquire(false) // a file does not go away; that would cost a trip to the connection's thread
            .connect_lazy_with(common.read_only(true));
        let writer = Queue::start(writing.clone());
        Self {
            running: Running::default(),
            file: file.to_owned(),
            writing,
            readers,
            writer,
        }
    }

    /// sqlx takes no lock for SQLite migrations, so that two starting processes could both try the same one; inside an
    /// immediate transaction they cannot.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        if let Some(folder) = self.file.parent() {
            let made = tokio::fs::create_dir_all(folder).await;
            made.map_err(|error| StoreError::during("make the folder of the database file")(error.into()))?;
        }
        let mut connection = self
            .writing
            .connect()
            .await
            .map_err(StoreError::during("open the database file"))?;
        let begun = connection.begin_with("BEGIN IMMEDIATE").await;
        let mut transaction = begun.map_err(StoreError::during("lock the database for its migrations"))?;
        MIGRATIONS
            .run_direct(None, &mut *transaction, false)
            .await
            .map_err(|error| StoreError::Migration(error.into()))?;
        transaction
            .commit()
            .await
            .map_err(StoreError::during("commit the migrations"))?;
        connection
            .close()
            .await
            .map_err(StoreError::during("close the migrating connection"))
    }

    pub(super) async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.reader().await?;
        let answer = sqlx::query("SELECT COUNT(*) FROM sqlite_schema")
            .execute(&mut *connection)
            .await;
        answer.map(drop).map_err(StoreError::during("reach the database"))
    }

    pub(super) async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.readers
            .acquire()
            .await
            .map_err(StoreError::during("get a database connection"))
    }

    pub(super) async fn transact<U: Unit>(&self, unit: U) -> Result<U::Output, StoreError> {
        self.writer.transact(unit).await
    }

    pub(super) async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
    }
}
