//! Puts the parts together and runs them until the stop.

use std::net::SocketAddr;
use std::sync::Arc;

use runtime::admin::{self, Readiness};
use runtime::http::{BindError, Listener};
use runtime::lifecycle::Shutdown;
use runtime::metrics::Metrics;
use runtime::nats::{self, Connection};
use runtime::service::{Consumes, Endpoint, Instance};
use runtime::worker::{Observer, Worker};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

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
    /// The admin listener's address cannot be used.
    #[error("cannot serve /livez, /readyz and /metrics")]
    Admin(#[from] BindError),
    /// The worker's settings contradict themselves.
    #[error("cannot make the worker")]
    Worker(#[from] runtime::worker::SettingsError),
}

/// Runs the service until `shutdown`; returns when requests, events and connections have been brought to their end, or
/// at the hard stop. `observer` is told of the stages each request passes.
pub async fn run(
    config: Config,
    observer: Option<Arc<dyn Observer>>,
    shutdown: Shutdown,
) -> Result<(), Error> {
    let parts = Parts::make(&config, observer, &shutdown).await?;
    let questions = answer_questions(&config, &parts)?;
    let admin = open_admin(config.admin_listen, parts.readiness, parts.metrics)?;
    let keeping = AbortOnDropHandle::new(tokio::spawn(parts.keeper.run()));
    let questions = AbortOnDropHandle::new(tokio::spawn(questions));
    let relay_stop = CancellationToken::new();
    let relaying = AbortOnDropHandle::new(tokio::spawn(parts.relay.run(relay_stop.clone())));
    parts.worker.run(&shutdown).await;
    drop((keeping, questions));
    let ending = async {
        // Only now: the last requests have caused events too.
        relay_stop.cancel();
        if let Err(error) = relaying.await {
            tracing::error!(%error, "the relay did not end well");
        }
        parts.store.close().await;
        say_goodbye(&parts.connection).await;
    };
    tokio::select! {
        () = ending => {}
        () = shutdown.ended() => tracing::warn!("ending before everything was brought to its end"),
    }
    drop(admin);
    Ok(())
}

/// Everything that runs, not yet running.
struct Parts {
    store: Store,
    connection: Connection,
    keeper: Keeper,
    worker: Worker<RatingHandler>,
    relay: Relay,
    readiness: Readiness,
    metrics: Metrics,
}

impl Parts {
    async fn make(
        config: &Config,
        observer: Option<Arc<dyn Observer>>,
        shutdown: &Shutdown,
    ) -> Result<Self, Error> {
        config.validate()?;
        let store = Store::open(&config.database)?;
        let connection = nats::connect(&config.nats).await?;
        let readiness = Readiness::new(shutdown);
        let (requests, relayed) = (RequestMetrics::default(), RelayMetrics::default());
        let keeper = Keeper::new(store.clone(), config.retention(), readiness.check("database"));
        let api = Api::new(store.clone(), &config.base_path);
        let handler = RatingHandler {
            api,
            metrics: requests.clone(),
        };
        let mut worker = Worker::new(
            connection.clone(),
            config.codec()?,
            config.worker.clone(),
            handler,
        )?
        .reporting_to(readiness.check("consumer"));
        if let Some(observer) = observer {
            worker = worker.observed_by(observer);
        }
        let relay = Relay::new(
            store.clone(),
            connection.clone(),
            config.relay.clone(),
            relayed.clone(),
            readiness.check("relay"),
        );
        let metrics = Metrics::with_process();
        metrics.register(|registry| {
            requests.register(registry);
            relayed.register(registry);
            worker.metrics().register(registry);
        });
        Ok(Self {
            store,
            connection,
            keeper,
            worker,
            relay,
            readiness,
            metrics,
        })
    }
}

fn open_admin(address: SocketAddr, readiness: Readiness, metrics: Metrics) -> Result<admin::Running, Error> {
    let listener = Listener::bind(address)?;
    tracing::info!(address = %listener.local_addr(), "serving /livez, /readyz and /metrics");
    Ok(admin::start(listener, readiness, metrics))
}

/// Answers `$SRV.STATS` and its like with what the worker has counted.
fn answer_questions(
    config: &Config,
    parts: &Parts,
) -> Result<impl Future<Output = ()> + Send + 'static, ConfigError> {
    let instance = Instance::of_this_process(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
    );
    let (head, routes) = (config.codec()?.head().to_owned(), parts.worker.routes());
    let consumes = Consumes {
        stream: config.worker.stream.clone(),
        consumer: config.worker.consumer.clone(),
    };
    let concurrency = u64::try_from(config.worker.slots).unwrap_or(u64::MAX);
    Ok(instance.answer(parts.connection.clone(), move || Endpoint {
        name: "requests".to_owned(),
        head: head.clone(),
        consumes: Some(consumes.clone()),
        concurrency,
        routes: routes.totals(),
    }))
}

async fn say_goodbye(connection: &Connection) {
    if connection.is_connected()
        && let Err(error) = connection.client().drain().await
    {
        tracing::debug!(%error, "the connection to NATS ended by itself");
    }
}
