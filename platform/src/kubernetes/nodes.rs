//! Nodes: whether they are ready, and what there is to say about them.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Node, NodeCondition};
use k8s_openapi::jiff::Timestamp;

use super::text;

/// What is missing until all these nodes are Ready; `None` when nothing is. What a node has said before `started` does not count:
/// after a restart the API server still knows what was true before.
pub(super) fn unready(
    names: &[String],
    nodes: &BTreeMap<String, Node>,
    started: Option<Timestamp>,
) -> Option<String> {
    if names.is_empty() && nodes.is_empty() {
        return Some("no node has registered yet".to_owned());
    }
    let wanted: Vec<&String> = if names.is_empty() {
        nodes.keys().collect()
    } else {
        names.iter().collect()
    };
    let of = wanted.len();
    let missing = wanted.into_iter().filter_map(|name| {
        let reason = match nodes.get(name) {
            None => Some("has not registered yet".to_owned()),
            Some(node) => why_unready(node, started),
        };
        reason.map(|reason| format!("node {name} {reason}"))
    });
    let missing: Vec<String> = missing.collect();
    match missing.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [first, ..] => Some(format!("{} of {of} nodes ready; {first}", of - missing.len())),
    }
}

fn why_unready(node: &Node, started: Option<Timestamp>) -> Option<String> {
    let Some(ready) = condition(node, "Ready") else {
        return Some("has not reported yet".to_owned());
    };
    let reported = ready.last_heartbeat_time.as_ref().map(|time| time.0);
    if started.is_some_and(|started| reported.is_none_or(|reported| reported < started)) {
        return Some("has not reported since its start".to_owned());
    }
    if ready.status == "True" {
        return None;
    }
    let words = [ready.reason.as_deref(), ready.message.as_deref()];
    let words: Vec<&str> = words
        .into_iter()
        .flatten()
        .filter(|words| !words.is_empty())
        .collect();
    Some(text::line(&format!("is not ready ({})", words.join(": "))))
}

fn condition<'a>(node: &'a Node, kind: &str) -> Option<&'a NodeCondition> {
    let conditions = node.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == kind)
}
