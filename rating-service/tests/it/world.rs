//! A database for one story, and the service upon it.

use std::time::Duration;

use contract::envelope::Reply;
use rating_service::api::Api;
use rating_service::store::{Event, Leadership, Location, Settings, Store};
use serde_json::json;
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::ask::{Answer as _, Ask};

/// A fresh database with its schema.
pub(crate) struct World {
    pub(crate) api: Api,
    pub(crate) store: Store,
    pub(crate) location: Location,
    _folder: Option<TempDir>,
}

impl World {
    /// A file of its own.
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("new").join("ratings.db"));
        Self::open(location, Some(folder)).await
    }

    /// An empty database of a running cluster.
    pub(crate) async fn postgres(url: String) -> Self {
        Self::open(Location::Postgres(url), None).await
    }

    async fn open(location: Location, folder: Option<TempDir>) -> Self {
        let store = Store::open(&Settings::new(location.clone())).unwrap();
        store.prepare().await.unwrap();
        Self {
            api: Api::new(store.clone(), "/api"),
            store,
            location,
            _folder: folder,
        }
    }

    /// The same database as another process sees it.
    pub(crate) async fn neighbour(&self) -> Api {
        let store = Store::open(&Settings::new(self.location.clone())).unwrap();
        store.prepare().await.unwrap();
        Api::new(store, "/api")
    }

    /// A store of another process that does not wait for locks.
    pub(crate) async fn impatient_store(&self) -> Store {
        let settings = Settings {
            busy_timeout: Duration::from_millis(100),
            ..Settings::new(self.location.clone())
        };
        let store = Store::open(&settings).unwrap();
        store.prepare().await.unwrap();
        store
    }

    /// Whether some process publishes the outbox.
    pub(crate) async fn has_leader(&self) -> bool {
        match &self.location {
            Location::Sqlite(file) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                let leases = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM leases");
                leases.fetch_one(&mut connection).await.unwrap() > 0
            }
            Location::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                let locks = sqlx::query_scalar::<_, i64>(
                    "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                );
                locks.fetch_one(&mut connection).await.unwrap() > 0
            }
        }
    }

    /// Sends a request and returns its answer.
    pub(crate) async fn ask(&self, ask: &Ask) -> Reply {
        self.api.answer(&ask.0).await.unwrap()
    }

    /// Creates a user and returns its id.
    pub(crate) async fn user(&self, name: &str) -> String {
        let body = json!({"name": name, "email": format!("{name}@example.org")});
        let reply = self.ask(&Ask::post("/users", &body)).await;
        assert_eq!(reply.status, 201, "{:?}", reply.body);
        reply.id()
    }

    /// Creates a service and returns its id.
    pub(crate) async fn service(&self, name: &str) -> String {
        let reply = self.ask(&Ask::post("/services", &json!({"name": name}))).await;
        assert_eq!(reply.status, 201, "{:?}", reply.body);
        reply.id()
    }

    /// Creates a rating and returns its id.
    pub(crate) async fn rating(&self, user: &str, service: &str, score: i64) -> String {
        let body = json!({"userId": user, "serviceId": service, "score": score});
        let reply = self.ask(&Ask::post("/ratings", &body)).await;
        assert_eq!(reply.status, 201, "{:?}", reply.body);
        reply.id()
    }

    /// Everything in the outbox, by its subject's last two tokens and its version.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let mut leadership = Leadership::new(self.store.clone());
        assert!(leadership.acquire().await.unwrap());
        let events = leadership.unpublished(100_000).await.unwrap();
        leadership.release().await;
        events
    }

    /// Keeps everybody else from writing resources.
    pub(crate) async fn lock(&self) -> Lock {
        self.lock_tables("LOCK TABLE users, services, ratings").await
    }

    /// Keeps everybody else from writing the outbox; it can still be read.
    pub(crate) async fn lock_outbox(&self) -> Lock {
        self.lock_tables("LOCK TABLE outbox IN EXCLUSIVE MODE").await
    }

    /// SQLite locks the whole file, whatever the statement says.
    async fn lock_tables(&self, statement: &'static str) -> Lock {
        match &self.location {
            Location::Sqlite(file) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                sqlx::query("BEGIN IMMEDIATE")
                    .execute(&mut connection)
                    .await
                    .unwrap();
                Lock::Sqlite(connection)
            }
            Location::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::query("BEGIN").execute(&mut connection).await.unwrap();
                sqlx::query(statement).execute(&mut connection).await.unwrap();
                Lock::Postgres(connection)
            }
        }
    }
}

/// A lock that another program holds.
pub(crate) enum Lock {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Lock {
    pub(crate) async fn release(self) {
        match self {
            Self::Sqlite(mut connection) => sqlx::query("ROLLBACK")
                .execute(&mut connection)
                .await
                .map(drop)
                .unwrap(),
            Self::Postgres(mut connection) => sqlx::query("ROLLBACK")
                .execute(&mut connection)
                .await
                .map(drop)
                .unwrap(),
        }
    }
}

/// Waits until the condition holds; panics with `what` if it does not within a minute.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    while !condition().await {
        assert!(
            tokio::time::Instant::now() < deadline,
            "waited a minute in vain for: {what}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A running PostgreSQL; none, loudly, where it is not installed.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub(crate) fn cluster() -> Option<testbed::postgres::Cluster> {
    if let Err(error) = testbed::postgres::find() {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI must have PostgreSQL: {error}"
        );
        eprintln!("SKIPPED, because there is no PostgreSQL here: {error}");
        return None;
    }
    Some(testbed::postgres::Cluster::start().unwrap())
}
