//! The cluster's DNS: whether it serves.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::jiff::Timestamp;

use super::{Starts, pods};

/// Where `CoreDNS` and its Service are.
pub(super) const NAMESPACE: &str = "kube-system";

/// What is missing until DNS serves; `None` when nothing is.
///
/// The Deployment's condition Available is not asked: with one replica of which one may be unavailable it is true without any pod. What
/// serves is a pod whose readiness has reached the Service's endpoints, from where the nodes take it. After a restart both are still
/// there from before, so the pod's containers must be younger than its node's start.
pub(super) fn unready(
    deployment: Option<&Deployment>,
    pods: &BTreeMap<String, Pod>,
    slices: &BTreeMap<String, EndpointSlice>,
    starts: &Starts,
) -> Option<String> {
    let Some(deployment) = deployment else {
        return Some("Deployment kube-system/coredns is not there yet".to_owned());
    };
    let wanted = deployment
        .spec
        .as_ref()
        .and_then(|spec| spec.replicas)
        .unwrap_or(1);
    if wanted == 0 {
        return Some("CoreDNS is scaled to 0 replicas".to_owned());
    }
    let serving = |pod: &&Pod| pods::is_ready(pod) && pods::runs_since(pod, start_of_node(pod, starts));
    let ready: Vec<&Pod> = pods.values().filter(serving).collect();
    if ready.iter().any(|pod| is_published(pod, slices)) {
        return None;
    }
    if !ready.is_empty() {
        return Some("CoreDNS: a pod is ready, and not yet an endpoint of Service kube-dns".to_owned());
    }
    let trouble = pods.values().find_map(pods::trouble);
    let trouble = trouble.or_else(|| pods.is_empty().then(|| "no pod yet".to_owned()));
    let trouble = trouble.unwrap_or_else(|| "not started again yet".to_owned());
    Some(format!("CoreDNS: 0 of {wanted} pods ready ({trouble})"))
}

fn start_of_node(pod: &Pod, starts: &Starts) -> Option<Timestamp> {
    let node = pod.spec.as_ref()?.node_name.as_ref()?;
    starts.get(node).copied()
}

fn is_published(pod: &Pod, slices: &BTreeMap<String, EndpointSlice>) -> bool {
    let endpoints = slices.values().flat_map(|slice| &slice.endpoints);
    let mut ours = endpoints.filter(|endpoint| {
        let target = endpoint.target_ref.as_ref();
        target.is_some_and(|target| target.uid.is_some() && target.uid == pod.metadata.uid)
    });
    ours.any(|endpoint| {
        endpoint
            .conditions
            .as_ref()
            .and_then(|conditions| conditions.ready)
            .unwrap_or(true)
    })
}

#[cfg(test)]
mod tests;
