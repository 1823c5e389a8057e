//! From what is wrong to what is told: with the warnings and the log that show it, and a command.

use std::time::Duration;

use futures_util::future::{join_all, join3};
use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim};
use kube::Api;
use kube::api::ListParams;

use super::finding::{Finding, Look};
use super::scene::last_seen;
use super::target::Target;
use super::{Diagnosis, Kind, command, log};
use crate::kubernetes::rollout::Rule;
use crate::kubernetes::{Cluster, text};

/// How long looking for evidence may take; a diagnosis without it is better than none.
const WITHIN: Duration = Duration::from_secs(3);
/// Warnings that are shown.
const WARNINGS: usize = 3;
/// Objects whose warnings are asked for.
const INVOLVED: usize = 4;
/// Warnings that only say that the kubelet waits.
const EMPTY: [&str; 4] = [
    "Error: ErrImagePull",
    "Error: ImagePullBackOff",
    "Back-off restarting",
    "Error: InvalidImageName",
];

/// The diagnosis of a finding about `target`.
pub(super) async fn diagnose(cluster: &Cluster, target: &Target, finding: &Finding) -> Diagnosis {
    let namespace = target.id.namespace.as_deref();
    let found = tokio::time::timeout(WITHIN, evidence(cluster, target, finding)).await;
    Diagnosis {
        subject: text::line(&target.id.to_string()),
        kind: finding.kind,
        cause: text::line(&finding.cause),
        evidence: found.unwrap_or_default(),
        next: command::command(cluster.name(), namespace, &finding.look, finding.log.as_ref()),
    }
}

/// Nothing at all was heard of these.
pub(super) fn unanswered(cluster: &Cluster, subjects: Vec<String>) -> Vec<Diagnosis> {
    let next = command::command(cluster.name(), None, &Look::Get("nodes"), None);
    let diagnosis = |subject| Diagnosis {
        subject,
        kind: Kind::NotReady,
        cause: "its state is not known: the API server has not answered".to_owned(),
        evidence: Vec::new(),
        next: next.clone(),
    };
    subjects.into_iter().map(diagnosis).collect()
}

async fn evidence(cluster: &Cluster, target: &Target, finding: &Finding) -> Vec<String> {
    let namespace = target.id.namespace.as_deref().unwrap_or("default");
    let logs = async {
        match &finding.log {
            Some(log) => log::tail(cluster, namespace, log).await,
            None if target.rule == Rule::Stream => log::of_controller(cluster, &target.id.name).await,
            None => Vec::new(),
        }
    };
    let claims = async {
        match finding.kind {
            Kind::Volume => claims(cluster, namespace).await,
            _ => Vec::new(),
        }
    };
    let involved = finding.involved.iter().take(INVOLVED);
    let events = join_all(involved.map(|uid| warnings(cluster, namespace, uid)));
    let (events, logs, claims) = join3(events, logs, claims).await;
    let mut evidence = told(events.into_iter().flatten().collect(), &finding.cause);
    evidence.extend(claims);
    evidence.extend(logs.into_iter().map(|line| format!("log: {line}")));
    evidence
}

async fn warnings(cluster: &Cluster, namespace: &str, uid: &str) -> Vec<Event> {
    let events = Api::<Event>::namespaced(cluster.client().clone(), namespace);
    let params = ListParams::default().fields(&format!("involvedObject.uid={uid},type=Warning"));
    events
        .list(&params)
        .await
        .map(|listed| listed.items)
        .unwrap_or_default()
}

/// Claims of the namespace that are not bound, each with what the cluster says about it.
async fn claims(cluster: &Cluster, namespace: &str) -> Vec<String> {
    let api = Api::<PersistentVolumeClaim>::namespaced(cluster.client().clone(), namespace);
    let listed = api
        .list(&ListParams::default())
        .await
        .map(|listed| listed.items)
        .unwrap_or_default();
    let phase = |claim: &PersistentVolumeClaim| {
        claim
            .status
            .as_ref()
            .and_then(|status| status.phase.clone())
            .unwrap_or_default()
    };
    let open = listed
        .iter()
        .filter(|claim| phase(claim) != "Bound")
        .take(WARNINGS);
    let told = open.map(async |claim| {
        let name = claim.metadata.name.as_deref().unwrap_or_default();
        let mut events = warnings(
            cluster,
            namespace,
            claim.metadata.uid.as_deref().unwrap_or_default(),
        )
        .await;
        events.sort_by_key(|event| std::cmp::Reverse(last_seen(event)));
        let why = events
            .first()
            .and_then(|event| event.message.as_deref())
            .unwrap_or_default();
        text::line(&format!("claim {name}: {}: {why}", phase(claim)))
    });
    join_all(told).await
}

/// The newest distinct warnings in words, without those that say nothing and what the cause says already.
fn told(mut events: Vec<Event>, cause: &str) -> Vec<String> {
    events.sort_by_key(|event| std::cmp::Reverse(last_seen(event)));
    let mut seen = Vec::new();
    let mut told = Vec::new();
    for event in events {
        let message = text::line(event.message.as_deref().unwrap_or_default());
        let reason = text::line(event.reason.as_deref().unwrap_or_default());
        let same = (reason.clone(), without_names(&message));
        if message.is_empty()
            || seen.contains(&same)
            || cause.contains(&message)
            || EMPTY.iter().any(|empty| message.starts_with(empty))
        {
            continue;
        }
        seen.push(same);
        told.push(format!("{reason}: {message}"));
        if told.len() == WARNINGS {
            break;
        }
    }
    told
}

/// The message without what stands in quotes: pods of one set differ in nothing else.
fn without_names(message: &str) -> String {
    let message = message.trim_start_matches("(combined from similar events): ");
    let rest: String = message.split('"').step_by(2).collect();
    // Long ones are cut, at places that depend on the names.
    rest.chars().take(80).collect()
}
