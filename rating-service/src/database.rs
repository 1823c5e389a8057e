//! Watches over the database: brings its schema up to date as soon as it can be reached, tells whether it answers, and
//! removes what is too old.

use std::time::Duration;

use runtime::admin::Check;
use runtime::nats::Delay;

use crate::domain::Timestamp;
use crate::store::{Store, StoreError};

const TRY_AGAIN: Delay = Delay {
    first: Duration::from_millis(100),
    longest: Duration::from_secs(2),
};
const PING_EVERY: Duration = Duration::from_secs(1);
/// A ping that takes longer has failed.
const PING_WITHIN: Duration = Duration::from_secs(5);
const PURGE_EVERY: Duration = Duration::from_mins(10);

/// How long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Answers, for repeated requests.
    pub answers: Duration,
    /// Events, after they were published.
    pub events: Duration,
}

/// Keeps a database in order. Ends only by being dropped.
#[derive(Debug)]
pub struct Keeper {
    store: Store,
    retention: Retention,
    check: Check,
}

impl Keeper {
    /// A keeper that has not looked at the database yet; `check` will say whether it can be used.
    pub fn new(store: Store, retention: Retention, check: Check) -> Self {
        Self {
            store,
            retention,
            check,
        }
    }

    /// Does its work for ever.
    pub async fn run(self) {
        let mut failures = 0;
        while let Err(error) = self.store.prepare().await {
            failures += 1;
            self.check.not_ready(error.chain());
            tokio::time::sleep(TRY_AGAIN.after(failures)).await;
        }
        tokio::join!(self.ping(), self.purge());
    }

    async fn ping(&self) {
        loop {
            let answer = tokio::time::timeout(PING_WITHIN, self.store.ping()).await;
            match answer {
                Ok(Ok(())) => self.check.ready(),
                Ok(Err(error)) => self.check.not_ready(error.chain()),
                Err(_) => self
                    .check
                    .not_ready(format!("no answer within {} s", PING_WITHIN.as_secs())),
            }
            tokio::time::sleep(PING_EVERY).await;
        }
    }

    async fn purge(&self) {
        loop {
            match self.purge_once().await {
                Ok(0) => {}
                Ok(rows) => tracing::debug!(rows, "removed old answers and published events"),
                Err(error) => tracing::warn!(error = error.chain(), "cannot remove old answers and events"),
            }
            tokio::time::sleep(PURGE_EVERY.min(self.retention.answers).min(self.retention.events)).await;
        }
    }

    async fn purge_once(&self) -> Result<u64, StoreError> {
        let now = Timestamp::now();
        self.store
            .purge(
                now.minus(self.retention.answers),
                now.minus(self.retention.events),
            )
            .await
    }
}
