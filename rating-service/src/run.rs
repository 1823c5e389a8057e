//! Puts the parts together and runs them until the stop.

use std::sync::Arc;

use prometheus_client::registry::Registry;
use runtime::lifecycle::Shutdown;
use runtime::nats::{self, Connection};
use runtime::worker::{Observer, Worker};
use tokio_util::sync::CancellationToken;

use crate::api::Api;
use crate::config::{Config, ConfigError};
use crate::database::Keeper;
use crate::handler::RatingHandler;
use crate::metrics::{RelayMetrics, RequestMetrics};
use crate::relay::Relay;
use crate::store::{Store, StoreError};

/// Why the service could not start. A database or a NATS server that cannot be reached is no reason: the service runs,
/// says so at `/readyz`, and goes on trying.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration contradicts itself.
    #[error("the configuration is not valid")]
    Config(#[from] ConfigError),
    /// The database is named in a way that is not understood.
    #[error("cannot use the database")]
    Store(#[from] StoreError),
    /// The connection to NATS could not even be begun.
    #[error("cannot begin to connect to NATS")]
    Nats(#[from] nats::ConnectError),
    /// The worker's settings contradict themselves.
    #[error("cannot make the worker")]
    Worker(#[from] runtime::worker::SettingsError),
}

/// Runs the service until `shutdown`; returns when requests, events and connections have been brought to their end.
/// `observer` is told of the stages each request passes.
pub async fn run(
    config: Config,
    observer: Option<Arc<dyn Observer>>,
    shutdown: Shutdown,
) -> Result<(), Error> {
    config.validate()?;
    let store = Store::open(&config.database)?;
    let connection = nats::connect(&config.nats).await?;
    let (requests, relayed) = (RequestMetrics::default(), RelayMetrics::default());
    let keeper = Keeper::new(store.clone(), config.retention());
    let relay = Relay::new(
        store.clone(),
        connection.clone(),
        config.relay.clone(),
        relayed.clone(),
    );
    let handler = RatingHandler {
        api: Api::new(store.clone(), &config.base_path),
        metrics: requests.clone(),
    };
    let mut worker = Worker::new(
        connection.clone(),
        config.codec()?,
        config.worker.clone(),
        handler,
    )?;
    if let Some(observer) = observer {
        worker = worker.observed_by(observer);
    }
    let mut registry = Registry::default();
    requests.register(&mut registry);
    relayed.register(&mut registry);
    worker.metrics().register(&mut registry);

    let keeping = tokio::spawn(keeper.run());
    let relay_stop = CancellationToken::new();
    let relaying = tokio::spawn(relay.run(relay_stop.clone()));
    worker.run(&shutdown).await;
    // Only now: the last requests have caused events too.
    relay_stop.cancel();
    if let Err(error) = relaying.await {
        tracing::error!(%error, "the relay did not end well");
    }
    keeping.abort();
    store.close().await;
    say_goodbye(&connection).await;
    Ok(())
}

async fn say_goodbye(connection: &Connection) {
    if connection.is_connected()
        && let Err(error) = connection.client().drain().await
    {
        tracing::debug!(%error, "the connection to NATS ended by itself");
    }
}
