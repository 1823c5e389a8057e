//! The container of a node: everything k3d and we put into it.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use bollard::models::{
    ContainerCreateBody, EndpointSettings, HostConfig, NetworkingConfig, PortBinding, PortMap, RestartPolicy,
    RestartPolicyNameEnum,
};

use super::network::Network;
use super::spec::{Node, Protocol};
use super::{Name, Spec, entrypoint, labels};

/// The port of the API server in a node.
const API_PORT: u16 = 6443;
/// Where a node leaves its kubeconfig, and where k3d looks for it.
pub(super) const KUBECONFIG: &str = "/output/kubeconfig.yaml";
/// Where imported images are handed over.
const IMAGES: &str = "/k3d/images";
/// Seconds a node may take to end: k3s, then pods that flush.
pub(super) const STOP_SECONDS: i32 = 30;

/// What the nodes of a cluster have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blueprint<'a> {
    pub(super) spec: &'a Spec,
    /// The spec as its label says it.
    pub(super) label: &'a str,
    pub(super) network: &'a Network,
    /// The secret with which nodes join.
    pub(super) token: &'a str,
    /// The API server's port on this machine.
    pub(super) api_port: u16,
}

/// The container.
pub(super) fn body(blueprint: Blueprint<'_>, node: Node) -> ContainerCreateBody {
    let Blueprint { spec, network, .. } = blueprint;
    let name = spec.name.node(node);
    let endpoint = EndpointSettings {
        aliases: Some(vec![name.clone()]),
        ..EndpointSettings::default()
    };
    let (exposed, bindings) = ports(blueprint, node);
    ContainerCreateBody {
        hostname: Some(name),
        image: Some(spec.image.clone()),
        entrypoint: Some(vec![entrypoint::PATH.to_owned()]),
        cmd: Some(command(blueprint, node)),
        env: Some(environment(blueprint, node)),
        labels: Some(labels_of(blueprint, node).into_iter().collect()),
        exposed_ports: Some(exposed),
        stop_timeout: Some(i64::from(STOP_SECONDS)),
        networking_config: Some(NetworkingConfig {
            endpoints_config: Some([(network.name.clone(), endpoint)].into()),
        }),
        host_config: Some(HostConfig {
            port_bindings: Some(bindings),
            binds: Some(binds(spec, node)),
            network_mode: Some(network.name.clone()),
            ..privileged()
        }),
        ..ContainerCreateBody::default()
    }
}

/// What every node may do on the machine that it runs on.
fn privileged() -> HostConfig {
    let tmpfs: HashMap<String, String> = ["/run", "/var/run"]
        .map(|path| (path.to_owned(), String::new()))
        .into();
    HostConfig {
        privileged: Some(true),
        init: Some(true),
        userns_mode: Some("host".to_owned()),
        tmpfs: Some(tmpfs),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::UNLESS_STOPPED),
            maximum_retry_count: None,
        }),
        ..HostConfig::default()
    }
}

fn command(blueprint: Blueprint<'_>, node: Node) -> Vec<String> {
    let spec = blueprint.spec;
    let mut words = Vec::new();
    match node {
        Node::Server(number) => {
            words.push("server".to_owned());
            if spec.servers > 1 && number == 0 {
                words.push("--cluster-init".to_owned());
            }
            words.extend(["--tls-san".to_owned(), spec.api.host.clone()]);
        }
        Node::Agent(_) => words.push("agent".to_owned()),
    }
    words.extend(spec.args_of(node).map(str::to_owned));
    words
}

fn environment(blueprint: Blueprint<'_>, node: Node) -> Vec<String> {
    let mut variables = vec![
        format!("K3S_TOKEN={}", blueprint.token),
        format!("K3S_KUBECONFIG_OUTPUT={KUBECONFIG}"),
    ];
    if node != Node::Server(0) {
        variables.push(format!("K3S_URL={}", url(&blueprint.spec.name)));
    }
    variables.extend(blueprint.spec.env_of(node).map(str::to_owned));
    variables
}

/// How other nodes reach the API server.
fn url(cluster: &Name) -> String {
    format!("https://{}:{API_PORT}", cluster.server(0))
}

fn binds(spec: &Spec, node: Node) -> Vec<String> {
    let images = format!("{}:{IMAGES}", spec.name.image_volume());
    std::iter::once(images)
        .chain(spec.binds_of(node).map(str::to_owned))
        .collect()
}

/// Ports as the engine wants them: which there are, and where on this machine. Without a load balancer the first server publishes
/// the API server's port itself.
fn ports(blueprint: Blueprint<'_>, node: Node) -> (Vec<String>, PortMap) {
    let spec = blueprint.spec;
    let mut bindings: BTreeMap<String, Vec<PortBinding>> = BTreeMap::new();
    if node == Node::Server(0) {
        bindings
            .entry(format!("{API_PORT}/tcp"))
            .or_default()
            .push(binding(spec.api.ip, blueprint.api_port));
    }
    for port in spec.ports_of(node) {
        let protocol = match port.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        let key = format!("{}/{protocol}", port.node_port);
        bindings
            .entry(key)
            .or_default()
            .push(binding(port.host_ip, port.host_port));
    }
    let exposed = bindings.keys().cloned().collect();
    (
        exposed,
        bindings
            .into_iter()
            .map(|(key, bindings)| (key, Some(bindings)))
            .collect(),
    )
}

/// A port of this machine.
pub(super) fn binding(ip: IpAddr, port: u16) -> PortBinding {
    PortBinding {
        host_ip: Some(ip.to_string()),
        host_port: Some(port.to_string()),
    }
}

fn labels_of(blueprint: Blueprint<'_>, node: Node) -> BTreeMap<String, String> {
    let Blueprint {
        spec,
        network,
        token,
        api_port,
        label,
    } = blueprint;
    let mut given = labels::of_object(&spec.name);
    let mut give = |key: &str, value: &str| drop(given.insert(key.to_owned(), value.to_owned()));
    give(labels::SPEC, label);
    give(labels::CLUSTER_URL, &url(&spec.name));
    give(labels::CLUSTER_TOKEN, token);
    give(labels::IMAGE_VOLUME, &spec.name.image_volume());
    give(labels::NETWORK, &network.name);
    give(labels::NETWORK_ID, &network.id);
    give(labels::NETWORK_RANGE, &network.range);
    give(
        labels::NETWORK_EXTERNAL,
        if network.external { "true" } else { "false" },
    );
    // There is none: the first server publishes the API server's port itself.
    give(labels::LOAD_BALANCER, "");
    match node {
        Node::Agent(_) => give(labels::ROLE, "agent"),
        Node::Server(number) => {
            give(labels::ROLE, "server");
            give(labels::API_HOST, &spec.api.host);
            give(labels::API_HOST_IP, &spec.api.ip.to_string());
            give(labels::API_PORT, &api_port.to_string());
            if spec.servers > 1 && number == 0 {
                give(labels::SERVER_INIT, "true");
            }
        }
    }
    given
}

#[cfg(test)]
mod tests;
