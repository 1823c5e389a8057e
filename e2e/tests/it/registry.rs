//! The registry, from this machine, from the node and from pods.

use e2e::{Bed, visitor};
use serde_json::json;

use crate::cluster::{self, http};

#[test]
fn an_image_pushed_to_localhost_runs_in_a_pod_under_the_same_name() {
    let bed = Bed::shared("registry-push");
    let image = visitor::push(bed.registry_port());
    let said = cluster::visit(&bed, "same-name", &image, &["resolve", "kubernetes.default"]);
    assert_eq!(said, "10.43.0.1\n");
}

#[test]
fn an_image_is_pulled_by_the_registrys_own_name_and_the_registry_answers_pods() {
    let bed = Bed::shared("registry-own-name");
    visitor::push(bed.registry_port());
    let registry = format!("{}:5000", cluster::registry(&bed));
    let image = format!("{registry}/visitor:1");
    let said = cluster::visit(&bed, "own-name", &image, &["get", &registry, "/v2/"]);
    assert!(said.starts_with("HTTP/1.1 200 OK"), "{said}");
}

#[test]
fn a_pod_reaches_this_machine_by_name() {
    let bed = Bed::shared("registry-host-alias");
    let image = visitor::push(bed.registry_port());
    let said = cluster::visit(&bed, "host-alias", &image, &["resolve", "host.k3d.internal"]);
    let network = cluster::inspect(&bed, "network", &cluster::network(&bed));
    let gateway = network["IPAM"]["Config"][0]["Gateway"]
        .as_str()
        .unwrap_or_default();
    assert_eq!(said.trim(), gateway);
}

#[test]
fn an_image_can_be_deleted_from_the_registry() {
    let bed = Bed::new("registry-delete");
    cluster::create(&bed);
    visitor::push(bed.registry_port());
    let accept = "Accept: application/vnd.docker.distribution.manifest.v2+json\r\n";
    let found = http(bed.registry_port(), "HEAD", "/v2/visitor/manifests/1", accept);
    let header = found.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("docker-content-digest")
            .then_some(value.trim())
    });
    let digest = header.unwrap_or_else(|| panic!("no digest in {found}"));
    let path = format!("/v2/visitor/manifests/{digest}");
    let answer = http(bed.registry_port(), "DELETE", &path, "");
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let gone = http(bed.registry_port(), "HEAD", &path, accept);
    assert!(gone.starts_with("HTTP/1.1 404"), "{gone}");
}

#[test]
fn other_tools_are_told_of_the_registry() {
    let bed = Bed::shared("registry-hosting");
    let name = [
        "get",
        "configmap",
        "local-registry-hosting",
        "-n",
        "kube-public",
        "-o",
        "json",
    ];
    let found = bed.kubectl(&name).succeeded().json();
    let text = found["data"]["localRegistryHosting.v1"]
        .as_str()
        .unwrap_or_default();
    let (port, registry) = (bed.registry_port(), cluster::registry(&bed));
    for (key, value) in [
        ("host", format!("localhost:{port}")),
        ("hostFromClusterNetwork", format!("{registry}:5000")),
        ("hostFromContainerRuntime", format!("localhost:{port}")),
    ] {
        let said = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key}:")));
        let said = said.map(|value| value.trim().trim_matches(['"', '\'']).to_owned());
        assert_eq!(said, Some(value), "{key} in\n{text}");
    }
}

#[test]
fn a_mirror_serves_the_images_of_another_registry_by_their_own_names() {
    let bed = Bed::new("registry-mirrors");
    let document = json!({
        "name": "mirrored",
        "cluster": {
            "name": bed.cluster(),
            "registry": {"port": bed.registry_port()},
            "mirrors": {"images.example": "registry"},
        },
    });
    bed.write("ratectl.yaml", &document.to_string());
    bed.ratectl(&["create-cluster"]).succeeded();
    visitor::push(bed.registry_port());
    let words = ["resolve", "kubernetes.default"];
    let said = cluster::visit(&bed, "mirrored", "images.example/visitor:1", &words);
    assert_eq!(said, "10.43.0.1\n");
}
