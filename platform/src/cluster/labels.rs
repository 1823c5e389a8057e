//! The labels by which k3d, and we, know a cluster's containers, networks and volumes (k3d 5: `pkg/types/types.go`).

/// Every object of k3d carries `app=k3d`; without it k3d sees nothing.
pub const APP: &str = "app";
/// The value of [`APP`].
pub const APP_K3D: &str = "k3d";
/// The k3d version whose conventions an object keeps to.
pub const VERSION: &str = "k3d.version";
/// The cluster's name.
pub const CLUSTER: &str = "k3d.cluster";
/// How other nodes reach the API server: `https://k3d-<cluster>-server-0:6443`.
pub const CLUSTER_URL: &str = "k3d.cluster.url";
/// The secret with which nodes join.
pub const CLUSTER_TOKEN: &str = "k3d.cluster.token";
/// The volume for images that are imported.
pub const IMAGE_VOLUME: &str = "k3d.cluster.imageVolume";
/// The network's name.
pub const NETWORK: &str = "k3d.cluster.network";
/// The network's id.
pub const NETWORK_ID: &str = "k3d.cluster.network.id";
/// The network's address range, such as `172.20.0.0/16`.
pub const NETWORK_RANGE: &str = "k3d.cluster.network.iprange";
/// `true` if the network was there before the cluster, and stays after it.
pub const NETWORK_EXTERNAL: &str = "k3d.cluster.network.external";
/// `server`, `agent`, `loadbalancer`, `registry` or `noRole`.
pub const ROLE: &str = "k3d.role";
/// The load balancer's container; empty without one.
pub const LOAD_BALANCER: &str = "k3d.server.loadbalancer";
/// The host name in the kubeconfig.
pub const API_HOST: &str = "k3d.server.api.host";
/// The address the API server's port is bound to.
pub const API_HOST_IP: &str = "k3d.server.api.hostIP";
/// The API server's port on this machine.
pub const API_PORT: &str = "k3d.server.api.port";
/// `true` on the first of several servers.
pub const SERVER_INIT: &str = "k3d.server.init";
/// The host name under which the registry is pushed to.
pub const REGISTRY_HOST: &str = "k3d.registry.host";
/// The address the registry's port is bound to.
pub const REGISTRY_HOST_IP: &str = "k3d.registry.hostIP";
/// The registry's port on this machine (`k3s.`, not `k3d.`: so it is upstream).
pub const REGISTRY_PORT_EXTERNAL: &str = "k3s.registry.port.external";
/// The registry's port in its container.
pub const REGISTRY_PORT_INTERNAL: &str = "k3s.registry.port.internal";
/// Ours: the [`Spec`](super::Spec) an object was made from, as JSON. What lacks it was made by somebody else.
pub const SPEC: &str = "ratectl.spec";
/// Ours, on a registry's volume: the cluster whose images are in it. k3d deletes every volume with its own labels; this one stays.
pub const DATA_OF: &str = "ratectl.cluster";

/// The version of k3d whose conventions we keep to.
pub const K3D_VERSION: &str = "v5.9.0";

/// The labels that every object of a cluster carries.
pub(super) fn of_object(cluster: &super::Name) -> std::collections::BTreeMap<String, String> {
    let given = [
        (APP, APP_K3D),
        (CLUSTER, cluster.as_str()),
        (VERSION, K3D_VERSION),
    ];
    given
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}
