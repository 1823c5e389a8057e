//! Whether what is there says by itself that an apply would change nothing, so that the API server need not be asked.
//!
//! A dry run costs the server as much as an apply; of a large `CustomResourceDefinition` that is a tenth of a second. The object
//! tells which fields we own (`managedFields`, see KEP-555 and structured-merge-diff's `fieldpath`). If these are the very fields
//! that we want, and each has the value that we want, an apply finds nothing to do. Where the two are written differently (a
//! quantity, a default that is part of a list's key) the answer is no, and the server has the word.

use serde_json::{Map, Value};

/// What belongs to every object and is never among the owned fields.
const IDENTITY: [&str; 3] = ["apiVersion", "kind", "metadata"];
const IDENTITY_OF_METADATA: [&str; 2] = ["name", "namespace"];

/// What an object says of who owns which of its fields, an entry for each manager.
pub(crate) fn entries(object: &Value) -> &[Value] {
    object["metadata"]["managedFields"]
        .as_array()
        .map_or(&[], Vec::as_slice)
}

/// Whether an entry is that of `manager`'s own server-side apply, and about the object itself.
pub(crate) fn is_ours(entry: &Value, manager: &str) -> bool {
    entry["manager"] == manager && entry["operation"] == "Apply" && entry.get("subresource").is_none()
}

/// Whether an apply of `wanted` by `manager` would leave `live` as it is. `false` means that only the server knows.
pub(crate) fn is_settled(wanted: &Value, live: &Value, manager: &str) -> bool {
    let (Some(fields), Some(wanted)) = (owned(wanted, live, manager), wanted.as_object()) else {
        return false;
    };
    let none = Map::new();
    let metadata = wanted.get("metadata").and_then(Value::as_object).unwrap_or(&none);
    let of_metadata = fields
        .get("f:metadata")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    is_same_map(metadata, &live["metadata"], of_metadata, &IDENTITY_OF_METADATA)
        && is_same_map(wanted, live, fields, &IDENTITY)
}

/// The fields that are ours by server-side apply, if they are written in the version of `wanted`.
fn owned<'a>(wanted: &Value, live: &'a Value, manager: &str) -> Option<&'a Map<String, Value>> {
    let mut ours = entries(live).iter().filter(|entry| is_ours(entry, manager));
    match (ours.next(), ours.next()) {
        (Some(entry), None) if entry.get("apiVersion") == wanted.get("apiVersion") => {
            entry.get("fieldsV1")?.as_object()
        }
        _ => None,
    }
}

/// Compares at one place, of which `fields` are ours. With none inside it the place is ours as a whole.
fn is_same(wanted: &Value, live: &Value, fields: &Value) -> bool {
    let Some(fields) = fields.as_object() else {
        return false;
    };
    if fields.keys().all(|key| key == ".") {
        return wanted == live;
    }
    match wanted {
        Value::Object(wanted) => is_same_map(wanted, live, fields, &[]),
        Value::Array(wanted) => is_same_list(wanted, live, fields),
        _ => false,
    }
}

/// Compares all but what is in `but`.
fn is_same_map(wanted: &Map<String, Value>, live: &Value, fields: &Map<String, Value>, but: &[&str]) -> bool {
    let wanted = || wanted.iter().filter(|(name, _)| !but.contains(&name.as_str()));
    let is_other = |key: &str| key == "." || key.strip_prefix("f:").is_some_and(|name| but.contains(&name));
    fields.keys().filter(|key| !is_other(key)).count() == wanted().count()
        && wanted().all(
            |(name, wanted)| match (live.get(name), fields.get(&format!("f:{name}"))) {
                (Some(live), Some(fields)) => is_same(wanted, live, fields),
                _ => false,
            },
        )
}

/// A list whose items have keys (`k:`), or are a set of values (`v:`). Ours must be in it in our order.
fn is_same_list(wanted: &[Value], live: &Value, fields: &Map<String, Value>) -> bool {
    let Some(live) = live.as_array() else { return false };
    let items = fields.iter().filter(|(key, _)| *key != ".");
    let places: Option<Vec<(usize, usize)>> = items
        .map(|(key, fields)| place_of(key, fields, wanted, live))
        .collect();
    places.is_some_and(|mut places| {
        places.sort_unstable();
        places.len() == wanted.len() && places.is_sorted_by(|one, next| one.0 < next.0 && one.1 < next.1)
    })
}

/// Where the item that `key` names is, in what we want and in what is there; `None` if it is not the same in both.
fn place_of(key: &str, fields: &Value, wanted: &[Value], live: &[Value]) -> Option<(usize, usize)> {
    let (sort, key) = key.split_once(':')?;
    let key: Value = serde_json::from_str(key).ok()?;
    let is_it: &dyn Fn(&Value) -> bool = match (sort, &key) {
        ("v", _) => &|item| *item == key,
        ("k", Value::Object(keys)) => &|item| keys.iter().all(|(name, value)| item.get(name) == Some(value)),
        _ => return None,
    };
    let ours = wanted.iter().position(is_it)?;
    let theirs = live.iter().position(is_it)?;
    (sort == "v" || is_same(&wanted[ours], &live[theirs], fields)).then_some((ours, theirs))
}

#[cfg(test)]
mod tests;
