//! The registries: whether they answer, and under which names.

use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;

use super::Known;
use crate::causes::chain;
use crate::cluster::spec::REGISTRY_INTERNAL_PORT;
use crate::cluster::{Container, Found, State};
use crate::registry;

/// A registry on this machine answers at once.
const LIMIT: Duration = Duration::from_secs(1);

/// A registry of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Registry {
    /// The container's name.
    pub name: String,
    /// What the container is doing.
    pub container: State,
    /// How it is called on this machine and in image names, such as `localhost:5000`.
    pub address: Option<String>,
    /// How it is called from inside the cluster's network.
    pub network: String,
    /// How many repositories it has, if it answers.
    pub repositories: Known<usize>,
}

/// Looks at every registry of a cluster.
pub(super) async fn look(found: &Found) -> Vec<Registry> {
    join_all(found.registries.iter().map(look_at)).await
}

async fn look_at(container: &Container) -> Registry {
    let port = container.registry_port();
    let repositories = match port {
        _ if container.state != State::Running => Err("it does not run".to_owned()),
        None => Err("it publishes no port".to_owned()),
        Some(port) => count(port).await,
    };
    Registry {
        name: container.name.clone(),
        container: container.state,
        address: port.map(|port| format!("localhost:{port}")),
        network: format!("{}:{REGISTRY_INTERNAL_PORT}", container.name),
        repositories: repositories.into(),
    }
}

async fn count(port: u16) -> Result<usize, String> {
    let registry = registry::Registry::at(format!("127.0.0.1:{port}"));
    match tokio::time::timeout(LIMIT, registry.repositories()).await {
        Ok(repositories) => repositories
            .map(|names| names.len())
            .map_err(|error| chain(&error)),
        Err(_) => Err(format!("no answer within {} s", LIMIT.as_secs())),
    }
}
