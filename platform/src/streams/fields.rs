//! Configurations as the JetStream API writes them, field by field: what differs, what may change, what is sent.

use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Error;
use super::compare::FieldChange;

/// A configuration: field names and values of the JetStream API.
pub(super) type Config = Map<String, Value>;

/// Fields in which 0 asks for the server's default, which it then shows.
const ZERO_IS_DEFAULT: [&str; 5] = [
    "ack_wait",
    "duplicate_window",
    "max_ack_pending",
    "max_waiting",
    "num_replicas",
];

/// Fields in which the server turns 0 into -1, no limit.
const ZERO_IS_UNLIMITED: [&str; 6] = [
    "max_bytes",
    "max_consumers",
    "max_deliver",
    "max_msg_size",
    "max_msgs",
    "max_msgs_per_subject",
];

/// What a definition sets.
pub(super) fn config(definition: &impl Serialize) -> Result<Config, Error> {
    let malformed = |source| Error::Malformed {
        operation: "no request (a definition as JSON)".to_owned(),
        source,
    };
    let mut config: Config = serde_json::to_value(definition)
        .and_then(serde_json::from_value)
        .map_err(malformed)?;
    normalize(&mut config);
    Ok(config)
}

/// What a server answered; `None` if that is no object.
pub(super) fn answered(config: Value) -> Option<Config> {
    let Value::Object(mut config) = config else {
        return None;
    };
    normalize(&mut config);
    Some(config)
}

/// One spelling for what can be said in two ways.
fn normalize(config: &mut Config) {
    if let Some(subject) = config.remove("filter_subject").filter(|subject| subject != "") {
        config.insert("filter_subjects".to_owned(), Value::Array(vec![subject]));
    }
    if config
        .get("backoff")
        .and_then(Value::as_array)
        .is_some_and(|pauses| !pauses.is_empty())
    {
        // The server shows the first pause there.
        config.remove("ack_wait");
    }
}

/// Where the server differs from what is wanted. What is not wanted in any way is not looked at.
pub(super) fn changes(wanted: &Config, actual: &Config) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    compare_objects("", wanted, actual, &mut changes);
    changes
}

fn compare_objects(prefix: &str, wanted: &Config, actual: &Config, changes: &mut Vec<FieldChange>) {
    for (name, wanted) in wanted {
        let actual = actual.get(name).unwrap_or(&Value::Null);
        let field = format!("{prefix}{name}");
        match (wanted, actual) {
            (Value::Object(wanted), Value::Object(actual)) => {
                compare_objects(&format!("{field}."), wanted, actual, changes);
            }
            _ if same(name, wanted, actual) => {}
            _ => changes.push(FieldChange {
                field,
                from: actual.clone(),
                to: wanted.clone(),
            }),
        }
    }
}

fn same(name: &str, wanted: &Value, actual: &Value) -> bool {
    match (wanted, actual) {
        (wanted, actual) if wanted == actual => true,
        (wanted, Value::Null) => is_empty(wanted),
        (Value::Number(zero), _) if zero.as_i64() == Some(0) && ZERO_IS_DEFAULT.contains(&name) => true,
        (Value::Number(zero), Value::Number(limit)) if ZERO_IS_UNLIMITED.contains(&name) => {
            zero.as_i64() == Some(0) && limit.as_i64() == Some(-1)
        }
        (Value::Array(wanted), Value::Array(actual)) => same_arrays(wanted, actual),
        (Value::String(wanted), Value::String(actual)) if name == "opt_start_time" => {
            instant(wanted).is_some() && instant(wanted) == instant(actual)
        }
        _ => false,
    }
}

/// What the server leaves out of its answers.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty() || text == "none",
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
    }
}

/// Subjects and tags mean the same in any order; the server also adds defaults to each source.
fn same_arrays(wanted: &[Value], actual: &[Value]) -> bool {
    let matches = |wanted: &Value, actual: &Value| match (wanted, actual) {
        (Value::Object(wanted), Value::Object(actual)) => changes(wanted, actual).is_empty(),
        _ => wanted == actual,
    };
    let ordered = wanted.iter().chain(actual).any(Value::is_number);
    wanted.len() == actual.len()
        && if ordered {
            wanted == actual
        } else {
            wanted
                .iter()
                .all(|item| actual.iter().any(|other| matches(item, other)))
                && actual
                    .iter()
                    .all(|other| wanted.iter().any(|item| matches(item, other)))
        }
}

fn instant(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// What is wanted over what is there: an update must not reset what nobody defined.
pub(super) fn merge(actual: &Config, wanted: &Config) -> Config {
    let mut merged = actual.clone();
    for (name, wanted) in wanted {
        let value = match (merged.get(name), wanted) {
            (Some(Value::Object(actual)), Value::Object(wanted)) => Value::Object(merge(actual, wanted)),
            _ => wanted.clone(),
        };
        merged.insert(name.clone(), value);
    }
    merged
}

/// Whether a server refuses this change of a stream.
pub(super) fn is_fixed_in_stream(change: &FieldChange) -> bool {
    let root = change.field.split('.').next().unwrap_or_default();
    match root {
        "name" | "storage" | "mirror" | "allow_msg_counter" | "persist_mode" => true,
        // Between limits and interest it may go, never to or from a work queue.
        "retention" => change.from == "workqueue" || change.to == "workqueue",
        // Once on, on for good.
        "deny_delete" | "deny_purge" | "sealed" | "allow_msg_ttl" | "allow_msg_schedules" => {
            change.from == true
        }
        _ => false,
    }
}

/// Whether a server refuses this change of a consumer.
pub(super) fn is_fixed_in_consumer(change: &FieldChange) -> bool {
    match change.field.as_str() {
        "ack_policy" | "deliver_policy" | "durable_name" | "flow_control" | "idle_heartbeat"
        | "max_waiting" | "mem_storage" | "opt_start_seq" | "opt_start_time" | "replay_policy" => true,
        // From pull to push or back; another subject for a push consumer is fine.
        "deliver_subject" => is_empty(&change.from) || is_empty(&change.to),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
