//! A registry of the cluster's own that fetches the images of another one, and keeps them.

use e2e::{Bed, eventually, visitor};
use serde_json::json;

use crate::cluster::{self, http, try_http};

/// The registry whose images are wanted; nothing on this machine has this name.
const HOST: &str = "images.example";

/// Starts a registry that knows nothing of the cluster, puts the visitor into it, and gives its URL for containers.
fn upstream(bed: &Bed) -> String {
    let (name, label) = (upstream_name(bed), bed.label());
    let run = ["run", "--detach", "--name", &name, "--label", &label];
    let publish = ["--publish", "127.0.0.1::5000", "registry:3"];
    bed.docker(&[&run[..], &publish[..]].concat()).succeeded();
    let port = published_port(bed, &name);
    eventually("the other registry", || {
        let answer = try_http(port, "GET", "/v2/", "").ok()?;
        answer.starts_with("HTTP/1.1 200").then_some(())
    });
    visitor::push(port);
    let found = cluster::inspect(bed, "container", &name);
    let address = found["NetworkSettings"]["IPAddress"].as_str();
    format!("http://{}:5000", address.expect("it has an address"))
}

fn upstream_name(bed: &Bed) -> String {
    format!("{}-upstream", bed.cluster())
}

fn published_port(bed: &Bed, container: &str) -> u16 {
    let found = cluster::inspect(bed, "container", container);
    let port = found["NetworkSettings"]["Ports"]["5000/tcp"][0]["HostPort"].as_str();
    port.and_then(|port| port.parse().ok())
        .expect("it publishes its port")
}

/// Runs a pod from an image of the other registry.
fn visit(bed: &Bed, pod: &str) {
    let image = format!("{HOST}/visitor:1");
    let said = cluster::visit(bed, pod, &image, &["resolve", "kubernetes.default"]);
    assert_eq!(said, "10.43.0.1\n");
}

#[test]
fn a_pull_through_registry_keeps_what_it_fetched_even_when_its_upstream_is_gone() {
    let bed = Bed::new("pull-through");
    let document = json!({
        "cluster": {
            "name": bed.cluster(),
            "registry": {"port": bed.registry_port()},
            "mirrors": {HOST: {"pullThrough": upstream(&bed)}},
        },
    });
    bed.write("ratectl.yaml", &document.to_string());
    bed.ratectl(&["create-cluster"]).succeeded();
    visit(&bed, "fetched");

    let mirror = format!("k3d-{}-mirror-images-example", bed.cluster());
    let catalog = http(published_port(&bed, &mirror), "GET", "/v2/_catalog", "");
    assert!(catalog.contains("\"visitor\""), "{catalog}");
    let found = cluster::inspect(&bed, "container", &mirror);
    assert_eq!(found["Config"]["Labels"]["k3d.role"], "registry");
    assert_eq!(found["Mounts"][0]["Name"], mirror.as_str());
    assert_eq!(
        found["NetworkSettings"]["Ports"]["5000/tcp"][0]["HostIp"],
        "127.0.0.1"
    );

    bed.ratectl(&["delete-cluster"]).succeeded();
    bed.docker(&["rm", "--force", "--volumes", &upstream_name(&bed)])
        .succeeded();
    bed.ratectl(&["create-cluster"]).succeeded();
    visit(&bed, "kept");

    bed.ratectl(&["delete-cluster", "--all"]).succeeded();
    let filter = format!("name={mirror}");
    let volumes = bed.docker(&["volume", "ls", "--quiet", "--filter", &filter]);
    assert_eq!(volumes.succeeded().stdout, "", "--all keeps nothing");
}
