//! What comes from outside, made safe before it is kept.

use crate::sample::{
    AccountSample, AdvisorySample, ClusterSample, ConsumerSample, KubernetesEventSample, Message, PodSample,
    ServiceData, ServiceSample, SourceReport, StreamSample, StreamSource,
};
use crate::text::{bound, clean, clean_all, clean_map, clean_some};

/// Instances of one poll that are looked at, and endpoints and routes of each.
const ROUTES: usize = 256;

pub(super) fn source(report: &mut SourceReport) {
    clean_some(&mut report.reason);
    clean_some(&mut report.endpoint);
    clean_some(&mut report.version);
}

pub(super) fn account(sample: &mut AccountSample) {
    clean_some(&mut sample.account);
    clean_some(&mut sample.meta_leader);
}

fn cluster(sample: &mut Option<ClusterSample>) {
    let Some(sample) = sample else { return };
    clean_some(&mut sample.name);
    clean_some(&mut sample.leader);
    bound(&mut sample.replicas);
    sample
        .replicas
        .iter_mut()
        .for_each(|replica| clean(&mut replica.name));
}

fn stream_source(sample: &mut StreamSource) {
    clean(&mut sample.name);
    clean_some(&mut sample.error);
}

pub(super) fn stream(sample: &mut StreamSample) {
    clean(&mut sample.name);
    clean_all(&mut sample.subjects);
    clean_some(&mut sample.description);
    clean_map(&mut sample.metadata);
    cluster(&mut sample.cluster);
    sample.mirror.iter_mut().for_each(stream_source);
    bound(&mut sample.sources);
    sample.sources.iter_mut().for_each(stream_source);
}

pub(super) fn consumer(sample: &mut ConsumerSample) {
    clean(&mut sample.name);
    clean_all(&mut sample.filter_subjects);
    clean_some(&mut sample.deliver_subject);
    clean_some(&mut sample.deliver_group);
    clean_some(&mut sample.sample_frequency);
    clean_some(&mut sample.description);
    clean_map(&mut sample.metadata);
    cluster(&mut sample.cluster);
    bound(&mut sample.priority_groups);
    for group in &mut sample.priority_groups {
        clean(&mut group.group);
        clean_some(&mut group.pinned_client_id);
    }
}

pub(super) fn message(sample: &mut Message) {
    clean(&mut sample.subject);
    clean_map(&mut sample.headers);
}

pub(super) fn advisory(sample: &mut AdvisorySample) {
    clean_some(&mut sample.stream);
    clean_some(&mut sample.consumer);
    clean_some(&mut sample.reason);
}

pub(super) fn service(sample: &mut ServiceSample) {
    clean(&mut sample.name);
    clean(&mut sample.id);
    clean(&mut sample.version);
    clean_map(&mut sample.metadata);
    bound(&mut sample.endpoints);
    for endpoint in &mut sample.endpoints {
        clean(&mut endpoint.name);
        clean(&mut endpoint.subject);
        clean_some(&mut endpoint.queue_group);
        clean_some(&mut endpoint.last_error);
        endpoint.data.iter_mut().for_each(data);
    }
}

fn data(sample: &mut ServiceData) {
    clean_some(&mut sample.pod);
    clean_some(&mut sample.node);
    bound(&mut sample.consumes);
    for consumed in &mut sample.consumes {
        clean(&mut consumed.stream);
        clean(&mut consumed.consumer);
    }
    let routes = std::mem::take(&mut sample.routes).into_iter().take(ROUTES);
    sample.routes = routes
        .map(|(mut name, mut route)| {
            clean(&mut name);
            clean_some(&mut route.subject);
            route.err = renamed(route.err);
            route.phases = renamed(route.phases);
            (name, route)
        })
        .collect();
}

fn renamed<T>(map: std::collections::BTreeMap<String, T>) -> std::collections::BTreeMap<String, T> {
    let clean_name = |(mut name, value)| {
        clean(&mut name);
        (name, value)
    };
    map.into_iter().take(16).map(clean_name).collect()
}

pub(super) fn pod(sample: &mut PodSample) {
    for text in [
        &mut sample.namespace,
        &mut sample.name,
        &mut sample.uid,
        &mut sample.status,
    ] {
        clean(text);
    }
    for text in [
        &mut sample.last_reason,
        &mut sample.message,
        &mut sample.ip,
        &mut sample.node,
        &mut sample.component,
    ] {
        clean_some(text);
    }
    if let Some(owner) = &mut sample.owner {
        clean(&mut owner.kind);
        clean(&mut owner.name);
    }
}

pub(super) fn kubernetes(sample: &mut KubernetesEventSample) {
    for text in [
        &mut sample.uid,
        &mut sample.namespace,
        &mut sample.kind,
        &mut sample.name,
        &mut sample.reason,
        &mut sample.message,
    ] {
        clean(text);
    }
}
