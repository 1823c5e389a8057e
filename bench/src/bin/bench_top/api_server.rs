//! What stands in for a cluster: an API server with pods that do not change, and their metrics, over plain HTTP.
//!
//! Lists, and a watch that has nothing to tell; that is all a quiet cluster's API server says. It runs in this process, whose costs are
//! not measured.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::Error;

const PODS: &str = "/api/v1/pods";
const METRICS: &str = "/apis/metrics.k8s.io/v1beta1/pods";
const SYSTEM: &str = "/api/v1/namespaces/kube-system";
/// How long a watch is kept open, longer than any measurement.
const LONG: Duration = Duration::from_hours(1);

/// Listens until this process ends.
pub(crate) struct ApiServer {
    address: SocketAddr,
}

impl ApiServer {
    /// With so many pods.
    pub(crate) fn start(pods: usize) -> Result<Self, Error> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(Error::io("listen as an API server"))?;
        let address = listener
            .local_addr()
            .map_err(Error::io("listen as an API server"))?;
        let pods: Arc<Vec<Value>> = Arc::new((0..pods).map(pod).collect());
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let pods = Arc::clone(&pods);
                // A client that goes away is no trouble.
                std::thread::spawn(move || drop(serve(&connection, &pods)));
            }
        });
        Ok(Self { address })
    }

    /// Name of a pod.
    pub(crate) fn pod(number: usize) -> String {
        format!("worker-{}-7d9f8b6c5-{number:05}", number % 10)
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Answers one request after the other.
fn serve(connection: &TcpStream, pods: &[Value]) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection).lines();
    while let Some(request) = lines.next().transpose()? {
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let target = request.split(' ').nth(1).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if query.contains("watch=true") {
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
            (&*connection).write_all(head.as_bytes())?;
            std::thread::sleep(LONG);
            return Ok(());
        }
        let body = answer(path, pods).to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        (&*connection).write_all((head + &body).as_bytes())?;
    }
    Ok(())
}

fn answer(path: &str, pods: &[Value]) -> Value {
    let list = |items: Vec<Value>| json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items});
    match path {
        PODS => list(pods.to_vec()),
        METRICS => list(pods.iter().map(usage).collect()),
        SYSTEM => json!({"kind": "Namespace", "apiVersion": "v1",
            "metadata": {"name": "kube-system", "uid": "0f0e0d0c-0000-4000-8000-000000000000"}}),
        "/version" => json!({"major": "1", "minor": "34", "gitVersion": "v1.34.4"}),
        _ => list(Vec::new()),
    }
}

/// As a node reports one that is well.
fn pod(number: usize) -> Value {
    let name = ApiServer::pod(number);
    let labels =
        json!({"ratectl.dev/component": format!("worker-{}", number % 10), "pod-template-hash": "7d9f8b6c5"});
    let resources =
        json!({"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}});
    let since = "2026-01-01T00:00:00Z";
    json!({
        "kind": "Pod", "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "default", "uid": format!("pod-{number}"), "resourceVersion": "1",
            "creationTimestamp": since, "labels": labels},
        "spec": {"nodeName": format!("node-{}", number % 3),
            "containers": [{"name": "worker", "image": "worker", "resources": resources}]},
        "status": {"phase": "Running", "podIP": "10.42.0.7", "startTime": since,
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": since}],
            "containerStatuses": [{"name": "worker", "image": "worker", "imageID": "", "ready": true, "started": true,
                "restartCount": 0, "state": {"running": {"startedAt": since}}}]},
    })
}

fn usage(pod: &Value) -> Value {
    json!({
        "metadata": {"name": pod["metadata"]["name"], "namespace": "default"},
        "containers": [{"name": "worker", "usage": {"cpu": "12m", "memory": "40Mi"}}],
    })
}
