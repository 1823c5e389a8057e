use std::collections::BTreeMap;

use super::*;
use crate::cluster::found::{Role, State};
use crate::cluster::spec::{Draft, Overrides};

fn spec() -> Spec {
    let flags = Overrides {
        name: Some("x".to_owned()),
        ..Overrides::default()
    };
    Draft::default().spec(&flags).unwrap()
}

fn container(name: &str, role: Role, given: &[(&str, String)]) -> Container {
    let given = given
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()));
    Container {
        id: name.to_owned(),
        name: name.to_owned(),
        role,
        state: State::Running,
        image: "rancher/k3s:v1".to_owned(),
        labels: given.collect(),
        ports: Vec::new(),
        networks: BTreeMap::new(),
    }
}

/// A cluster made from `is`, with these ports of the API server and the registry.
fn made_from(is: &Spec) -> Found {
    let label = (labels::SPEC, value(is).to_string());
    let api = (labels::API_PORT, "40001".to_owned());
    let port = (labels::REGISTRY_PORT_EXTERNAL, "40002".to_owned());
    Found {
        name: "x".to_owned(),
        nodes: vec![container("k3d-x-server-0", Role::Server, &[label.clone(), api])],
        registries: vec![container("x-registry", Role::Registry, &[label, port])],
        others: Vec::new(),
    }
}

fn told(is: &Spec, wanted: &Spec) -> Vec<String> {
    let found = made_from(is);
    let wanted = in_its_words(&found, wanted);
    let differences = labelled(&found.nodes[0], &wanted);
    differences.iter().map(Difference::to_string).collect()
}

/// Any free port for both.
fn open() -> Spec {
    let mut open = spec();
    open.registry.as_mut().unwrap().port = None;
    open
}

#[test]
fn the_ports_that_were_picked_may_be_named_later() {
    let mut named = spec();
    named.api.port = Some(40001);
    named.registry.as_mut().unwrap().port = Some(40002);
    assert_eq!(told(&open(), &named), [""; 0]);
    assert_eq!(value(&in_its_words(&made_from(&open()), &named)), value(&open()));
    named.registry.as_mut().unwrap().port = Some(5000);
    assert_eq!(
        told(&open(), &named),
        ["registry.port is any free one, wanted 5000"]
    );
}

#[test]
fn any_free_port_fits_those_that_were_named() {
    assert_eq!(told(&spec(), &open()), [""; 0]);
    assert_eq!(value(&in_its_words(&made_from(&spec()), &open())), value(&spec()));
}

#[test]
fn another_number_of_agents_differs() {
    let mut wanted = spec();
    wanted.agents = 2;
    assert_eq!(told(&spec(), &wanted), ["agents is 0, wanted 2"]);
}

#[test]
fn an_image_is_the_same_with_and_without_the_registry_that_is_meant_anyway() {
    assert_eq!(familiar("docker.io/rancher/k3s:v1"), "rancher/k3s:v1");
    assert_eq!(familiar("docker.io/library/registry:3"), "registry:3");
    assert_eq!(familiar("ghcr.io/rancher/k3s:v1"), "ghcr.io/rancher/k3s:v1");
}
