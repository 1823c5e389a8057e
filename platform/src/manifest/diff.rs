//! What would change, as a unified diff of YAML.

use serde_json::{Map, Value};
use similar::TextDiff;

use super::{Object, server};
use crate::plain_line::plain_line;

/// A copy of the whole object that `kubectl apply` keeps, values of secrets included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Lines around a change.
const CONTEXT: usize = 3;

/// The difference between an object as it is and as it is wanted, as a unified diff of YAML; empty when there is none. `null` stands for no object.
/// What the server owns is left out, and of a Secret it is shown which values differ and never what they are.
pub fn diff(live: &Value, wanted: &Value) -> String {
    let (mut before, mut after) = (own(live), own(wanted));
    if is_secret(live) || is_secret(wanted) {
        mask(&mut before, &mut after);
    }
    let (old, new) = (text(&before), text(&after));
    if old == new {
        return String::new();
    }
    let name = |value: &Value, other: &Value| {
        let object = Object::new(value.clone()).or_else(|| Object::new(other.clone()));
        object.map_or_else(String::new, |object| plain_line(&object.id().to_string()))
    };
    let title = |value: &Value, other: &Value, side: &str| {
        let there = if value.is_null() { "none" } else { side };
        format!("{} ({there})", name(value, other))
    };
    TextDiff::from_lines(&old, &new)
        .unified_diff()
        .context_radius(CONTEXT)
        .missing_newline_hint(false)
        .header(&title(live, wanted, "live"), &title(wanted, live, "wanted"))
        .to_string()
}

/// The object without what the server adds to it.
fn own(value: &Value) -> Value {
    let mut value = value.clone();
    server::strip(&mut value);
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut)
        && let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut)
    {
        annotations.remove(LAST_APPLIED);
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
    value
}

fn is_secret(value: &Value) -> bool {
    value["kind"] == "Secret" && value["apiVersion"] == "v1"
}

/// Hides the values of a Secret on both sides: equal ones, and those that only one side has, look the same.
fn mask(before: &mut Value, after: &mut Value) {
    for part in ["data", "stringData"] {
        let values = |value: &Value| value[part].as_object().cloned().unwrap_or_default();
        let (old, new) = (values(before), values(after));
        let hide = |map: &Map<String, Value>, other: &Map<String, Value>, side: &str| {
            let hidden = map.iter().map(|(key, value)| {
                let changed = other.get(key).is_some_and(|there| there != value);
                let shown = if changed {
                    format!("*** ({side})")
                } else {
                    "***".to_owned()
                };
                (key.clone(), Value::String(shown))
            });
            Value::Object(hidden.collect())
        };
        if let Some(map) = before.get_mut(part) {
            *map = hide(&old, &new, "before");
        }
        if let Some(map) = after.get_mut(part) {
            *map = hide(&new, &old, "after");
        }
    }
}

/// As YAML, a line a value, without control characters.
fn text(value: &Value) -> String {
    if value.is_null() {
        return String::new();
    }
    let options = serde_saphyr::ser_options! {
        folded_wrap_chars: usize::MAX,
        compact_list_indent: true,
    };
    let yaml = serde_saphyr::to_string_with_options(value, options).unwrap_or_else(|_unwritable| {
        // Only what is no JSON could not be written, and this is JSON.
        value.to_string()
    });
    yaml.lines().map(|line| plain_line(line) + "\n").collect()
}

#[cfg(test)]
mod tests;
