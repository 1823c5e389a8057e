//! The point both sides are measured to: node Ready, DNS rolled out, and a pod from the local registry has found a Service by its
//! name.
//!
//! One and the same poller looks at both sides from the moment the clock starts. It asks the engine for the node's
//! kubeconfig and the API server for `/readyz` every 20 ms; from there on it watches.

use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::query_parameters::{DownloadFromContainerOptions, InspectContainerOptions};
use futures_util::TryStreamExt as _;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{Api, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::runtime::wait::await_condition;
use kube::{Client, Config};

use crate::error::Error;

/// Where a node writes its kubeconfig.
const KUBECONFIG: &str = "/output/kubeconfig.yaml";
/// Between two looks at what cannot be watched.
const PAUSE: Duration = Duration::from_millis(20);
/// After this nothing will come any more.
const LIMIT: Duration = Duration::from_mins(3);

/// When what was there, since the clock started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    /// The API server answers `/readyz`.
    pub(crate) api: Duration,
    /// The node is Ready.
    pub(crate) node: Duration,
    /// DNS is rolled out.
    pub(crate) dns: Duration,
    /// The pod has been pulled, has run and has had an answer from DNS.
    pub(crate) pod: Duration,
}

impl Moments {
    /// When all of it was there.
    pub(crate) fn usable(&self) -> Duration {
        self.api.max(self.node).max(self.dns).max(self.pod)
    }
}

/// Waits until the node in `container` is usable and a pod of `image` on it has found a name.
pub(crate) async fn usable(
    docker: &Docker,
    container: &str,
    image: &str,
    since: Instant,
) -> Result<Moments, Error> {
    // Large: three watches.
    let watched = Box::pin(watch(docker, container, image, since));
    let late = |_| Error::TooLate {
        what: format!("a usable node in {container}"),
        limit: LIMIT,
    };
    tokio::time::timeout(LIMIT, watched).await.map_err(late)?
}

async fn watch(docker: &Docker, container: &str, image: &str, since: Instant) -> Result<Moments, Error> {
    let client = connect(docker, container).await;
    let api = since.elapsed();
    start_pod(&client, image).await;
    let nodes: Api<Node> = Api::all(client.clone());
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "kube-system");
    let pods: Api<Pod> = Api::namespaced(client, "default");
    let node = async {
        await_condition(nodes, container, |node: Option<&Node>| node.is_some_and(ready)).await?;
        Ok(since.elapsed())
    };
    let dns = async {
        await_condition(deployments, "coredns", |dns: Option<&Deployment>| {
            dns.is_some_and(rolled_out)
        })
        .await?;
        Ok(since.elapsed())
    };
    let pod = async {
        await_condition(pods, "bench", |pod: Option<&Pod>| pod.is_some_and(succeeded)).await?;
        Ok(since.elapsed())
    };
    let (node, dns, pod) =
        tokio::try_join!(node, dns, pod).map_err(|e: kube::runtime::wait::Error| Error::cluster(e))?;
    Ok(Moments { api, node, dns, pod })
}

/// A client of the API server, once it is ready.
async fn connect(docker: &Docker, container: &str) -> Client {
    loop {
        // Whatever is missing on the way (container, port, file, certificate) comes with time.
        if let Some(client) = try_connect(docker, container).await {
            return client;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn try_connect(docker: &Docker, container: &str) -> Option<Client> {
    let mut kubeconfig = Kubeconfig::from_yaml(&read_kubeconfig(docker, container).await?).ok()?;
    let server = format!("https://127.0.0.1:{}", api_port(docker, container).await?);
    kubeconfig.clusters.first_mut()?.cluster.as_mut()?.server = Some(server);
    let options = KubeConfigOptions::default();
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await.ok()?;
    config.proxy_url = None;
    let client = Client::try_from(config).ok()?;
    let request = http::Request::get("/readyz").body(Vec::new()).ok()?;
    client.request_text(request).await.ok()?;
    Some(client)
}

async fn read_kubeconfig(docker: &Docker, container: &str) -> Option<String> {
    let options = DownloadFromContainerOptions {
        path: KUBECONFIG.to_owned(),
    };
    let archive = docker.download_from_container(container, Some(options));
    let bytes = archive
        .try_fold(Vec::new(), |mut all, chunk| async move {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
        .ok()?;
    let mut archive = tar::Archive::new(bytes.as_slice());
    let entry = archive.entries().ok()?.next()?.ok()?;
    std::io::read_to_string(entry).ok()
}

async fn api_port(docker: &Docker, container: &str) -> Option<u16> {
    let options = None::<InspectContainerOptions>;
    let found = docker.inspect_container(container, options).await.ok()?;
    let ports = found.network_settings?.ports?;
    let binding = ports.get("6443/tcp")?.as_ref()?.first()?;
    binding.host_port.as_ref()?.parse().ok()
}

/// Asks for the pod until it is accepted: the default `ServiceAccount` comes late.
async fn start_pod(client: &Client, image: &str) {
    let pods: Api<Pod> = Api::namespaced(client.clone(), "default");
    let pod = serde_json::json!({
        "metadata": {"name": "bench"},
        "spec": {
            "containers": [{
                "name": "visitor", "image": image, "args": ["resolve", "kubernetes.default.svc.cluster.local"]
            }],
            "restartPolicy": "Never",
            // A question that was lost before DNS served is asked again soon.
            "dnsConfig": {"options": [{"name": "timeout", "value": "1"}, {"name": "attempts", "value": "1"}]}
        }
    });
    let Ok(pod) = serde_json::from_value(pod) else {
        unreachable!("the manifest above is a pod");
    };
    while pods.create(&PostParams::default(), &pod).await.is_err() {
        tokio::time::sleep(PAUSE).await;
    }
}

fn ready(node: &Node) -> bool {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.is_some_and(|all| all.iter().any(|c| c.type_ == "Ready" && c.status == "True"))
}

/// Every replica of the newest generation is available; `Available` alone is true with none.
fn rolled_out(deployment: &Deployment) -> bool {
    let wanted = deployment
        .spec
        .as_ref()
        .and_then(|spec| spec.replicas)
        .unwrap_or(1);
    deployment.status.as_ref().is_some_and(|status| {
        status.observed_generation >= deployment.metadata.generation
            && status.updated_replicas == Some(wanted)
            && status.replicas == Some(wanted)
            && status.available_replicas == Some(wanted)
    })
}

fn succeeded(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    phase == Some("Succeeded")
}
