//! The waits for a usable cluster, against an API server that comes, goes and lies as the real one does around a start.

mod api_server;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use api_server::ApiServer;
use platform::event::Outcome;
use platform::kubernetes::RegistryHosting;
use serde_json::{Value, json};
use tokio::sync::Notify;

/// Far more than anything here takes, on any machine.
const LIMIT: Duration = Duration::from_mins(1);
const NODES: &str = "/api/v1/nodes";
const PODS: &str = "/api/v1/namespaces/kube-system/pods";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/kube-system/deployments";
const SLICES: &str = "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices";

/// The reasons that a wait has told.
#[derive(Clone, Default)]
struct Told {
    reasons: Arc<Mutex<Vec<String>>>,
    news: Arc<Notify>,
}

impl Told {
    fn report(&self) -> impl FnMut(String) + Send + 'static {
        let told = self.clone();
        move |reason| {
            told.reasons.lock().unwrap().push(reason);
            told.news.notify_one();
        }
    }

    /// Waits until a reason with this in it has been told.
    async fn until(&self, part: &str) {
        let told = async {
            while !self
                .reasons
                .lock()
                .unwrap()
                .iter()
                .any(|reason| reason.contains(part))
            {
                self.news.notified().await;
            }
        };
        let within = tokio::time::timeout(LIMIT, told).await;
        assert!(
            within.is_ok(),
            "never told '{part}', but {:?}",
            self.reasons.lock().unwrap()
        );
    }
}

async fn ends(wait: tokio::task::JoinHandle<()>) {
    tokio::time::timeout(LIMIT, wait)
        .await
        .expect("it waits for ever")
        .unwrap();
}

fn node(status: &str, heartbeat: &str) -> Value {
    json!({"metadata": {"name": "server-0"}, "status": {"conditions": [
        {"type": "Ready", "status": status, "reason": "KubeletNotReady", "message": "cni plugin not initialized", "lastHeartbeatTime": heartbeat},
    ]}})
}

fn coredns() -> Value {
    json!({"metadata": {"name": "coredns"}, "spec": {"replicas": 1, "selector": {}, "template": {}}})
}

fn dns_pod(state: &Value, ready: &str) -> Value {
    json!({"metadata": {"name": "coredns-a", "uid": "u"}, "spec": {"containers": [], "nodeName": "server-0"}, "status": {
        "conditions": [{"type": "Ready", "status": ready}],
        "containerStatuses": [{"name": "coredns", "image": "i", "imageID": "", "ready": ready == "True", "restartCount": 0, "state": state}],
    }})
}

fn slice(ready: bool) -> Value {
    json!({"metadata": {"name": "s"}, "addressType": "IPv4", "endpoints": [
        {"addresses": ["10.42.0.2"], "conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "uid": "u"}},
    ]})
}

#[tokio::test]
async fn an_api_server_is_ready_when_it_says_so() {
    let server = ApiServer::start().await;
    let (cluster, told) = (server.cluster(), Told::default());
    let report = told.report();
    let wait = tokio::spawn(async move { cluster.api_ready(report).await });
    told.until("").await;
    server.answer_readyz(500, "[+]ping ok\n[-]etcd failed: reason withheld\n");
    told.until("the API server is starting: etcd").await;
    let reason = server.cluster().probe_api(LIMIT).await.unwrap_err();
    assert_eq!(reason, "the API server is starting: etcd");
    server.answer_readyz(200, "ok");
    ends(wait).await;
    server.cluster().probe_api(LIMIT).await.unwrap();
}

#[tokio::test]
async fn a_node_is_waited_for_through_a_restart_of_the_api_server() {
    let server = ApiServer::start().await;
    let (cluster, told) = (server.cluster(), Told::default());
    let report = told.report();
    let wait = tokio::spawn(async move { cluster.nodes_ready(&["server-0".to_owned()], report).await });
    told.until("the API server does not answer").await;
    server.answer_readyz(200, "ok");
    told.until("node server-0 has not registered yet").await;
    server.put(NODES, &node("False", "2026-01-01T00:00:00Z"));
    told.until("node server-0 is not ready (KubeletNotReady: cni plugin not initialized)")
        .await;
    server.restart();
    server.put(NODES, &node("True", "2026-01-01T00:00:00Z"));
    ends(wait).await;
}

#[tokio::test]
async fn what_was_true_before_a_start_is_not_believed() {
    let server = ApiServer::start().await;
    server.answer_readyz(200, "ok");
    let running = |since: &str| json!({"running": {"startedAt": since}});
    let (before, after) = ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z");
    server.put(NODES, &node("True", before));
    server.put(DEPLOYMENTS, &coredns());
    server.put(PODS, &dns_pod(&running(before), "True"));
    server.put(SLICES, &slice(true));

    let half_past = SystemTime::UNIX_EPOCH + Duration::from_mins(29_453_790);
    let cluster = server.cluster().started([("server-0".to_owned(), half_past)]);
    let (of_nodes, of_dns) = (Told::default(), Told::default());
    let (report, same) = (of_nodes.report(), cluster.clone());
    let nodes = tokio::spawn(async move { same.nodes_ready(&[], report).await });
    let report = of_dns.report();
    let dns = tokio::spawn(async move { cluster.dns_ready(report).await });
    of_nodes
        .until("node server-0 has not reported since its start")
        .await;
    of_dns
        .until("CoreDNS: 0 of 1 pods ready (not started again yet)")
        .await;
    server.put(NODES, &node("True", after));
    ends(nodes).await;
    server.put(PODS, &dns_pod(&running(after), "True"));
    ends(dns).await;
}

#[tokio::test]
async fn dns_is_ready_when_a_ready_pod_is_an_endpoint() {
    let server = ApiServer::start().await;
    server.answer_readyz(200, "ok");
    let (cluster, told) = (server.cluster(), Told::default());
    let report = told.report();
    let wait = tokio::spawn(async move { cluster.dns_ready(report).await });
    told.until("Deployment kube-system/coredns is not there yet")
        .await;
    server.put(DEPLOYMENTS, &coredns());
    told.until("CoreDNS: 0 of 1 pods ready (no pod yet)").await;
    let pulling = json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}});
    server.put(PODS, &dns_pod(&pulling, "False"));
    told.until("CoreDNS: 0 of 1 pods ready (ImagePullBackOff: Back-off pulling image)")
        .await;
    server.put(SLICES, &slice(false));
    server.put(
        PODS,
        &dns_pod(&json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}}), "True"),
    );
    told.until("not yet an endpoint of Service kube-dns").await;
    server.put(SLICES, &slice(true));
    ends(wait).await;
}

#[tokio::test]
async fn the_default_service_account_is_waited_for() {
    let server = ApiServer::start().await;
    server.answer_readyz(200, "ok");
    let (cluster, told) = (server.cluster(), Told::default());
    let report = told.report();
    let wait = tokio::spawn(async move { cluster.service_account(report).await });
    told.until("ServiceAccount default/default is not there yet")
        .await;
    server.put(
        "/api/v1/namespaces/default/serviceaccounts",
        &json!({"metadata": {"name": "default"}}),
    );
    ends(wait).await;
}

#[tokio::test]
async fn the_registry_is_published_once_and_the_namespace_waited_for() {
    const MAPS: &str = "/api/v1/namespaces/kube-public/configmaps";
    let server = ApiServer::start().await;
    server.answer_readyz(200, "ok");
    let hosting = RegistryHosting {
        host: Some("localhost:5000".to_owned()),
        ..RegistryHosting::default()
    };
    let (cluster, wanted) = (server.cluster(), hosting.clone());
    assert_eq!(cluster.read_hosting().await.unwrap(), None);
    let write = tokio::spawn(async move { cluster.write_hosting(&wanted).await });
    let refused = async {
        while server.writes().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, refused)
        .await
        .expect("it does not try");
    // Any map in it is a namespace that is there.
    server.put(MAPS, &json!({"metadata": {"name": "kube-root-ca.crt"}}));
    assert_eq!(write.await.unwrap().unwrap(), Outcome::Created);
    let writes = server.writes();
    let expected = format!("PATCH {MAPS}/local-registry-hosting?&force=true&fieldManager=ratectl");
    assert_eq!(writes.last(), Some(&expected));
    assert_eq!(
        server.cluster().write_hosting(&hosting).await.unwrap(),
        Outcome::Unchanged
    );
    assert_eq!(server.writes(), writes);
    assert_eq!(server.cluster().read_hosting().await.unwrap(), Some(hosting));
}
