//! Clusters that note what they are asked, and by whom.

use e2e::Bed;
use serde_json::{Value, json};

/// Where a node has its policy, and its log.
const POLICY: &str = "/audit/policy.json";
const LOG: &str = "/var/log/audit.log";

/// A request of somebody with the kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// As Kubernetes has it: `get`, `patch`, …
    pub(crate) verb: String,
    /// With its query.
    pub(crate) uri: String,
}

impl Asked {
    /// Whether it changes something, if it is granted.
    pub(crate) fn writes(&self) -> bool {
        !["get", "list", "watch"].contains(&self.verb.as_str()) && !self.uri.contains("dryRun=All")
    }
}

/// Makes the bed's cluster, with its context in the kubeconfig of `home` and its API server on this port (0: any free one); by a file of
/// k3d, in which nodes take arguments.
pub(crate) fn create(cluster: &Bed, home: &Bed, api_port: u16) {
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

/// What the cluster was asked from outside by whoever has its kubeconfig, oldest first.
pub(crate) fn audited(cluster: &Bed) -> Vec<Asked> {
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
    ours.map(|event| {
        let program = event["userAgent"].as_str().unwrap_or_default();
        let says_its_name = ["ratectl/", "kubectl"]
            .iter()
            .any(|name| program.starts_with(name));
        assert!(says_its_name, "who is that? {event:#}");
        Asked {
            verb: event["verb"].as_str().unwrap_or_default().to_owned(),
            uri: event["requestURI"].as_str().unwrap_or_default().to_owned(),
        }
    })
    .collect()
}
