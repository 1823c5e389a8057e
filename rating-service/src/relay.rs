//! Publishes committed events to a stream: all of them, in order for each resource, each once after the stream has
//! dropped repetitions.
//!
//! A commit of this process wakes the relay, but what it goes by is the outbox table. One process at a time publishes;
//! see [`Leadership`]. An event is marked after the stream has taken it: a relay that dies in between leaves it to be
//! published again under the same `Nats-Msg-Id`.

mod publisher;

use std::time::Duration;

use runtime::admin::Check;
use runtime::nats::{Connection, Delay};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::domain::Timestamp;
use crate::metrics::RelayMetrics;
use crate::store::{Leadership, Store, StoreError};
use publisher::Publisher;

/// Events read at once.
const BATCH: i64 = 256;
const TRY_AGAIN: Delay = Delay {
    first: Duration::from_millis(100),
    longest: Duration::from_secs(5),
};
/// How often the stream is looked for while there is nothing to publish.
const LOOK_AT_STREAM: Duration = Duration::from_secs(10);
/// How long events committed at the very end may take to be published by this process.
const FAREWELL: Duration = Duration::from_secs(2);

/// Where events go, and how soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The stream that must take the events.
    pub stream: String,
    /// What their subjects start with; `<aggregate>.<what happened>` follows.
    pub prefix: String,
    /// How often the outbox is looked at without being told that there is something in it.
    #[serde(with = "runtime::config::duration")]
    pub poll: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            stream: "EVENTS".to_owned(),
            prefix: "events".to_owned(),
            poll: Duration::from_millis(500),
        }
    }
}

/// Publishes the outbox of one database.
#[derive(Debug)]
pub struct Relay {
    store: Store,
    leadership: Leadership,
    publisher: Publisher,
    settings: Settings,
    metrics: RelayMetrics,
    check: Check,
}

/// What one look at the outbox led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// There was nothing to publish, or another process publishes.
    Idle,
    /// Some events have been published; there may be more.
    Published,
}

/// Why a turn failed.
#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error("the outbox cannot be read or marked")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Publish(String),
}

impl Relay {
    /// A relay that has not looked at anything yet; `check` will say whether it can publish.
    pub fn new(
        store: Store,
        connection: Connection,
        settings: Settings,
        metrics: RelayMetrics,
        check: Check,
    ) -> Self {
        let leadership = Leadership::new(store.clone());
        let publisher = Publisher::new(connection, settings.clone(), metrics.clone());
        Self {
            store,
            leadership,
            publisher,
            settings,
            metrics,
            check,
        }
    }

    /// Publishes until `stop`, then what is left if that goes quickly.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut failures = 0;
        let mut looked: Option<tokio::time::Instant> = None;
        while !stop.is_cancelled() {
            // A turn under way at the stop may end: what it has published should be marked.
            let turn = tokio::select! {
                turn = self.turn(&mut looked) => turn,
                () = farewell(&stop) => break,
            };
            let pause = match turn {
                Ok(turn) => {
                    failures = 0;
                    self.check.ready();
                    if turn == Turn::Idle {
                        self.settings.poll
                    } else {
                        Duration::ZERO
                    }
                }
                Err(error) => {
                    failures += 1;
                    looked = None;
                    self.check.not_ready(explain(&error));
                    TRY_AGAIN.after(failures)
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.rest(pause, failures > 0) => {}
            }
        }
        drop(tokio::time::timeout(FAREWELL, self.finish()).await);
        self.leadership.release().await;
    }

    /// After a failure nothing shortens the pause; otherwise news of a commit does.
    async fn rest(&self, pause: Duration, failed: bool) {
        if failed {
            tokio::time::sleep(pause).await;
        } else if !pause.is_zero() {
            self.store.wait_for_events(pause).await;
        }
    }

    /// Looks at the stream now and then and at the outbox always.
    async fn turn(&mut self, looked: &mut Option<tokio::time::Instant>) -> Result<Turn, RelayError> {
        if looked.is_none_or(|at| at.elapsed() > LOOK_AT_STREAM) {
            self.publisher
                .look_for_stream()
                .await
                .map_err(RelayError::Publish)?;
            *looked = Some(tokio::time::Instant::now());
        }
        self.publish_some().await
    }

    async fn publish_some(&mut self) -> Result<Turn, RelayError> {
        if !self.measure().await? || !self.leadership.acquire().await? {
            return Ok(Turn::Idle);
        }
        let events = self.leadership.unpublished(BATCH).await?;
        if events.is_empty() {
            return Ok(Turn::Idle);
        }
        let (published, failure) = self.publisher.publish(events).await;
        if !published.is_empty() {
            self.leadership.mark_published(published).await?;
        }
        match failure {
            None => Ok(Turn::Published),
            Some(reason) => Err(RelayError::Publish(reason)),
        }
    }

    /// Whether there is something to publish; its age goes into the metrics.
    async fn measure(&self) -> Result<bool, StoreError> {
        let oldest = self.store.oldest_unpublished().await?;
        let age = oldest.map_or(0, |since| Timestamp::now().unix_millis() - since.unix_millis());
        self.metrics
            .oldest_age
            .set(Duration::from_millis(age.max(0).unsigned_abs()).as_secs_f64());
        Ok(oldest.is_some())
    }

    async fn finish(&mut self) {
        while let Ok(Turn::Published) = self.publish_some().await {}
    }
}

async fn farewell(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(FAREWELL).await;
}

fn explain(error: &RelayError) -> String {
    match error {
        RelayError::Store(error) => error.chain(),
        RelayError::Publish(reason) => reason.clone(),
    }
}
