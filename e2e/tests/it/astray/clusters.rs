//! Clusters that note what they are asked.

use std::thread;

use e2e::Bed;
use serde_json::{Value, json};

use crate::cluster::http;

/// Where a node has its policy, and its log.
const POLICY: &str = "/audit/policy.json";
const LOG: &str = "/var/log/audit.log";

/// A request of somebody with the kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// As Kubernetes has it: `get`, `patch`, …
    pub(super) verb: String,
    /// With its query.
    pub(super) uri: String,
}

impl Asked {
    /// Whether it may change something.
    pub(super) fn writes(&self) -> bool {
        !["get", "list", "watch"].contains(&self.verb.as_str())
    }
}

/// A cluster's context.
pub(super) fn name(bed: &Bed) -> String {
    format!("k3d-{}", bed.cluster())
}

/// Makes both side by side, with their contexts in the kubeconfig of `home`.
pub(super) fn create(clusters: [&Bed; 2], home: &Bed) {
    thread::scope(|scope| {
        for cluster in clusters {
            scope.spawn(|| make(cluster, home, 0));
        }
    });
}

/// Makes a cluster anew at the address that it had.
pub(super) fn recreate(cluster: &Bed, home: &Bed, server: &str) {
    let port = server.rsplit(':').next().and_then(|port| port.parse().ok());
    let mut delete = cluster.ratectl_command(&["delete-cluster", cluster.cluster()]);
    delete.env("KUBECONFIG", home.kubeconfig());
    cluster.run(delete).succeeded();
    make(cluster, home, port.expect("the server has a port"));
}

/// With a file of k3d, in which nodes take arguments. The two have state folders of their own: what `ratectl` knows of the one it made
/// does not help here.
fn make(cluster: &Bed, home: &Bed, api_port: u16) {
    let policy = json!({
        "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
        "rules": [
            {"level": "None", "userGroups": ["system:nodes", "system:serviceaccounts"]},
            {"level": "Metadata"},
        ],
    });
    let folder = cluster.write("audit/policy.json", &policy.to_string());
    let folder = folder.parent().expect("it is in a folder").display().to_string();
    let argument =
        |text: String| json!({"arg": format!("--kube-apiserver-arg={text}"), "nodeFilters": ["server:*"]});
    let file = json!({
        "apiVersion": "k3d.io/v1alpha5", "kind": "Simple",
        "kubeAPI": {"hostPort": api_port.to_string()},
        "volumes": [{"volume": format!("{folder}:/audit"), "nodeFilters": ["server:*"]}],
        "options": {"k3s": {"extraArgs": [
            argument(format!("audit-policy-file={POLICY}")),
            argument(format!("audit-log-path={LOG}")),
        ]}},
    });
    let file = cluster.write("k3d.yaml", &file.to_string()).display().to_string();
    let port = cluster.registry_port().to_string();
    let words = [
        "create-cluster",
        cluster.cluster(),
        "--config",
        &file,
        "--registry-port",
        &port,
        "--bare",
    ];
    let mut create = cluster.ratectl_command(&words);
    create.env("KUBECONFIG", home.kubeconfig());
    cluster.run(create).succeeded();
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

/// What the cluster was asked from outside by whoever has its kubeconfig, oldest first.
pub(super) fn audited(cluster: &Bed) -> Vec<Asked> {
    let log = cluster
        .docker(&["exec", &cluster.server(0), "cat", LOG])
        .succeeded();
    let lines = log
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    // A node itself makes what every cluster has, in its own time.
    let from_here = |event: &Value| event["sourceIPs"][0] != "127.0.0.1";
    let ours = lines.filter(|event: &Value| event["user"]["username"] == "system:admin" && from_here(event));
    ours.map(|event| Asked {
        verb: event["verb"].as_str().unwrap_or_default().to_owned(),
        uri: event["requestURI"].as_str().unwrap_or_default().to_owned(),
    })
    .collect()
}

/// What the cluster's registry holds.
pub(super) fn images(cluster: &Bed) -> String {
    let answer = http(cluster.registry_port(), "GET", "/v2/_catalog", "");
    let (_, body) = answer.split_once("\r\n\r\n").expect("an answer has a body");
    body.to_owned()
}
