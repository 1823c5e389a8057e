//! The servers in this process: the gateway with the proxy behind it, and the proxy's admin listener.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use platform::project::Project;
use proxy::{Proxy, ProxyError, config::Config, feed, routes::Routes};
use runtime::{
    admin::{self, Readiness},
    http::{self, Listener},
    lifecycle::{Reason, Shutdown},
    metrics::Metrics,
    nats,
};
use tokio::task::JoinSet;

use super::{api::Api, door::Door};
use crate::{error::Error, exit::Exit, gateway::Site};

/// Server threads for each of the two loopback addresses; each has a NATS connection of its own.
const SHARDS: usize = 2;
/// How long requests in flight may take once the stop has begun; components have their own, longer grace.
const DRAIN: Duration = Duration::from_millis(800);

/// The running servers.
pub(super) struct Front {
    readiness: Readiness,
    shutdown: Shutdown,
    serving: JoinSet<Result<(), http::Error>>,
    /// Kept for its end: dropping it closes the listener.
    #[expect(dead_code, reason = "only its drop matters")]
    admin: admin::Running,
}

/// What a front serves, and where.
pub(super) struct Plan {
    pub(super) site: Site,
    /// `None` for a project without an API.
    pub(super) routes: Option<Routes>,
    pub(super) nats_url: String,
    pub(super) door: Door,
    pub(super) admin: Listener,
}

/// The project's routes; `None` if it names none.
///
/// # Errors
/// When the file is missing or wrong.
pub(super) fn read_routes(project: &Project) -> Result<Option<Routes>, Error> {
    let read = |routes: &PathBuf| {
        Config {
            routes: routes.clone(),
            ..Config::default()
        }
        .read_routes()
    };
    Ok(project.routes.as_ref().map(read).transpose()?)
}

impl Front {
    /// Starts serving; the proxy connects to NATS by itself.
    ///
    /// # Errors
    /// When the proxy cannot be put together.
    pub(super) fn open(plan: Plan) -> Result<Self, Error> {
        let Plan {
            site,
            routes,
            nats_url,
            door,
            admin,
        } = plan;
        let listeners: Vec<Listener> = [Some(door.v4), door.v6].into_iter().flatten().collect();
        let shutdown = Shutdown::new();
        let (metrics, readiness) = (Metrics::with_process(), Readiness::new(&shutdown));
        let config = config(&nats_url, listeners.len() * SHARDS);
        let settings = config.http.clone();
        metrics.register(|registry| settings.meters.register(registry, "http"));
        let proxy = routes
            .map(|routes| Proxy::new(config, routes, &metrics, &readiness, &shutdown))
            .transpose()?
            .map(Arc::new);
        let mut serving = JoinSet::new();
        for (group, listener) in listeners.into_iter().enumerate() {
            let (site, proxy) = (site.clone(), proxy.clone());
            let factory = move |shard| {
                let (site, proxy) = (site.clone(), proxy.clone());
                async move { Ok::<_, ProxyError>(site.gateway(api(proxy, group * SHARDS + shard).await?)) }
            };
            serving.spawn(http::serve_sharded(
                listener,
                settings.clone(),
                SHARDS,
                factory,
                shutdown.clone(),
            ));
        }
        let admin = admin::start(admin, readiness.clone(), metrics);
        Ok(Front {
            readiness,
            shutdown,
            serving,
            admin,
        })
    }

    /// Why requests do not reach their streams; `None` while they do.
    pub(super) fn trouble(&self) -> Option<String> {
        self.readiness
            .report()
            .checks
            .into_iter()
            .find(|check| !check.ok)
            .map(|check| {
                let reason = check.reason.unwrap_or_default();
                format!("{}: {reason}", check.name)
            })
    }

    /// Waits until a server ends, which none does unless something is wrong.
    pub(super) async fn ended(&mut self) -> Error {
        let lost = Error::new(Exit::Failure, "the gateway has stopped");
        match self.serving.join_next().await {
            Some(Ok(Err(error))) => lost.caused_by(error),
            Some(Err(panic)) => lost.caused_by(panic),
            Some(Ok(Ok(()))) | None => lost,
        }
    }

    /// Accepts nothing new, ends what runs, and returns when all servers have ended.
    pub(super) async fn stop(mut self) {
        self.shutdown.drain(Reason::Requested);
        while self.serving.join_next().await.is_some() {}
    }
}

fn config(nats_url: &str, shards: usize) -> Config {
    let urls = nats_url.split(',').map(str::to_owned).collect();
    let defaults = Config::default();
    Config {
        shards,
        // All clients are this machine: one address is no reason to turn any away.
        feed: feed::Settings {
            max_clients_per_address: defaults.feed.max_clients,
            ..defaults.feed
        },
        http: http::Settings {
            drain_timeout: DRAIN,
            ..defaults.http
        },
        nats: nats::Settings {
            urls,
            ..defaults.nats
        },
        ..defaults
    }
}

async fn api(proxy: Option<Arc<Proxy>>, shard: usize) -> Result<Api, ProxyError> {
    Ok(match proxy {
        Some(proxy) => Api::Proxy(proxy.shard(shard).await?),
        None => Api::Absent,
    })
}
