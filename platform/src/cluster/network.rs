//! The network that a cluster's containers share.

use std::collections::HashMap;
use std::net::IpAddr;

use bollard::models::{
    Ipam, IpamConfig, Network as Listed, NetworkCreateRequest, NetworkDisconnectRequest, NetworkInspect,
};
use bollard::query_parameters::ListNetworksOptionsBuilder;

use super::steps::Steps;
use super::{Error, Name, container, labels};
use crate::docker::{self, Engine};
use crate::plain_line::plain_line;

/// A network as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Network {
    pub(super) id: String,
    pub(super) name: String,
    /// Its address range, such as `172.20.0.0/16`; empty when the engine gave it none.
    pub(super) range: String,
    /// This machine's address on it, if the engine's machine is this one.
    pub(super) gateway: Option<IpAddr>,
    /// Whether it was there before the cluster, and stays after it.
    pub(super) external: bool,
}

/// Looks for the network of this name. One that carries k3d's label under a cluster's own name is that cluster's, whoever made it.
pub(super) async fn find(
    engine: &Engine,
    name: &str,
    cluster: &Name,
) -> Result<Option<Network>, docker::Error> {
    let mut filters = HashMap::new();
    filters.insert("name".to_owned(), vec![format!("^{name}$")]);
    let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
    let listed = engine.api().list_networks(Some(options)).await;
    let mut listed = listed.map_err(|source| docker::Error::of("list the engine's networks", source))?;
    // The engine allows several of one name; the oldest is the one that containers are on.
    listed.sort_by_key(|one| one.created);
    let found = listed
        .into_iter()
        .find(|network| network.name.as_deref() == Some(name));
    Ok(found.and_then(|network| of(network, cluster)))
}

/// Makes the cluster's own network.
pub(super) async fn create(steps: &Steps, engine: &Engine, cluster: &Name) -> Result<Network, Error> {
    let name = cluster.context();
    let request = NetworkCreateRequest {
        name: name.clone(),
        driver: Some("bridge".to_owned()),
        options: Some(
            [(
                "com.docker.network.bridge.enable_ip_masquerade".to_owned(),
                "true".to_owned(),
            )]
            .into(),
        ),
        labels: Some(labels::of_object(cluster).into_iter().collect()),
        ..NetworkCreateRequest::default()
    };
    let api = engine.clone();
    let work = async move {
        let made = api.api().create_network(request).await;
        let made = made.map_err(|source| docker::Error::of(format!("create network {name}"), source))?;
        // By its id: only the engine knows which addresses it gave it.
        let network = api.api().inspect_network(&made.id, None).await;
        network.map_err(|source| docker::Error::of(format!("inspect network {name}"), source))
    };
    let made = inspected(steps.change(work).await?);
    // Older engines let several have one name: a killed process may have asked for one that has come to be meanwhile.
    match find(engine, &made.name, cluster).await? {
        Some(older) if older.id != made.id => {
            remove(steps, engine, &made.id, &made.name).await?;
            Ok(older)
        }
        _ => Ok(made),
    }
}

/// Removes a network; one that is gone is fine.
pub(super) async fn remove(
    steps: &Steps,
    engine: &Engine,
    id: &str,
    name: &str,
) -> Result<(), docker::Error> {
    let (engine, id, name) = (engine.clone(), id.to_owned(), name.to_owned());
    let work = async move {
        let removed = engine.api().remove_network(&id).await;
        container::gone(removed).map_err(|source| docker::Error::of(format!("remove network {name}"), source))
    };
    steps.change(work).await
}

/// The names of the containers on a network; running ones only, the engine does not tell the others.
pub(super) async fn members(engine: &Engine, id: &str) -> Result<Vec<String>, docker::Error> {
    let network = engine.api().inspect_network(id, None).await;
    let network = network.map_err(|source| docker::Error::of(format!("inspect network {id}"), source))?;
    let members = network.containers.unwrap_or_default().into_values();
    let mut names: Vec<String> = members
        .filter_map(|member| member.name)
        .map(|name| plain_line(&name))
        .collect();
    names.sort();
    Ok(names)
}

/// Takes a container off a network; one that is not on it is fine.
pub(super) async fn leave(
    steps: &Steps,
    engine: &Engine,
    network: &str,
    container: &str,
) -> Result<(), docker::Error> {
    let (engine, network, container) = (engine.clone(), network.to_owned(), container.to_owned());
    let work = async move {
        let request = NetworkDisconnectRequest {
            container: container.clone(),
            force: Some(true),
        };
        let left = engine.api().disconnect_network(&network, request).await;
        container::gone(left)
            .map_err(|source| docker::Error::of(format!("disconnect container {container}"), source))
    };
    steps.change(work).await
}

fn of(network: Listed, cluster: &Name) -> Option<Network> {
    let name = network.name?;
    let labelled = network.labels.unwrap_or_default();
    let ours = name == cluster.context()
        && labelled
            .get(labels::APP)
            .is_some_and(|app| app == labels::APP_K3D);
    let (range, gateway) = addresses(network.ipam);
    Some(Network {
        id: network.id?,
        name,
        range,
        gateway,
        external: !ours,
    })
}

fn inspected(network: NetworkInspect) -> Network {
    let (range, gateway) = addresses(network.ipam);
    Network {
        id: network.id.unwrap_or_default(),
        name: network.name.unwrap_or_default(),
        range,
        gateway,
        external: false,
    }
}

/// The IPv4 range, and the gateway's address in it.
fn addresses(ipam: Option<Ipam>) -> (String, Option<IpAddr>) {
    let configs = ipam.and_then(|ipam| ipam.config).unwrap_or_default();
    let is_v4 = |config: &IpamConfig| {
        config
            .subnet
            .as_deref()
            .is_some_and(|subnet| subnet.contains('.'))
    };
    let config = configs.into_iter().find(is_v4).unwrap_or_default();
    let gateway = config.gateway.and_then(|gateway| gateway.parse().ok());
    (config.subnet.unwrap_or_default(), gateway)
}
