//! The ends of logs.

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{ListParams, LogParams};

use super::finding::Log;
use crate::kubernetes::{Cluster, text};

/// Lines that are shown of a log.
const LINES: i64 = 20;
/// What of it is read at most: lines may be long.
const BYTES: i64 = 64 * 1024;
/// Lines of a controller's log that are searched, and those of them that are shown.
const SEARCHED: (i64, usize) = (300, 5);
/// What the JetStream controller's image is called in all its releases.
const CONTROLLER: &str = "jetstream-controller";

/// The last lines of a container's log; of its present run where the one before is not kept. Nothing when it cannot be had.
pub(super) async fn tail(cluster: &Cluster, namespace: &str, log: &Log) -> Vec<String> {
    let pods = Api::<Pod>::namespaced(cluster.client().clone(), namespace);
    let params = |previous| LogParams {
        container: Some(log.container.clone()),
        tail_lines: Some(LINES),
        limit_bytes: Some(BYTES),
        previous,
        ..LogParams::default()
    };
    let mut read = pods.logs(&log.pod, &params(log.previous)).await;
    if log.previous && !read.as_ref().is_ok_and(|log| !is_unavailable(log)) {
        read = pods.logs(&log.pod, &params(false)).await;
    }
    let read = read.unwrap_or_default();
    if is_unavailable(&read) {
        return Vec::new();
    }
    read.lines()
        .map(text::line)
        .filter(|line| !line.is_empty())
        .collect()
}

/// What a runtime wrote into the log in place of a program that is made for another kind of machine.
pub(super) fn exec_format_error(lines: &[String]) -> Option<&str> {
    let mut lines = lines.iter().rev().take(3);
    let found = lines.find(|line| line.starts_with("exec ") && line.ends_with("exec format error"));
    found.map(String::as_str)
}

/// The kubelet's own words, in place of a log that it has not kept.
fn is_unavailable(log: &str) -> bool {
    log.starts_with("unable to retrieve container logs")
}

/// The last lines of the JetStream controller's log that are about `name`.
pub(super) async fn of_controller(cluster: &Cluster, name: &str) -> Vec<String> {
    let everywhere = Api::<Pod>::all(cluster.client().clone());
    let Ok(pods) = everywhere
        .list(&ListParams::default().fields("status.phase=Running"))
        .await
    else {
        return Vec::new();
    };
    let Some((namespace, pod, container)) = pods.items.iter().find_map(controller) else {
        return Vec::new();
    };
    let params = LogParams {
        container: Some(container),
        tail_lines: Some(SEARCHED.0),
        limit_bytes: Some(BYTES),
        ..LogParams::default()
    };
    let api = Api::<Pod>::namespaced(cluster.client().clone(), &namespace);
    let log = api.logs(&pod, &params).await.unwrap_or_default();
    let about: Vec<String> = log
        .lines()
        .filter(|line| line.contains(name))
        .map(text::line)
        .collect();
    about[about.len().saturating_sub(SEARCHED.1)..].to_vec()
}

fn controller(pod: &Pod) -> Option<(String, String, String)> {
    let containers = pod.spec.as_ref()?.containers.iter();
    let mut ours = containers.filter(|container| {
        let image = container.image.as_deref().unwrap_or_default();
        let command = container
            .command
            .iter()
            .flatten()
            .any(|word| word.contains(CONTROLLER));
        command || image.contains(CONTROLLER)
    });
    let container = ours.next()?.name.clone();
    Some((
        pod.metadata.namespace.clone()?,
        pod.metadata.name.clone()?,
        container,
    ))
}
