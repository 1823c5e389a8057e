//! From the engine's listing to our own values; whatever is missing or odd there is left out.

use bollard::models::{
    ContainerSummary, ContainerSummaryStateEnum, EndpointSettings, PortSummary, PortSummaryTypeEnum,
};

use super::container::{Container, Published, Role, State};
use crate::cluster::labels;
use crate::cluster::spec::Protocol;

/// One container; `None` without an id or a name.
pub(super) fn container(summary: ContainerSummary) -> Option<Container> {
    let name = summary.names?.into_iter().next()?;
    let name = name.trim_start_matches('/').to_owned();
    let labels = summary.labels.unwrap_or_default();
    let role = role(labels.get(labels::ROLE).map_or("", String::as_str));
    let mut ports: Vec<Published> = summary
        .ports
        .unwrap_or_default()
        .into_iter()
        .filter_map(|port| published(port, &name))
        .collect();
    ports.sort();
    ports.dedup();
    let networks = summary
        .network_settings
        .and_then(|settings| settings.networks)
        .unwrap_or_default();
    Some(Container {
        id: summary.id?,
        role,
        state: state(summary.state),
        image: summary.image.unwrap_or_default(),
        labels: labels.into_iter().collect(),
        ports,
        networks: networks
            .into_iter()
            .map(|(network, endpoint)| (network, address(&endpoint)))
            .collect(),
        name,
    })
}

fn role(label: &str) -> Role {
    match label {
        "server" => Role::Server,
        "agent" => Role::Agent,
        "loadbalancer" => Role::LoadBalancer,
        "registry" => Role::Registry,
        _ => Role::Other,
    }
}

fn state(state: Option<ContainerSummaryStateEnum>) -> State {
    use ContainerSummaryStateEnum as Engine;
    match state {
        Some(Engine::CREATED) => State::Created,
        Some(Engine::RUNNING | Engine::STOPPING) => State::Running,
        Some(Engine::PAUSED) => State::Paused,
        Some(Engine::RESTARTING) => State::Restarting,
        Some(Engine::EXITED) => State::Exited,
        Some(Engine::REMOVING | Engine::DEAD | Engine::EMPTY) | None => State::Dead,
    }
}

fn published(port: PortSummary, container: &str) -> Option<Published> {
    let protocol = match port.typ {
        Some(PortSummaryTypeEnum::TCP) => Protocol::Tcp,
        Some(PortSummaryTypeEnum::UDP) => Protocol::Udp,
        _ => return None,
    };
    Some(Published {
        host_ip: port.ip?.parse().ok()?,
        host_port: port.public_port?,
        container_port: port.private_port,
        protocol,
        container: container.to_owned(),
    })
}

fn address(endpoint: &EndpointSettings) -> Option<std::net::IpAddr> {
    endpoint.ip_address.as_deref()?.parse().ok()
}
