//! Pods that cannot even be created: a quota, an admission rule, a `ServiceAccount` that is not there.

use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use super::Kind;
use super::examine::uid;
use super::finding::{Finding, Look, MOMENT, Patience};
use super::scene::{Scene, last_seen};
use super::target::Target;
use crate::kubernetes::rollout::{Rollout, Rule};
use crate::kubernetes::text;

/// Why its pods cannot be created, if that is so now.
pub(super) fn refused(
    target: &Target,
    object: &Value,
    rollout: &Rollout,
    pods: &[&Pod],
    scene: &Scene<'_>,
) -> Option<Finding> {
    let own = uid(object)?;
    let set = scene.newest_set(&own);
    let maker = set
        .and_then(|set| set.metadata.uid.clone())
        .unwrap_or_else(|| own.clone());
    let message = if let (Rule::Deployment, Rollout::Failing(reason)) = (target.rule, rollout) {
        reason.clone()
    } else {
        let changed = last_change(object);
        let warnings = scene.warnings_about(&maker);
        let warning = warnings
            .into_iter()
            .find(|warning| tells_of_refusal(warning, changed))?;
        // As long as there are fewer pods than there should be, it is still so.
        if pods.len() >= wanted(target.rule, object) {
            return None;
        }
        text::line(warning.message.as_deref().unwrap_or_default())
    };
    let (kind, patience) = classify(&message);
    let name = set.and_then(|set| set.metadata.name.clone());
    let look = match (kind, name) {
        (Kind::Quota, _) => Look::Get("resourcequotas"),
        (Kind::ServiceAccount, _) => Look::Get("serviceaccounts"),
        (_, Some(name)) => Look::Describe {
            kind: "replicaset".to_owned(),
            name,
        },
        (_, None) => Look::of(target),
    };
    let words = essence(&message);
    Some(Finding {
        kind,
        patience,
        part: String::new(),
        brief: format!("pods cannot be created: {words}"),
        cause: format!("its pods cannot be created: {words}"),
        involved: vec![maker, own],
        log: None,
        look,
    })
}

fn classify(message: &str) -> (Kind, Patience) {
    let lower = message.to_ascii_lowercase();
    if lower.contains("exceeded quota") || lower.contains("failed quota") {
        (Kind::Quota, Patience::None)
    } else if lower.contains("service account") || lower.contains("serviceaccount") {
        (Kind::ServiceAccount, Patience::For(MOMENT))
    } else if lower.contains("failed calling webhook") || lower.contains("timeout") {
        // The webhook itself may only be starting.
        (Kind::Admission, Patience::For(5 * MOMENT))
    } else if lower.contains("podsecurity")
        || lower.contains("admission")
        || lower.contains("denied")
        || lower.contains("is forbidden")
    {
        (Kind::Admission, Patience::None)
    } else if lower.contains("is invalid") {
        (Kind::PodCreation, Patience::None)
    } else {
        (Kind::PodCreation, Patience::For(5 * MOMENT))
    }
}

/// The message without what every such message begins with.
fn essence(message: &str) -> String {
    let message = message.trim_start_matches("(combined from similar events): ");
    let message = message.trim_start_matches("Error creating: ");
    let after = message
        .split_once("failed error: ")
        .map_or(message, |(_, after)| after);
    match after.split_once(" is forbidden: ") {
        Some((_, why)) => why.to_owned(),
        None => after.to_owned(),
    }
}

/// Whether it says that a pod was refused, since the object was last changed: events stay for an hour.
fn tells_of_refusal(warning: &Event, changed: Option<Timestamp>) -> bool {
    warning.reason.as_deref() == Some("FailedCreate") && (changed.is_none() || last_seen(warning) >= changed)
}

/// When somebody last wrote what is wanted, by the API server's clock.
fn last_change(object: &Value) -> Option<Timestamp> {
    let fields = object.pointer("/metadata/managedFields")?.as_array()?;
    let of_spec = fields.iter().filter(|entry| entry["subresource"].is_null());
    let times = of_spec.filter_map(|entry| entry["time"].as_str()?.parse().ok());
    times.max()
}

fn wanted(rule: Rule, object: &Value) -> usize {
    let wanted = match rule {
        Rule::DaemonSet => object.pointer("/status/desiredNumberScheduled"),
        Rule::Job => object.pointer("/spec/parallelism"),
        _ => object.pointer("/spec/replicas"),
    };
    let wanted = wanted.and_then(Value::as_u64).unwrap_or(1);
    usize::try_from(wanted).unwrap_or(usize::MAX)
}
