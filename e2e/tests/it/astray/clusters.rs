//! Two clusters side by side. Each has a state folder of its own: what `ratectl` knows of one that it made does not help with the other.

use std::thread;

use e2e::Bed;
use serde_json::Value;

use crate::{audit, cluster::http};

/// A cluster's context.
pub(super) fn name(bed: &Bed) -> String {
    format!("k3d-{}", bed.cluster())
}

/// Makes both side by side, with their contexts in the kubeconfig of `home`.
pub(super) fn create(clusters: [&Bed; 2], home: &Bed) {
    thread::scope(|scope| {
        for cluster in clusters {
            scope.spawn(|| audit::create(cluster, home, 0));
        }
    });
}

/// Makes a cluster anew at the address that it had.
pub(super) fn recreate(cluster: &Bed, home: &Bed, server: &str) {
    let port = server.rsplit(':').next().and_then(|port| port.parse().ok());
    let mut delete = cluster.ratectl_command(&["delete-cluster", cluster.cluster()]);
    delete.env("KUBECONFIG", home.kubeconfig());
    cluster.run(delete).succeeded();
    audit::create(cluster, home, port.expect("the server has a port"));
}

/// The server that a context leads to.
pub(super) fn server(kubeconfig: &Value, context: &str) -> String {
    let clusters = kubeconfig["clusters"].as_array().into_iter().flatten();
    let mut servers = clusters.filter(|cluster| cluster["name"] == context);
    let server = servers
        .next()
        .and_then(|cluster| cluster["cluster"]["server"].as_str());
    server.expect("the context has a server").to_owned()
}

/// What the cluster's registry holds.
pub(super) fn images(cluster: &Bed) -> String {
    let answer = http(cluster.registry_port(), "GET", "/v2/_catalog", "");
    let (_, body) = answer.split_once("\r\n\r\n").expect("an answer has a body");
    body.to_owned()
}
