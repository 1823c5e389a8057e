//! Specs of every shape.

use std::net::IpAddr;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::super::*;

/// Any spec whose values are right, each by itself.
pub(super) fn spec() -> impl Strategy<Value = Spec> {
    let nodes = (
        "[a-z]([a-z0-9-]{0,30}[a-z0-9])?",
        1..8u8,
        any::<u8>(),
        "[a-z]{1,9}(:[0-9]{1,3})?",
    );
    let addresses = (api(), vec(port(), 0..4), option::of(registry()), mirrors());
    let network = option::of("[a-z][a-z0-9_.-]{1,9}");
    let lists = (vec(variable(), 0..3), vec(argument(), 0..3), vec(volume(), 0..3));
    (nodes, addresses, network, lists).prop_map(
        |((name, servers, agents, image), (api, ports, registry, mirrors), network, (env, args, volumes))| {
            let name = Name::try_from(name).unwrap();
            Spec {
                name,
                servers,
                agents,
                image,
                api,
                ports,
                registry,
                mirrors,
                network,
                token: None,
                env,
                args,
                volumes,
            }
        },
    )
}

fn ip() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(IpAddr::from),
        any::<[u16; 8]>().prop_map(IpAddr::from)
    ]
}

fn api() -> impl Strategy<Value = ApiAddress> {
    ("[a-z.]{1,9}", ip(), option::of(1..=u16::MAX)).prop_map(|(host, ip, port)| ApiAddress { host, ip, port })
}

fn selector() -> impl Strategy<Value = NodeSelector> {
    prop_oneof![
        any::<u8>().prop_map(NodeSelector::Server),
        Just(NodeSelector::Servers),
        any::<u8>().prop_map(NodeSelector::Agent),
        Just(NodeSelector::Agents),
        Just(NodeSelector::All),
    ]
}

fn port() -> impl Strategy<Value = PortMapping> {
    let protocol = prop_oneof![Just(Protocol::Tcp), Just(Protocol::Udp)];
    (ip(), 1..=u16::MAX, 1..=u16::MAX, protocol, selector()).prop_map(
        |(host_ip, host_port, node_port, protocol, node)| PortMapping {
            host_ip,
            host_port,
            node_port,
            protocol,
            node,
        },
    )
}

fn registry() -> impl Strategy<Value = RegistrySpec> {
    let port = option::of(1..=u16::MAX);
    ("[a-z]{1,9}", ip(), port, "[a-z]{1,9}").prop_map(|(name, ip, port, image)| RegistrySpec {
        name,
        ip,
        port,
        image,
    })
}

fn mirrors() -> impl Strategy<Value = BTreeMap<String, Mirror>> {
    let mirror = prop_oneof![
        Just(Mirror::Registry),
        "https://[a-z]{1,9}".prop_map(Mirror::PullThrough),
        vec("http://[a-z]{1,9}:[1-9]", 1..3).prop_map(Mirror::Endpoints),
    ];
    btree_map(r"\*|[a-z]{1,9}\.[a-z]{2}(:[1-9]{1,4})?", mirror, 0..4)
}

fn variable() -> impl Strategy<Value = NodeVariable> {
    ("[A-Z_][A-Z0-9_]{0,9}=[ -~]{0,9}", selector())
        .prop_map(|(variable, nodes)| NodeVariable { variable, nodes })
}

fn argument() -> impl Strategy<Value = NodeArgument> {
    ("--[a-z-]{1,9}(=[!-~]{1,9})?", selector()).prop_map(|(argument, nodes)| NodeArgument { argument, nodes })
}

fn volume() -> impl Strategy<Value = NodeVolume> {
    ("(/[a-z]{1,9}|[a-z]{2,9}):/[a-z@]{1,9}(:ro|:rw,z)?", selector())
        .prop_map(|(bind, nodes)| NodeVolume { bind, nodes })
}
