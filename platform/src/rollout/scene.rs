//! Pods, sets and warnings as they are at one moment, and which of them belong to an object.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use crate::kubernetes::rollout::Rule;

/// What is around the objects of one namespace.
#[derive(Clone, Debug, Default)]
pub(super) struct Scene<'a> {
    pub(super) pods: Vec<&'a Pod>,
    pub(super) sets: Vec<&'a ReplicaSet>,
    pub(super) warnings: Vec<&'a Event>,
    /// Whether something is under way that may still make what is missing, such as a custom resource whose controller writes a Secret.
    pub(super) makers: bool,
    /// Containers that end alike every time, by the UID of their pod and their name.
    pub(super) hopeless: BTreeSet<(String, String)>,
}

impl<'a> Scene<'a> {
    /// The pods that say how the object's rollout goes: those of its newest template.
    pub(super) fn newest_pods(&self, rule: Rule, object: &Value) -> Vec<&'a Pod> {
        let Some(uid) = object.pointer("/metadata/uid").and_then(Value::as_str) else {
            return Vec::new();
        };
        let of = |owner: &str, pod: &Pod| is_owned(&pod.metadata, owner);
        let labelled = |pod: &Pod, label: &str, value: Option<&str>| {
            let labels = pod.metadata.labels.as_ref();
            let found = labels.and_then(|labels| labels.get(label));
            value.is_none() || found.map(String::as_str) == value
        };
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let pods = self.pods.iter().copied();
        match rule {
            Rule::Deployment => {
                let Some(set) = self.newest_set(uid).and_then(|set| set.metadata.uid.as_deref()) else {
                    return Vec::new();
                };
                pods.filter(|pod| of(set, pod)).collect()
            }
            Rule::StatefulSet => {
                let newest = text("/status/updateRevision");
                let own = pods.filter(|pod| of(uid, pod));
                own.filter(|pod| labelled(pod, "controller-revision-hash", newest))
                    .collect()
            }
            Rule::DaemonSet => {
                let newest = text("/metadata/annotations/deprecated.daemonset.template.generation");
                let own = pods.filter(|pod| of(uid, pod));
                own.filter(|pod| labelled(pod, "pod-template-generation", newest))
                    .collect()
            }
            Rule::Pod => pods
                .filter(|pod| pod.metadata.uid.as_deref() == Some(uid))
                .collect(),
            _ => pods.filter(|pod| of(uid, pod)).collect(),
        }
    }

    /// The pods of earlier templates that a `StatefulSet` which keeps its pods' order replaces only when they run.
    pub(super) fn older_pods(&self, rule: Rule, object: &Value) -> Vec<&'a Pod> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let in_order = text("/spec/podManagementPolicy") != Some("Parallel")
            && text("/spec/updateStrategy/type") != Some("OnDelete");
        if rule != Rule::StatefulSet || !in_order {
            return Vec::new();
        }
        let Some(uid) = text("/metadata/uid") else {
            return Vec::new();
        };
        let newest = self.newest_pods(rule, object);
        let own = self.pods.iter().filter(|pod| is_owned(&pod.metadata, uid));
        own.filter(|pod| !newest.iter().any(|one| std::ptr::eq(*one, **pod)))
            .copied()
            .collect()
    }

    /// The newest `ReplicaSet` of the Deployment with this UID.
    pub(super) fn newest_set(&self, deployment: &str) -> Option<&'a ReplicaSet> {
        let own = self.sets.iter().filter(|set| is_owned(&set.metadata, deployment));
        own.max_by_key(|set| revision(&set.metadata)).copied()
    }

    /// Warnings about the object with this UID, newest first.
    pub(super) fn warnings_about(&self, uid: &str) -> Vec<&'a Event> {
        let about = |warning: &&&Event| warning.involved_object.uid.as_deref() == Some(uid);
        let mut warnings: Vec<&Event> = self.warnings.iter().filter(about).copied().collect();
        warnings.sort_by_key(|warning| std::cmp::Reverse(last_seen(warning)));
        warnings
    }
}

/// When an event happened last.
pub(super) fn last_seen(event: &Event) -> Option<Timestamp> {
    let series = event
        .series
        .as_ref()
        .and_then(|series| series.last_observed_time.as_ref());
    let times = [
        series.map(|time| time.0),
        event.last_timestamp.as_ref().map(|time| time.0),
        event.event_time.as_ref().map(|time| time.0),
        event.metadata.creation_timestamp.as_ref().map(|time| time.0),
    ];
    times.into_iter().flatten().max()
}

fn is_owned(object: &ObjectMeta, owner: &str) -> bool {
    let mut owners = object.owner_references.iter().flatten();
    owners.any(|reference| reference.uid == owner)
}

fn revision(set: &ObjectMeta) -> u64 {
    let annotations = set.annotations.as_ref();
    let revision = annotations.and_then(|annotations| annotations.get("deployment.kubernetes.io/revision"));
    revision.and_then(|revision| revision.parse().ok()).unwrap_or(0)
}
