//! The servers in this process: the gateway with the proxy behind it, and the proxy's admin listener.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use platform::project::Project;
use prometheus_client::registry::Registry;
use proxy::{
    Health, Proxy, ProxyError,
    config::Config,
    routes::{self, Routes},
};
use runtime::{
    http::{self, Listener},
    lifecycle::{Reason, Shutdown},
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
    health: Option<Health>,
    shutdown: Shutdown,
    serving: JoinSet<Result<(), http::Error>>,
}

/// What a front serves, and where.
pub(super) struct Plan<'a> {
    pub(super) project: &'a Project,
    pub(super) nats_url: &'a str,
    pub(super) site: Site,
    pub(super) door: Door,
    pub(super) admin: Listener,
}

impl Front {
    /// Starts serving; the proxy connects to NATS by itself.
    ///
    /// # Errors
    /// When the routes are wrong.
    pub(super) fn open(plan: Plan<'_>) -> Result<Self, Error> {
        let Plan {
            project,
            nats_url,
            site,
            door,
            admin,
        } = plan;
        let listeners: Vec<Listener> = [Some(door.v4), door.v6].into_iter().flatten().collect();
        let mut registry = Registry::default();
        let config = config(nats_url, listeners.len() * SHARDS);
        let settings = config.http.clone();
        let proxy = match &project.routes {
            Some(file) => Some(Proxy::new(config, read_routes(file)?, &mut registry)?),
            None => None,
        };
        let health = proxy.as_ref().map(|proxy| proxy.health().clone());
        let (proxy, shutdown, mut serving) = (Arc::new(proxy), Shutdown::new(), JoinSet::new());
        for (group, listener) in listeners.into_iter().enumerate() {
            let (site, proxy) = (site.clone(), Arc::clone(&proxy));
            let factory = move |shard| {
                let (site, proxy) = (site.clone(), Arc::clone(&proxy));
                async move {
                    Ok::<_, ProxyError>(
                        site.gateway(api(proxy.as_ref().as_ref(), group * SHARDS + shard).await?),
                    )
                }
            };
            serving.spawn(http::serve_sharded(
                listener,
                settings.clone(),
                SHARDS,
                factory,
                shutdown.clone(),
            ));
        }
        drop((admin, registry));
        Ok(Front {
            health,
            shutdown,
            serving,
        })
    }

    /// Why requests do not reach their streams; `None` while they do.
    pub(super) fn trouble(&self) -> Option<String> {
        let health = self.health.as_ref()?;
        health.connection_trouble().or_else(|| health.stream_trouble())
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

fn read_routes(file: &Path) -> Result<Routes, Error> {
    let text = fs::read_to_string(file).map_err(|error| {
        Error::new(
            Exit::Configuration,
            format!("cannot read the routes {}", file.display()),
        )
        .caused_by(error)
    })?;
    Ok(routes::parse(&file.display().to_string(), &text)?)
}

async fn api(proxy: Option<&Proxy>, shard: usize) -> Result<Api, ProxyError> {
    Ok(match proxy {
        Some(proxy) => Api::Proxy(proxy.shard(shard).await?),
        None => Api::Absent,
    })
}
