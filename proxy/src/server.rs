//! A whole proxy: both listeners, the shards, and what the admin listener says of them.

use std::net::SocketAddr;
use std::sync::Arc;

use runtime::admin::{self, Readiness};
use runtime::http::{self, Listener, Meters};
use runtime::lifecycle::Shutdown;
use runtime::metrics::Metrics;

use crate::config::{Config, ConfigError};
use crate::proxy::{Proxy, ProxyError};
use crate::routes::Routes;

/// Why a proxy does not serve.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration or the routes are wrong.
    #[error("the proxy is not configured properly")]
    Config(#[source] ConfigError),
    /// An address cannot be listened on.
    #[error("the proxy cannot listen for {purpose}")]
    Bind {
        /// Requests or the admin pages.
        purpose: &'static str,
        /// What the system said.
        source: Box<http::BindError>,
    },
    /// The parts do not fit together.
    #[error("the proxy cannot be put together")]
    Proxy(#[source] ProxyError),
    /// Serving has failed.
    #[error("the proxy stopped serving")]
    Serve(#[source] Box<http::Error>),
}

/// A proxy that listens; it answers once [`Server::serve`] runs.
#[derive(Debug)]
pub struct Server {
    config: Config,
    proxy: Arc<Proxy>,
    requests: Listener,
    admin: Listener,
    metrics: Metrics,
    readiness: Readiness,
    shutdown: Shutdown,
}

impl Server {
    /// Reads the routes file and takes both addresses; port 0 is any free one.
    ///
    /// # Errors
    /// [`Error::Config`], [`Error::Bind`], [`Error::Proxy`].
    pub fn bind(config: Config, shutdown: &Shutdown) -> Result<Self, Error> {
        let routes = config.read_routes().map_err(Error::Config)?;
        Self::with_routes(config, routes, shutdown)
    }

    /// As [`Server::bind`], with routes from elsewhere.
    ///
    /// # Errors
    /// [`Error::Bind`], [`Error::Proxy`].
    pub fn with_routes(mut config: Config, routes: Routes, shutdown: &Shutdown) -> Result<Self, Error> {
        let listen = |address, purpose| {
            Listener::bind(address).map_err(|source| Error::Bind {
                purpose,
                source: Box::new(source),
            })
        };
        let requests = listen(config.listen, "requests")?;
        let admin = listen(config.admin_listen, "the admin pages")?;
        let (metrics, readiness) = (Metrics::with_process(), Readiness::new(shutdown));
        config.http.meters = Meters::default();
        metrics.register(|registry| config.http.meters.register(registry, "http"));
        let proxy =
            Proxy::new(config.clone(), routes, &metrics, &readiness, shutdown).map_err(Error::Proxy)?;
        let proxy = Arc::new(proxy);
        Ok(Self {
            config,
            proxy,
            requests,
            admin,
            metrics,
            readiness,
            shutdown: shutdown.clone(),
        })
    }

    /// Where requests come in.
    pub fn address(&self) -> SocketAddr {
        self.requests.local_addr()
    }

    /// Where the admin pages are.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.local_addr()
    }

    /// What `/metrics` shows.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What `/readyz` shows.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Serves until the stop; requests in flight then get their time to finish.
    ///
    /// # Errors
    /// [`Error::Serve`].
    pub async fn serve(self) -> Result<(), Error> {
        let Self {
            config,
            proxy,
            requests,
            admin,
            metrics,
            readiness,
            shutdown,
        } = self;
        tracing::info!(address = %requests.local_addr(), admin = %admin.local_addr(), "serving");
        let _admin = admin::start(admin, readiness, metrics);
        let (settings, shards) = (config.http.clone(), config.shards());
        let shard = move |index| {
            let proxy = Arc::clone(&proxy);
            async move { proxy.shard(index).await }
        };
        http::serve_sharded(requests, settings, shards, shard, shutdown)
            .await
            .map_err(|source| Error::Serve(Box::new(source)))
    }
}

/// Binds and serves: what `main` does, and whoever embeds the proxy without needing its addresses.
///
/// # Errors
/// [`Error`].
pub async fn run(config: Config, shutdown: Shutdown) -> Result<(), Error> {
    Server::bind(config, &shutdown)?.serve().await
}
