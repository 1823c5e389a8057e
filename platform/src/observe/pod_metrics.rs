//! What pods use, by the metrics API, where a cluster has one.

use std::time::{Duration, Instant};

use serde_json::Value;
use snapshot::sample::{Body, PodMetricsSample, PodUsage};

use super::Kubernetes;
use super::outlet::Outlet;
use super::pace::Pace;
use super::pod::{bytes, millicores};
use super::reply::Part;
use crate::kubernetes::error::brief;

/// metrics-server itself looks every 15 s.
const PERIOD: Duration = Duration::from_secs(10);
/// How often it is looked whether there is such an API by now.
const ABSENT: Duration = Duration::from_mins(1);
const WITHIN: Duration = Duration::from_secs(5);

/// Polls until nobody listens.
pub(super) async fn run(kubernetes: Kubernetes, mut outlet: Outlet) {
    outlet.connecting(None).await;
    let mut pace = Pace::new(PERIOD);
    outlet.interval = Some(PERIOD);
    loop {
        match poll(&kubernetes, &mut outlet).await {
            Ok(pods) => {
                pace.faster();
                outlet.send(Body::PodMetrics(PodMetricsSample { pods })).await;
                outlet.up().await;
            }
            Err(Refusal::Absent(why)) => {
                outlet.absent(&why).await;
                tokio::time::sleep(ABSENT).await;
                continue;
            }
            Err(Refusal::Down(why)) => {
                pace.slower();
                outlet.down(&why).await;
            }
        }
        pace.wait().await;
    }
}

enum Refusal {
    Absent(String),
    Down(String),
}

async fn poll(kubernetes: &Kubernetes, outlet: &mut Outlet) -> Result<Vec<PodUsage>, Refusal> {
    let mut namespaces = kubernetes.namespaces();
    if namespaces.is_empty() {
        namespaces.insert("");
    }
    let mut pods = Vec::new();
    for namespace in namespaces {
        let started = Instant::now();
        let request = http::Request::get(path(namespace)).body(Vec::new());
        let request = request.map_err(|error| Refusal::Down(error.to_string()))?;
        let answer = tokio::time::timeout(WITHIN, kubernetes.client.request_text(request)).await;
        let text = match answer {
            Ok(Ok(text)) => text,
            Ok(Err(error)) => {
                outlet.meter.failed();
                return Err(refusal(&error));
            }
            Err(_) => {
                outlet.meter.failed();
                return Err(Refusal::Down(
                    "the metrics API does not answer in time".to_owned(),
                ));
            }
        };
        outlet.meter.answered(text.len(), started.elapsed());
        let list: Value = serde_json::from_str(&text).unwrap_or_default();
        pods.extend(Part(&list).list("/items").filter_map(usage));
    }
    Ok(pods)
}

fn path(namespace: &str) -> String {
    let within = if namespace.is_empty() {
        String::new()
    } else {
        format!("/namespaces/{namespace}")
    };
    format!("/apis/metrics.k8s.io/v1beta1{within}/pods")
}

fn refusal(error: &kube::Error) -> Refusal {
    match error {
        kube::Error::Api(status) if status.code == 404 => {
            Refusal::Absent("the cluster has no metrics API".to_owned())
        }
        kube::Error::Api(status) if status.code == 403 => {
            Refusal::Absent("the metrics API is not allowed to this user".to_owned())
        }
        // Between its registration and its first answer.
        error => Refusal::Down(format!("the metrics API does not answer: {}", brief(error))),
    }
}

fn usage(part: Part<'_>) -> Option<PodUsage> {
    let sum = |pointer: &str, read: fn(&str) -> Option<u64>| {
        let amounts = part
            .list("/containers")
            .filter_map(|container| read(&container.text(pointer)?));
        amounts.sum()
    };
    Some(PodUsage {
        namespace: part.text("/metadata/namespace")?,
        name: part.text("/metadata/name")?,
        cpu_millicores: sum("/usage/cpu", millicores),
        memory_bytes: sum("/usage/memory", bytes),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn containers_are_summed_up() {
        let item = json!({"metadata": {"namespace": "n", "name": "p"}, "containers": [
            {"usage": {"cpu": "1500000n", "memory": "1024Ki"}}, {"usage": {"cpu": "3m", "memory": "1Mi"}}, {"usage": {}}]});
        let usage = usage(Part(&item)).unwrap();
        assert_eq!((usage.cpu_millicores, usage.memory_bytes), (5, 2 << 20));
    }

    #[test]
    fn one_namespace_or_all_are_asked_for() {
        assert_eq!(path("n"), "/apis/metrics.k8s.io/v1beta1/namespaces/n/pods");
        assert_eq!(path(""), "/apis/metrics.k8s.io/v1beta1/pods");
    }
}
