use super::*;
use crate::cluster::spec::{Draft, Overrides};

fn spec(servers: u32, agents: u32) -> Spec {
    let overrides = Overrides {
        name: Some("x".to_owned()),
        servers: Some(servers),
        agents: Some(agents),
        ports: vec!["8080:80".to_owned(), "0.0.0.0:5353:53/udp@agent:0".to_owned()],
        ..Overrides::default()
    };
    Draft::default().spec(&overrides).unwrap()
}

fn made(spec: &Spec, node: Node) -> ContainerCreateBody {
    let network = Network {
        id: "net-id".to_owned(),
        name: "k3d-x".to_owned(),
        range: "172.20.0.0/16".to_owned(),
        gateway: None,
        external: false,
    };
    let blueprint = Blueprint {
        spec,
        label: "{}",
        network: &network,
        token: "secret",
        api_port: 6555,
    };
    body(blueprint, node)
}

/// As measured on clusters of k3d 5.9.0; ours besides.
#[test]
fn a_server_carries_every_label_that_k3d_gives_it() {
    let labels = made(&spec(1, 1), Node::Server(0)).labels.unwrap();
    let labels: BTreeMap<&str, &str> = labels
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let expected = [
        ("app", "k3d"),
        ("k3d.cluster", "x"),
        ("k3d.cluster.imageVolume", "k3d-x-images"),
        ("k3d.cluster.network", "k3d-x"),
        ("k3d.cluster.network.external", "false"),
        ("k3d.cluster.network.id", "net-id"),
        ("k3d.cluster.network.iprange", "172.20.0.0/16"),
        ("k3d.cluster.token", "secret"),
        ("k3d.cluster.url", "https://k3d-x-server-0:6443"),
        ("k3d.role", "server"),
        ("k3d.server.api.host", "127.0.0.1"),
        ("k3d.server.api.hostIP", "127.0.0.1"),
        ("k3d.server.api.port", "6555"),
        ("k3d.server.loadbalancer", ""),
        ("k3d.version", "v5.9.0"),
        ("ratectl.spec", "{}"),
    ];
    assert_eq!(labels, expected.into());
}

#[test]
fn a_server_is_the_container_that_k3d_makes() {
    let body = made(&spec(1, 1), Node::Server(0));
    let host = body.host_config.unwrap();
    assert_eq!(body.hostname.as_deref(), Some("k3d-x-server-0"));
    assert_eq!(body.entrypoint.unwrap(), ["/bin/k3d-entrypoint.sh"]);
    assert_eq!(body.cmd.unwrap(), ["server", "--tls-san", "127.0.0.1"]);
    assert_eq!(
        body.env.unwrap(),
        [
            "K3S_TOKEN=secret",
            "K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml"
        ]
    );
    assert_eq!(host.binds.unwrap(), ["k3d-x-images:/k3d/images"]);
    assert_eq!((host.privileged, host.init), (Some(true), Some(true)));
    assert_eq!(host.userns_mode.as_deref(), Some("host"));
    let tmpfs = host.tmpfs.unwrap();
    assert!(tmpfs.len() == 2 && tmpfs.contains_key("/run") && tmpfs.contains_key("/var/run"));
    let restart = host.restart_policy.unwrap();
    assert_eq!(restart.name, Some(RestartPolicyNameEnum::UNLESS_STOPPED));
    let endpoints = body.networking_config.unwrap().endpoints_config.unwrap();
    assert_eq!(endpoints["k3d-x"].aliases.as_ref().unwrap(), &["k3d-x-server-0"]);
}

#[test]
fn the_first_server_publishes_the_api_and_each_node_its_own_ports() {
    let spec = spec(1, 1);
    let server = made(&spec, Node::Server(0))
        .host_config
        .unwrap()
        .port_bindings
        .unwrap();
    assert_eq!(
        server["6443/tcp"],
        Some(vec![binding([127, 0, 0, 1].into(), 6555)])
    );
    assert_eq!(server["80/tcp"], Some(vec![binding([127, 0, 0, 1].into(), 8080)]));
    assert_eq!(server.len(), 2);
    let agent = made(&spec, Node::Agent(0))
        .host_config
        .unwrap()
        .port_bindings
        .unwrap();
    assert_eq!(agent["53/udp"], Some(vec![binding([0, 0, 0, 0].into(), 5353)]));
    assert_eq!(agent.len(), 1);
}

#[test]
fn all_but_the_first_server_join_it() {
    let spec = spec(3, 1);
    let first = made(&spec, Node::Server(0));
    assert_eq!(first.cmd.unwrap()[..2], ["server", "--cluster-init"]);
    assert_eq!(first.labels.unwrap()["k3d.server.init"], "true");
    for (node, role) in [(Node::Server(1), "server"), (Node::Agent(0), "agent")] {
        let body = made(&spec, node);
        assert_eq!(body.cmd.unwrap()[0], role);
        assert!(
            body.env
                .unwrap()
                .contains(&"K3S_URL=https://k3d-x-server-0:6443".to_owned())
        );
        assert!(!body.labels.unwrap().contains_key("k3d.server.init"));
    }
}
