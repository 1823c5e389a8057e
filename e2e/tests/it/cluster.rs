//! The cluster of a bed: made as a person makes it, and looked at through the engine.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use e2e::{Bed, Run};
use serde_json::{Value, json};

/// `create-cluster` for this bed's cluster, with `more` arguments.
pub(crate) fn create_args<'a>(bed: &'a Bed, port: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let args = ["create-cluster", bed.cluster(), "--registry-port", port];
    [&args[..], more].concat()
}

/// Runs `create-cluster` with `more` arguments.
#[track_caller]
pub(crate) fn create_with(bed: &Bed, more: &[&str]) -> Run {
    let port = bed.registry_port().to_string();
    bed.ratectl(&create_args(bed, &port, more))
}

/// Runs `create-cluster`, which succeeds.
#[track_caller]
pub(crate) fn create(bed: &Bed) -> Run {
    create_with(bed, &[]).succeeded()
}

/// Runs a verb on this bed's cluster, which succeeds.
#[track_caller]
pub(crate) fn verb(bed: &Bed, verb: &str, more: &[&str]) -> Run {
    bed.ratectl(&[&[verb, bed.cluster()], more].concat()).succeeded()
}

/// The registry's container.
pub(crate) fn registry(bed: &Bed) -> String {
    format!("{}-registry", bed.cluster())
}

/// The network.
pub(crate) fn network(bed: &Bed) -> String {
    format!("k3d-{}", bed.cluster())
}

/// What `docker inspect` says of a container, network or volume.
#[track_caller]
pub(crate) fn inspect(bed: &Bed, kind: &str, name: &str) -> Value {
    bed.docker(&[kind, "inspect", name]).succeeded().json()[0].clone()
}

/// `/containers/NAME/State/Status` by another name: `running`, `exited`, `created`.
#[track_caller]
pub(crate) fn state(bed: &Bed, container: &str) -> String {
    let found = inspect(bed, "container", container);
    found["State"]["Status"].as_str().unwrap_or_default().to_owned()
}

/// Whether kubectl sees this bed's node Ready and its DNS rolled out: what `create` and `start` promise.
#[track_caller]
pub(crate) fn is_usable(bed: &Bed) {
    let nodes = bed.kubectl(&["get", "nodes", "-o", "json"]).succeeded().json();
    let items = nodes["items"].as_array().cloned().unwrap_or_default();
    assert!(!items.is_empty(), "no nodes: {nodes}");
    for node in &items {
        let conditions = node["status"]["conditions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let ready = conditions
            .iter()
            .any(|c| c["type"] == "Ready" && c["status"] == "True");
        assert!(ready, "not Ready: {node}");
    }
    let rollout = [
        "rollout",
        "status",
        "deployment/coredns",
        "-n",
        "kube-system",
        "--timeout=1s",
    ];
    bed.kubectl(&rollout).succeeded();
    bed.kubectl(&["get", "serviceaccount", "default"]).succeeded();
    bed.kubectl(&["get", "storageclass", "local-path"]).succeeded();
    let answer = http(bed.registry_port(), "GET", "/v2/", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Runs a pod of the visitor to its end and gives what it said.
#[track_caller]
pub(crate) fn visit(bed: &Bed, pod: &str, image: &str, words: &[&str]) -> String {
    visit_on(bed, None, pod, image, words)
}

/// The same on one node.
#[track_caller]
pub(crate) fn visit_on(bed: &Bed, node: Option<&str>, pod: &str, image: &str, words: &[&str]) -> String {
    let image = format!("--image={image}");
    let overrides = node.map_or_else(
        || json!({}),
        |node| json!({"apiVersion": "v1", "spec": {"nodeName": node}}),
    );
    let overrides = format!("--overrides={overrides}");
    let run = ["run", pod, &image, &overrides, "--restart=Never", "--quiet", "--"];
    bed.kubectl(&[&run[..], words].concat()).succeeded();
    let phase = e2e::eventually(&format!("the end of pod {pod}"), || {
        let jsonpath = "jsonpath={.status.phase}";
        let phase = bed
            .kubectl(&["get", "pod", pod, "-o", jsonpath])
            .succeeded()
            .stdout;
        ["Succeeded", "Failed"].contains(&phase.as_str()).then_some(phase)
    });
    let said = bed.kubectl(&["logs", pod]).succeeded().stdout;
    assert_eq!(phase, "Succeeded", "{said}");
    said
}

/// One HTTP request to a port of this machine; the answer with its head.
#[track_caller]
pub(crate) fn http(port: u16, method: &str, path: &str, headers: &str) -> String {
    try_http(port, method, path, headers)
        .unwrap_or_else(|error| panic!("port {port} does not answer {method} {path}: {error}"))
}

/// The same of somebody who may not be there yet: a port that the engine publishes is open before anybody listens behind it.
pub(crate) fn try_http(port: u16, method: &str, path: &str, headers: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
