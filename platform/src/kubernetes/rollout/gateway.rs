//! The Gateway API: classes, gateways and the routes that hang on them.

use serde_json::Value;

use super::Rollout;
use super::condition::{self, Condition, generation, unseen};

/// Reasons that only say that nobody has looked yet.
const WAITING: [&str; 2] = ["Pending", "Waiting"];

/// A `GatewayClass`.
pub(super) fn class(class: &Value) -> Rollout {
    let accepted = Condition::of(condition::conditions(class), "Accepted");
    held(class, accepted, "Accepted").unwrap_or(Rollout::Done)
}

/// A Gateway.
pub(super) fn gateway(gateway: &Value) -> Rollout {
    let conditions = condition::conditions(gateway);
    let waits = ["Accepted", "Programmed"]
        .into_iter()
        .find_map(|kind| held(gateway, Condition::of(conditions, kind), kind));
    waits.unwrap_or(Rollout::Done)
}

/// A route of any protocol.
pub(super) fn route(route: &Value) -> Rollout {
    let wanted = route["spec"]["parentRefs"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let namespace = route["metadata"]["namespace"].as_str().unwrap_or("default");
    let reported = route["status"]["parents"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    for parent in wanted {
        let name = parent["name"].as_str().unwrap_or_default();
        let about: Vec<&Value> = reported
            .iter()
            .filter(|status| same_parent(&status["parentRef"], parent, namespace))
            .collect();
        if about.is_empty() {
            return Rollout::Progressing(format!("gateway {name} has not taken it yet"));
        }
        for status in about {
            for kind in ["Accepted", "ResolvedRefs"] {
                let condition = Condition::of(status.get("conditions"), kind);
                if let Some(waits) = held(route, condition, kind) {
                    return waits;
                }
            }
        }
    }
    Rollout::Done
}

/// What stands between the object and this condition; `None` when it is true for the newest generation.
fn held(object: &Value, condition: Option<Condition<'_>>, kind: &str) -> Option<Rollout> {
    let by = "the gateway's controller";
    let Some(condition) = condition else {
        return Some(Rollout::Progressing(format!("{by} has not said {kind} yet")));
    };
    if condition.is_older_than(generation(object)) {
        return Some(unseen(by));
    }
    if condition.is_true() {
        return None;
    }
    let words = format!("not {kind}: {}", condition.words());
    let refused = condition.is_false() && !WAITING.contains(&condition.reason());
    Some(if refused {
        Rollout::Failing(words)
    } else {
        Rollout::Progressing(words)
    })
}

fn same_parent(reported: &Value, wanted: &Value, namespace: &str) -> bool {
    let home = |parent: &Value| parent["namespace"].as_str().unwrap_or(namespace).to_owned();
    home(reported) == home(wanted)
        && ["name", "sectionName", "port"]
            .into_iter()
            .all(|key| reported.get(key) == wanted.get(key))
}
