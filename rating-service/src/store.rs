//! The database: one code base over SQLite and PostgreSQL.
//!
//! Nothing here fails because a database is down when the program starts: [`Store::open`] only reads the settings, and
//! [`Store::prepare`] may be tried until it succeeds.

mod apply;
mod error;
mod lease;
mod outbox;
mod postgres;
mod purge;
mod ratings;
mod running;
mod services;
mod settings;
mod sql;
mod sqlite;
mod stored_answer;
mod table;
mod users;
mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

pub use error::StoreError;
pub use lease::Leadership;
pub use outbox::Event;
pub use settings::{Location, Settings, Synchronous};
pub use write::{Guard, Key, Write, Written};

use crate::domain::{Found, Query, Timestamp};
use purge::Purge;
use running::Busy;
use sql::{Session, Unit};

/// The database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    engine: Engine,
    /// Whether the schema is there; without it statements would fail for a reason that is not theirs.
    prepared: AtomicBool,
    /// Rung after a commit that may have put events into the outbox.
    events: Notify,
}

#[derive(Debug)]
enum Engine {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

impl Store {
    /// Makes a store that connects when it is first needed. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`StoreError::Location`] if the settings name no database.
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        let engine = match &settings.location {
            Location::Sqlite(file) => Engine::Sqlite(sqlite::Database::open(file, settings)),
            Location::Postgres(url) => Engine::Postgres(postgres::Database::open(url, settings)?),
        };
        let shared = Shared {
            engine,
            prepared: AtomicBool::new(false),
            events: Notify::new(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Brings the schema up to date, one process at a time; to be repeated until it succeeds.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        match &self.shared.engine {
            Engine::Sqlite(database) => database.migrate().await?,
            Engine::Postgres(database) => database.migrate().await?,
        }
        self.shared.prepared.store(true, Ordering::Release);
        Ok(())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.prepared()?;
        match &self.shared.engine {
            Engine::Sqlite(database) => database.ping().await,
            Engine::Postgres(database) => database.ping().await,
        }
    }

    /// Answers a query from committed data.
    pub async fn read(&self, query: &Query) -> Result<Found, StoreError> {
        self.prepared()?;
        match &self.shared.engine {
            Engine::Sqlite(database) => {
                let mut connection = database.reader().await?;
                table::query(&mut Session::Sqlite(&mut connection), query).await
            }
            Engine::Postgres(database) => {
                let mut connection = database.connection().await?;
                table::query(&mut Session::Postgres(&mut connection), query).await
            }
        }
    }

    /// Executes a write at most once, however often and wherever it is asked for, and tells its answer. When this
    /// returns an answer, effect, events and answer are committed together.
    pub async fn write(&self, write: Write) -> Result<Written, StoreError> {
        let _ticket = match &self.shared.engine {
            Engine::Sqlite(database) => match database.running.enter(&write.guard) {
                Ok(ticket) => Some(ticket),
                Err(Busy::Request) => return Ok(Written::InProgress),
                Err(Busy::Key) => return Ok(Written::KeyInUse),
            },
            Engine::Postgres(_) => None,
        };
        let written = self.transact(write).await?;
        self.shared.events.notify_one();
        Ok(written)
    }

    /// Waits until a write of this process was committed, or `patience` is over.
    pub async fn wait_for_events(&self, patience: Duration) {
        drop(tokio::time::timeout(patience, self.shared.events.notified()).await);
    }

    /// When the oldest event not yet published was made.
    pub async fn oldest_unpublished(&self) -> Result<Option<Timestamp>, StoreError> {
        self.prepared()?;
        match &self.shared.engine {
            Engine::Sqlite(database) => {
                let mut connection = database.reader().await?;
                outbox::oldest(&mut Session::Sqlite(&mut connection)).await
            }
            Engine::Postgres(database) => {
                let mut connection = database.connection().await?;
                outbox::oldest(&mut Session::Postgres(&mut connection)).await
            }
        }
    }

    /// Removes answers given before `answers` and events published before `events`; tells how many rows.
    pub async fn purge(&self, answers: Timestamp, events: Timestamp) -> Result<u64, StoreError> {
        let mut removed = 0;
        for purge in [Purge::Answers(answers), Purge::Events(events)] {
            loop {
                let batch = self.transact(purge).await?;
                removed += batch;
                if batch < purge::BATCH {
                    break;
                }
            }
        }
        Ok(removed)
    }

    /// Closes all connections after the work under way.
    pub async fn close(&self) {
        match &self.shared.engine {
            Engine::Sqlite(database) => database.close().await,
            Engine::Postgres(database) => database.close().await,
        }
    }

    async fn transact<U: Unit>(&self, unit: U) -> Result<U::Output, StoreError> {
        self.prepared()?;
        match &self.shared.engine {
            Engine::Sqlite(database) => database.transact(unit).await,
            Engine::Postgres(database) => database.transact(&unit).await,
        }
    }

    fn prepared(&self) -> Result<(), StoreError> {
        if self.shared.prepared.load(Ordering::Acquire) {
            Ok(())
        } else {
            Err(StoreError::NotPrepared)
        }
    }
}
