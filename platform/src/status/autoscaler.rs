//! What adds and removes pods by itself.

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;
use serde_json::Value;

use crate::kubernetes::{Cluster, Error};

/// A `HorizontalPodAutoscaler`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Autoscaler {
    /// Where it is.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it scales, such as `Deployment/http-to-nats-proxy`.
    pub scales: String,
    /// What it goes by.
    pub metrics: Vec<Metric>,
    /// Pods that there are.
    pub replicas: i32,
    /// Pods that it wants.
    pub wanted: i32,
    /// Pods that there are at least.
    pub min: i32,
    /// Pods that there are at most.
    pub max: i32,
}

/// What an autoscaler goes by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metric {
    /// Such as `cpu`.
    pub name: String,
    /// As it is, such as `12%`; `None` as long as nobody has measured.
    pub current: Option<String>,
    /// As it should be.
    pub target: String,
}

/// All autoscalers but those of Kubernetes itself.
pub(super) async fn list(cluster: &Cluster) -> Result<Vec<Autoscaler>, Error> {
    let outside = ListParams::default().fields("metadata.namespace!=kube-system");
    let listed = Api::<HorizontalPodAutoscaler>::all(cluster.client().clone())
        .list(&outside)
        .await;
    let listed = listed.map_err(|error| cluster.failed("list HorizontalPodAutoscalers".to_owned(), error))?;
    Ok(listed.items.into_iter().map(of).collect())
}

fn of(found: HorizontalPodAutoscaler) -> Autoscaler {
    let spec = found.spec.unwrap_or_default();
    let status = found.status.unwrap_or_default();
    let values = |list: Option<Value>| list.and_then(|list| list.as_array().cloned()).unwrap_or_default();
    let current = values(serde_json::to_value(&status.current_metrics).ok());
    let wanted = values(serde_json::to_value(&spec.metrics).ok());
    let metrics = wanted.iter().filter_map(|metric| {
        let (name, part) = named(metric)?;
        let now = current.iter().filter_map(named).find(|(of, _)| *of == name);
        Some(Metric {
            current: now.and_then(|(_, part)| amount(&part["current"])),
            target: amount(&part["target"])?,
            name,
        })
    });
    Autoscaler {
        metrics: metrics.collect(),
        namespace: found.metadata.namespace.unwrap_or_default(),
        name: found.metadata.name.unwrap_or_default(),
        scales: format!("{}/{}", spec.scale_target_ref.kind, spec.scale_target_ref.name),
        replicas: status.current_replicas.unwrap_or_default(),
        wanted: status.desired_replicas,
        min: spec.min_replicas.unwrap_or(1),
        max: spec.max_replicas,
    }
}

/// A metric's name, and the part that is about it.
fn named(metric: &Value) -> Option<(String, &Value)> {
    let kinds = ["resource", "containerResource", "pods", "object", "external"];
    let part = kinds.iter().find_map(|kind| metric.get(*kind))?;
    let name = part["name"].as_str().or(part["metric"]["name"].as_str())?;
    Some((name.to_owned(), part))
}

fn amount(of: &Value) -> Option<String> {
    if let Some(percent) = of["averageUtilization"].as_i64() {
        return Some(format!("{percent}%"));
    }
    let value = of["averageValue"].as_str().or(of["value"].as_str())?;
    Some(value.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn autoscaler(metric: &Value, current: &Value) -> Autoscaler {
        let found = json!({
            "metadata": {"namespace": "rating", "name": "proxy"},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "proxy"},
                "minReplicas": 2, "maxReplicas": 5, "metrics": [metric],
            },
            "status": {"currentReplicas": 2, "desiredReplicas": 3, "currentMetrics": current},
        });
        of(serde_json::from_value(found).unwrap())
    }

    #[test_case(
        &json!({"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}),
        &json!([{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 91, "averageValue": "91m"}}}])
        => ("cpu".to_owned(), Some("91%".to_owned()), "70%".to_owned()); "a share of the request")]
    #[test_case(
        &json!({"type": "External", "external": {"metric": {"name": "lag"}, "target": {"type": "AverageValue", "averageValue": "10"}}}),
        &json!([{"type": "External", "external": {"metric": {"name": "lag"}, "current": {"averageValue": "4"}}}])
        => ("lag".to_owned(), Some("4".to_owned()), "10".to_owned()); "from elsewhere")]
    #[test_case(
        &json!({"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}),
        &json!(null)
        => ("cpu".to_owned(), None, "70%".to_owned()); "not measured yet")]
    fn metric(metric: &Value, current: &Value) -> (String, Option<String>, String) {
        let Metric {
            name,
            current,
            target,
        } = autoscaler(metric, current).metrics.remove(0);
        (name, current, target)
    }

    #[test]
    fn how_many_there_are_and_may_be() {
        let found = autoscaler(&json!({"type": "Nothing"}), &json!(null));
        assert_eq!(found.scales, "Deployment/proxy");
        assert_eq!((found.replicas, found.wanted, found.min, found.max), (2, 3, 2, 5));
        assert!(found.metrics.is_empty());
    }
}
