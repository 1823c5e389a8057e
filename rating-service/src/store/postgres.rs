//! PostgreSQL: a pool of connections; transactions run side by side.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Postgres};

use super::StoreError;
use super::error::COMMIT;
use super::settings::{Location, Settings};
use super::sql::{Session, Unit};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Time to get a connection, new or from the pool.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A database on a server.
#[derive(Debug)]
pub(super) struct Database {
    options: PgConnectOptions,
    pool: PgPool,
}

impl Database {
    pub(super) fn open(url: &str, settings: &Settings) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url).map_err(|source| StoreError::Location {
            location: Location::Postgres(url.to_owned()).to_string(),
            source: Arc::new(source),
        })?;
        let options = match &settings.password {
            Some(password) => options.password(password.expose()),
            None => options,
        };
        let lock_timeout = settings.busy_timeout.as_millis().to_string();
        let options = options
            .application_name("rating-service")
            .options([
                ("lock_timeout", lock_timeout.as_str()),
                ("idle_in_transaction_session_timeout", "60s"),
            ])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(CONNECT_TIMEOUT)
            .test_before_acquire(false) // a lost connection shows at the first statement, and the request is tried again
            .connect_lazy_with(options.clone());
        Ok(Self { options, pool })
    }

    /// sqlx holds an advisory lock meanwhile. The connection is not a pooled one: closing it frees the lock whatever
    /// happened.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.connect().await?;
        let migrated = MIGRATIONS.run_direct(None, &mut connection, false).await;
        migrated.map_err(|error| StoreError::Migration(error.into()))?;
        connection
            .close()
            .await
            .map_err(StoreError::during("close the migrating connection"))
    }

    /// A connection of one's own, for what lasts as long as the connection.
    pub(super) async fn connect(&self) -> Result<PgConnection, StoreError> {
        let connecting = tokio::time::timeout(CONNECT_TIMEOUT, self.options.connect()).await;
        connecting
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
            .map_err(StoreError::during("reach the database"))
    }

    pub(super) async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        connection
            .ping()
            .await
            .map_err(StoreError::during("reach the database"))
    }

    pub(super) async fn connection(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        self.pool
            .acquire()
            .await
            .map_err(StoreError::during("get a database connection"))
    }

    pub(super) async fn transact<U: Unit>(&self, unit: &U) -> Result<U::Output, StoreError> {
        let begun = self.pool.begin().await;
        let mut transaction = begun.map_err(StoreError::during("begin a transaction"))?;
        let output = unit.run(&mut Session::Postgres(&mut transaction)).await?;
        transaction.commit().await.map_err(StoreError::during(COMMIT))?;
        Ok(output)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}
