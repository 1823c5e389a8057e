//! Registry containers: the cluster's own, and those that fetch other registries' images.

use std::net::IpAddr;

use bollard::models::{ContainerCreateBody, HostConfig, RestartPolicy, RestartPolicyNameEnum};

use super::spec::{DEFAULT_REGISTRY_IMAGE, LOOPBACK, REGISTRY_INTERNAL_PORT};
use super::{Spec, labels, node};

/// Where a registry keeps its data.
const DATA: &str = "/var/lib/registry";

/// A registry container as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The container's name; that of its volume too.
    pub(super) name: String,
    pub(super) image: String,
    pub(super) ip: IpAddr,
    /// Its port on this machine; `None` for any free one.
    pub(super) port: Option<u16>,
    /// Where it fetches what it does not have.
    pub(super) upstream: Option<String>,
}

/// The registries of a cluster, its own one first.
pub(super) fn wanted(spec: &Spec) -> Vec<Wanted> {
    let own = spec.registry.iter().map(|registry| Wanted {
        name: registry.name.clone(),
        image: registry.image.clone(),
        ip: registry.ip,
        port: registry.port,
        upstream: None,
    });
    let image = spec
        .registry
        .as_ref()
        .map_or(DEFAULT_REGISTRY_IMAGE, |registry| &registry.image);
    // Nobody calls them from this machine; k3d wants every registry to publish a port.
    let fetching = spec.pull_throughs().map(|mirror| Wanted {
        name: mirror.name,
        image: image.to_owned(),
        ip: LOOPBACK,
        port: None,
        upstream: Some(mirror.upstream),
    });
    own.chain(fetching).collect()
}

/// The container. It is made on the engine's default network, so that it lives on without the cluster's.
pub(super) fn body(wanted: &Wanted, spec: &Spec, label: &str, port: u16) -> ContainerCreateBody {
    let internal = format!("{REGISTRY_INTERNAL_PORT}/tcp");
    let mut given = labels::of_object(&spec.name);
    let host = wanted.ip.to_string();
    for (key, value) in [
        (labels::SPEC, label),
        (labels::ROLE, "registry"),
        (labels::REGISTRY_HOST, host.as_str()),
        (labels::REGISTRY_HOST_IP, host.as_str()),
        (labels::REGISTRY_PORT_EXTERNAL, port.to_string().as_str()),
        (
            labels::REGISTRY_PORT_INTERNAL,
            REGISTRY_INTERNAL_PORT.to_string().as_str(),
        ),
    ] {
        given.insert(key.to_owned(), value.to_owned());
    }
    // Without deletes its volume only ever grows.
    let mut variables = vec!["REGISTRY_STORAGE_DELETE_ENABLED=true".to_owned()];
    variables.extend(
        wanted
            .upstream
            .as_ref()
            .map(|upstream| format!("REGISTRY_PROXY_REMOTEURL={upstream}")),
    );
    ContainerCreateBody {
        hostname: Some(wanted.name.clone()),
        image: Some(wanted.image.clone()),
        env: Some(variables),
        labels: Some(given.into_iter().collect()),
        exposed_ports: Some(vec![internal.clone()]),
        host_config: Some(HostConfig {
            binds: Some(vec![format!("{}:{DATA}", wanted.name)]),
            network_mode: Some("bridge".to_owned()),
            port_bindings: Some([(internal, Some(vec![node::binding(wanted.ip, port)]))].into()),
            restart_policy: Some(RestartPolicy {
                name: Some(RestartPolicyNameEnum::UNLESS_STOPPED),
                maximum_retry_count: None,
            }),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}
