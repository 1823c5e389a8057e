//! A nats-server and a proxy in front of it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use contract::definition;
use proxy::config::Config;
use proxy::{Error, Server, routes};
use runtime::admin::Readiness;
use runtime::lifecycle::{Reason, Shutdown};
use runtime::metrics::Metrics;
use testbed::nats;
use tokio::task::JoinHandle;

/// A condition comes true within this time, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The routes most tests use.
pub(crate) const ROUTES: &str = "
routes:
  - { path: /things, methods: [GET, POST], body_limit: 64KiB, timeout: 20s }
  - { path: '/things/{id}', methods: [GET, PUT, DELETE], timeout: 20s }
  - { path: /large, methods: [POST], body_limit: 4MiB, timeout: 20s }
  - { path: /quick, methods: [GET], timeout: 300ms }
  - { path: /happenings, methods: [POST], mode: event, timeout: 20s }
  - { path: /old, methods: [GET, POST], envelope: v1, timeout: 20s }
";

/// A stream that takes all requests, as small as the real one is large.
pub(crate) const STREAM: &str = "
apiVersion: jetstream.nats.io/v1beta2
kind: Stream
metadata: { name: requests }
spec:
  name: REQUESTS
  subjects: ['api.>']
  retention: workqueue
  storage: memory
  discard: new
  maxMsgs: 100
  maxAge: 2m
  duplicateWindow: 2m
  allowMsgTtl: true
";

/// A proxy under test with its nats-server.
pub(crate) struct System {
    pub(crate) nats: nats::Server,
    pub(crate) proxy: Running,
}

/// A proxy that serves.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) readiness: Readiness,
    pub(crate) metrics: Metrics,
    pub(crate) shutdown: Shutdown,
    pub(crate) task: JoinHandle<Result<(), Error>>,
}

impl System {
    /// With [`ROUTES`] and [`STREAM`], ready.
    pub(crate) async fn start() -> Self {
        Self::start_with(STREAM, |_| {}).await
    }

    /// With [`ROUTES`], these definitions and a changed configuration, ready.
    pub(crate) async fn start_with(streams: &str, change: impl FnOnce(&mut Config)) -> Self {
        let nats = nats::Server::start().unwrap();
        nats.apply(&definition::parse("streams.yaml", streams).unwrap())
            .await
            .unwrap();
        let proxy = Running::start(&nats.url(), change);
        let system = Self { nats, proxy };
        system.proxy.ready().await;
        system
    }

    /// With [`ROUTES`] and no stream at all: the test answers publishes itself. Connected, not ready.
    pub(crate) async fn start_without_streams() -> Self {
        let nats = nats::Server::start().unwrap();
        let proxy = Running::start(&nats.url(), |_| {});
        proxy.connected().await;
        Self { nats, proxy }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.proxy.address
    }
}

impl Running {
    /// Starts a proxy with two shards.
    pub(crate) fn start(nats: &str, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_routed(nats, ROUTES, change)
    }

    /// As [`Self::start`], with other routes.
    pub(crate) fn start_routed(nats: &str, routes: &str, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            shards: 2,
            ..Config::default()
        };
        config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.admin_listen = config.listen;
        config.nats.urls = vec![nats.to_owned()];
        change(&mut config);
        let routes = routes::parse("routes.yaml", routes).unwrap();
        let shutdown = Shutdown::new();
        let server = Server::with_routes(config, routes, &shutdown).unwrap();
        let (address, admin) = (server.address(), server.admin_address());
        let (readiness, metrics) = (server.readiness().clone(), server.metrics().clone());
        let task = tokio::spawn(server.serve());
        Self {
            address,
            admin,
            readiness,
            metrics,
            shutdown,
            task,
        }
    }

    /// Waits until nothing stands in the way of requests.
    pub(crate) async fn ready(&self) {
        until("the proxy is ready", || self.readiness.is_ready()).await;
    }

    /// Why a readiness check is not met.
    pub(crate) fn trouble(&self, check: &str) -> Option<String> {
        let report = self.readiness.report();
        report
            .checks
            .into_iter()
            .find(|state| state.name == check)
            .unwrap()
            .reason
    }

    /// Waits until every shard is connected.
    pub(crate) async fn connected(&self) {
        until("the proxy is connected", || self.trouble("nats").is_none()).await;
    }

    /// The sum of a metric's values over all series whose line begins like this; there must be one.
    pub(crate) fn metric(&self, line: &str) -> u64 {
        let text = self.metrics.encode();
        let values = text.lines().filter(|known| known.starts_with(line));
        let values: Vec<u64> = values
            .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
            .collect();
        assert!(!values.is_empty(), "no series begins with {line} in\n{text}");
        values.iter().sum()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.end(Reason::Requested);
    }
}

/// Waits for a condition.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
