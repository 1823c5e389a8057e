//! One relay at a time: on PostgreSQL an advisory lock that lasts as long as its connection, on SQLite a row that must be
//! renewed.

use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::outbox::{self, Event, MarkPublished};
use super::sql::{Session, Sql, Unit, Value};
use super::{Engine, Store, StoreError};
use crate::domain::Timestamp;

/// After this time a process that has died is succeeded, on SQLite.
const LEASE: Duration = Duration::from_secs(5);
const NAME: &str = "relay";
/// Advisory locks are numbers; this one spells "relay".
const LOCK_NUMBER: i64 = 0x72_65_6c_61_79;

const TRY_LOCK: Sql = Sql::both("become the relay", "SELECT pg_try_advisory_lock($1)");
const TAKE: Sql = Sql::both(
    "become the relay",
    "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
     WHERE leases.holder = excluded.holder OR leases.expires_at < $4",
);
const LEAVE: Sql = Sql::both(
    "stop being the relay",
    "DELETE FROM leases WHERE name = $1 AND holder = $2",
);

/// The right to publish the outbox, held or not.
#[derive(Debug)]
pub struct Leadership {
    store: Store,
    holder: Uuid,
    held: Held,
}

#[derive(Debug)]
enum Held {
    No,
    Until(Timestamp),
    By(Box<PgConnection>),
}

impl Leadership {
    /// Not held yet.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            holder: Uuid::now_v7(),
            held: Held::No,
        }
    }

    /// Whether it is held for the next half of a lease; tries to get or renew it if not.
    pub async fn acquire(&mut self) -> Result<bool, StoreError> {
        let now = Timestamp::now();
        match (&self.store.shared.engine, &self.held) {
            (_, Held::By(_)) => Ok(true),
            (_, Held::Until(end)) if *end > now.plus(LEASE / 2) => Ok(true),
            (Engine::Sqlite(_), _) => {
                let taken = self
                    .store
                    .transact(Take {
                        holder: self.holder,
                        now,
                    })
                    .await?;
                self.held = if taken {
                    Held::Until(now.plus(LEASE))
                } else {
                    Held::No
                };
                Ok(taken)
            }
            (Engine::Postgres(database), _) => {
                let mut connection = database.connect().await?;
                let mut session = Session::Postgres(&mut connection);
                let row = session
                    .fetch_optional(TRY_LOCK, &[Value::Integer(LOCK_NUMBER)])
                    .await?;
                let locked = row.map_or(Ok(false), |row| row.get(0))?;
                if locked {
                    self.held = Held::By(Box::new(connection));
                }
                Ok(locked)
            }
        }
    }

    /// The first events not marked as published. A failure gives the leadership up.
    pub async fn unpublished(&mut self, limit: i64) -> Result<Vec<Event>, StoreError> {
        let result = match (&self.store.shared.engine, &mut self.held) {
            (_, Held::By(connection)) => outbox::unpublished(&mut Session::Postgres(connection), limit).await,
            (Engine::Sqlite(database), Held::Until(_)) => {
                let mut connection = database.reader().await?;
                outbox::unpublished(&mut Session::Sqlite(&mut connection), limit).await
            }
            _ => Ok(Vec::new()),
        };
        self.kept(result)
    }

    /// Notes that events are in the stream. A failure gives the leadership up.
    pub async fn mark_published(&mut self, sequences: Vec<i64>) -> Result<(), StoreError> {
        let mark = MarkPublished {
            sequences,
            now: Timestamp::now(),
        };
        let result = match &mut self.held {
            // On the lock's own connection: if that is lost, so is the lock, and somebody else may be publishing.
            Held::By(connection) => mark.run(&mut Session::Postgres(connection)).await,
            Held::Until(_) => self.store.transact(mark).await,
            Held::No => Ok(()),
        };
        self.kept(result)
    }

    /// Lets another process succeed at once.
    pub async fn release(&mut self) {
        let released = match std::mem::replace(&mut self.held, Held::No) {
            Held::No => Ok(()),
            Held::Until(_) => self.store.transact(Leave { holder: self.holder }).await,
            Held::By(connection) => connection
                .close()
                .await
                .map_err(StoreError::during("stop being the relay")),
        };
        if let Err(error) = released {
            tracing::debug!(error = error.chain(), "the leadership will end by itself");
        }
    }

    fn kept<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if result.is_err() {
            self.held = Held::No;
        }
        result
    }
}

struct Take {
    holder: Uuid,
    now: Timestamp,
}

impl Unit for Take {
    type Output = bool;

    fn run<'u>(&'u self, session: &'u mut Session<'_>) -> BoxFuture<'u, Result<bool, StoreError>> {
        Box::pin(async move {
            let values = [
                Value::Text(NAME),
                Value::Id(self.holder),
                Value::Integer(self.now.plus(LEASE).unix_millis()),
                Value::Integer(self.now.unix_millis()),
            ];
            Ok(session.execute(TAKE, &values).await? == 1)
        })
    }
}

struct Leave {
    holder: Uuid,
}

impl Unit for Leave {
    type Output = ();

    fn run<'u>(&'u self, session: &'u mut Session<'_>) -> BoxFuture<'u, Result<(), StoreError>> {
        Box::pin(async move {
            session
                .execute(LEAVE, &[Value::Text(NAME), Value::Id(self.holder)])
                .await
                .map(drop)
        })
    }
}
