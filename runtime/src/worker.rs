//! The pull loop every worker lives in: take from a work queue only what there is room for, handle it, answer,
//! acknowledge.
//!
//! A request goes through [`Stage`]s in an order that makes a crash harmless: handled (the handler has committed), then
//! replied, then acknowledged. Whatever is lost in between is delivered again, and a handler that remembers what it
//! answered gives the same answer again.
//!
//! ```no_run
//! # use runtime::{lifecycle::Shutdown, nats, worker};
//! # use contract::{envelope::{Reply, Request}, subject::Codec};
//! struct Echo;
//!
//! impl worker::Handler for Echo {
//!     async fn handle(&self, request: Request, _: worker::Context) -> worker::Outcome {
//!         worker::Outcome::Reply(Reply {
//!             status: http::StatusCode::OK,
//!             headers: http::HeaderMap::new(),
//!             body: request.body,
//!         })
//!     }
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let connection = nats::connect(&nats::Settings::default()).await?;
//! let settings = worker::Settings::new("REQUESTS", "rating-service");
//! let worker = worker::Worker::new(connection, Codec::new("api")?, settings, Echo)?;
//! worker.run(&Shutdown::new()).await;
//! # Ok(())
//! # }
//! ```

mod acknowledgement;
mod answer;
mod clock;
mod consumer;
mod credit;
mod dead;
mod delivery;
mod handler;
mod metrics;
mod observer;
mod pulling;
mod settings;
mod slots;
mod status;

use std::sync::Arc;

use contract::subject::Codec;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::admin::Check;
use crate::lifecycle::Shutdown;
use crate::nats::Connection;
use crate::service::Routes;

pub use handler::{Context, Handler, Outcome};
pub use metrics::Metrics;
pub use observer::{Delivery, Observer, Stage};
pub use settings::{Settings, SettingsError};

/// Whether the worker gets requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It does.
    Ready,
    /// It does not, and this is why and what helps; for people.
    NotReady(String),
}

/// What the pull loop and the task of each message share.
struct Shared<H> {
    connection: Connection,
    codec: Codec,
    settings: Settings,
    handler: H,
    observer: Option<Arc<dyn Observer>>,
    metrics: Metrics,
    routes: Arc<Routes>,
    readiness: watch::Sender<Readiness>,
    check: Option<Check>,
    slots: slots::Slots,
    /// Cancelled when handlers that still run are to be abandoned.
    abandon: CancellationToken,
}

impl<H> Shared<H> {
    /// Tells all who want to know, and the log, if this is news.
    fn set_readiness(&self, new: Readiness) {
        self.readiness.send_if_modified(|readiness| {
            if *readiness == new {
                return false;
            }
            let consumer = &self.settings.consumer;
            match (&self.check, &new) {
                // The check writes to the log too.
                (Some(check), Readiness::Ready) => check.ready(),
                (Some(check), Readiness::NotReady(reason)) => check.not_ready(reason),
                (None, Readiness::Ready) => tracing::info!(consumer, "getting requests"),
                (None, Readiness::NotReady(reason)) => {
                    tracing::warn!(consumer, reason, "not getting requests");
                }
            }
            *readiness = new;
            true
        });
    }
}

/// A worker bound to one consumer of one stream.
pub struct Worker<H> {
    shared: Arc<Shared<H>>,
}

impl<H: Handler> Worker<H> {
    /// A worker that will pull with these settings; `codec` tells subjects from paths.
    pub fn new(
        connection: Connection,
        codec: Codec,
        settings: Settings,
        handler: H,
    ) -> Result<Self, SettingsError> {
        settings.validate()?;
        let (readiness, _) = watch::channel(Readiness::NotReady("not started yet".to_owned()));
        let metrics = Metrics::default();
        let shared = Shared {
            connection,
            codec,
            slots: slots::Slots::new(settings.slots, metrics.in_flight.clone()),
            settings,
            handler,
            observer: None,
            metrics,
            routes: Arc::default(),
            readiness,
            check: None,
            abandon: CancellationToken::new(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Calls `observer` at each stage of each request.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Observer>) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.observer = Some(observer);
        }
        self
    }

    /// Keeps `check` of the admin listener in step with [`Worker::readiness`].
    #[must_use]
    pub fn reporting_to(mut self, check: Check) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.check = Some(check);
        }
        self
    }

    /// Its counters; clones share them.
    pub fn metrics(&self) -> Metrics {
        self.shared.metrics.clone()
    }

    /// Its counts by kind of request, for [`crate::service::Instance::answer`].
    pub fn routes(&self) -> Arc<Routes> {
        Arc::clone(&self.shared.routes)
    }

    /// Whether it gets requests, now and from now on.
    pub fn readiness(&self) -> watch::Receiver<Readiness> {
        self.shared.readiness.subscribe()
    }

    /// Pulls and handles requests until the stop begins, then lets running handlers end within their grace time.
    ///
    /// A stream or consumer that is missing, or a server that cannot be reached, only makes the worker not ready: it
    /// goes on trying.
    pub async fn run(self, shutdown: &Shutdown) {
        let mut failures = 0;
        while !shutdown.is_draining() {
            let Some(found) = consumer::wait_for(&self.shared, shutdown, &mut failures).await else {
                break;
            };
            let ended = pulling::pull(&self.shared, found, shutdown, &mut failures).await;
            if let Some(reason) = ended {
                tracing::info!(reason, "beginning to pull anew");
            }
        }
        self.shared
            .set_readiness(Readiness::NotReady("stopping".to_owned()));
        self.end_handlers(shutdown).await;
    }

    /// Waits for running handlers, abandons those that take too long, and sees that all acknowledgements are out.
    async fn end_handlers(&self, shutdown: &Shutdown) {
        let shared = &self.shared;
        tokio::select! {
            () = shared.slots.all_free() => {}
            () = tokio::time::sleep(shared.settings.drain_grace) => {}
            () = shutdown.ended() => {}
        }
        let abandoned = shared.slots.taken();
        if abandoned > 0 {
            tracing::warn!(
                abandoned,
                "handlers are still running at the end of the grace time; others will redo their requests"
            );
        }
        shared.abandon.cancel();
        let farewell = async {
            shared.slots.all_free().await;
            shared.connection.client().flush().await
        };
        match tokio::time::timeout(settings::FAREWELL, farewell).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last acknowledgements may be lost"),
            Err(_) => {
                tracing::warn!("NATS does not take the last acknowledgements; their requests will be redone");
            }
        }
    }
}
