//! From a pod of the API to a sample.

use k8s_openapi::api::core::v1::{Container, ContainerStatus, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use snapshot::sample::{ContainerResources, Millis, Owner, PodSample};

use super::{bytes, millicores, status};
use crate::kubernetes::pods::trouble;
use crate::manifest::COMPONENT;

/// Everything that is told of a pod.
pub(super) fn pod(pod: &Pod) -> PodSample {
    let containers = || {
        pod.status
            .iter()
            .flat_map(|status| status.container_statuses.iter().flatten())
    };
    let specified = pod.spec.as_ref().map_or(&[][..], |spec| &spec.containers);
    let last = containers().filter_map(last_end).max_by_key(|(at, ..)| *at);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    PodSample {
        namespace: pod.namespace().unwrap_or_default(),
        name: pod.name_any(),
        uid: pod.uid().unwrap_or_default(),
        status: status::word(pod),
        containers_ready: count(containers().filter(|container| container.ready).count()),
        containers: count(specified.len()),
        restarts: containers()
            .map(|container| u64::try_from(container.restart_count).unwrap_or(0))
            .sum(),
        last_restart_ms: last.as_ref().and_then(|(at, ..)| *at),
        last_reason: last.as_ref().and_then(|(_, reason, _)| reason.clone()),
        last_exit_code: last.as_ref().map(|(.., code)| *code),
        message: trouble(pod),
        terminating: pod.metadata.deletion_timestamp.is_some(),
        ip: pod.status.as_ref().and_then(|status| status.pod_ip.clone()),
        node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
        created_ms: pod.metadata.creation_timestamp.as_ref().map(milliseconds),
        component: pod.labels().get(COMPONENT).cloned(),
        owner: owner(pod),
        resources: resources(specified),
        port_forward: false,
    }
}

fn milliseconds(time: &Time) -> Millis {
    time.0.as_millisecond()
}

/// When and how the container before this one ended.
fn last_end(container: &ContainerStatus) -> Option<(Option<Millis>, Option<String>, i32)> {
    let ended = container.last_state.as_ref()?.terminated.as_ref()?;
    let at = ended.finished_at.as_ref().map(milliseconds);
    Some((at, ended.reason.clone(), ended.exit_code))
}

/// A `ReplicaSet` is named after its Deployment and a hash.
fn owner(pod: &Pod) -> Option<Owner> {
    let owner = pod
        .owner_references()
        .iter()
        .find(|owner| owner.controller == Some(true))?;
    let hash = pod.labels().get("pod-template-hash");
    let deployment = hash.and_then(|hash| owner.name.strip_suffix(hash.as_str())?.strip_suffix('-'));
    Some(match (owner.kind.as_str(), deployment) {
        ("ReplicaSet", Some(deployment)) => Owner {
            kind: "Deployment".to_owned(),
            name: deployment.to_owned(),
        },
        (kind, _) => Owner {
            kind: kind.to_owned(),
            name: owner.name.clone(),
        },
    })
}

/// What all containers have together; nothing where one of them has none.
fn resources(containers: &[Container]) -> ContainerResources {
    let sum = |limits: bool, key: &str, read: fn(&str) -> Option<u64>| {
        let of = |container: &Container| {
            let resources = container.resources.as_ref()?;
            let map = if limits {
                &resources.limits
            } else {
                &resources.requests
            };
            read(&map.as_ref()?.get(key)?.0)
        };
        let amounts: Option<Vec<u64>> = containers.iter().map(of).collect();
        amounts
            .filter(|amounts| !amounts.is_empty())
            .map(|amounts| amounts.iter().sum())
    };
    ContainerResources {
        cpu_request_millicores: sum(false, "cpu", millicores),
        cpu_limit_millicores: sum(true, "cpu", millicores),
        memory_request_bytes: sum(false, "memory", bytes),
        memory_limit_bytes: sum(true, "memory", bytes),
    }
}
