//! Whether an apply has changed an object, or would.

use serde_json::Value;

use super::owned;

/// Whether an apply of `wanted` that made `after` of `before` was one that changes nothing.
///
/// A controller may write between the two looks; so the version alone does not say it. What does: the values that we want, and the
/// fields that belong to us.
pub(crate) fn is_same(wanted: &Value, before: &Value, after: &Value, manager: &str) -> bool {
    same_where_wanted(wanted, before, after) && ours(before, manager) == ours(after, manager)
}

/// Whether `before` and `after` agree in everything that `wanted` says something about.
fn same_where_wanted(wanted: &Value, before: &Value, after: &Value) -> bool {
    match (wanted, before, after) {
        (Value::Object(wanted), Value::Object(before), Value::Object(after)) => {
            wanted
                .iter()
                .all(|(key, wanted)| match (before.get(key), after.get(key)) {
                    (Some(before), Some(after)) => same_where_wanted(wanted, before, after),
                    (before, after) => before == after,
                })
        }
        _ => before == after,
    }
}

/// The fields that belong to us by server-side apply, with the version in which they are written.
fn ours<'a>(object: &'a Value, manager: &str) -> Vec<(Option<&'a Value>, Option<&'a Value>)> {
    let entries = owned::entries(object).iter();
    let entries = entries.filter(|entry| owned::is_ours(entry, manager));
    entries
        .map(|entry| (entry.get("apiVersion"), entry.get("fieldsV1")))
        .collect()
}

/// The paths, such as `spec.template`, at which `wanted` has something else than `live`; the deepest that both have as maps.
pub(crate) fn differing(wanted: &Value, live: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    collect(wanted, live, "", &mut paths);
    paths
}

fn collect(wanted: &Value, live: &Value, path: &str, paths: &mut Vec<String>) {
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => {
            for (key, value) in wanted {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                match live.get(key) {
                    Some(live) => collect(value, live, &path, paths),
                    None => paths.push(path),
                }
            }
        }
        (wanted, live) if wanted != live => paths.push(path.to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn object(spec: &Value, fields: &Value, version: &str) -> Value {
        json!({
            "metadata": {"resourceVersion": version, "managedFields": [
                {"manager": "ratectl", "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields},
                {"manager": "other", "operation": "Update", "fieldsV1": {"f:x": version}},
            ]},
            "spec": spec,
        })
    }

    #[test_case(&json!({"a": 1, "status": "x"}), &json!({"f:a": {}}) => true ; "a controller has written meanwhile")]
    #[test_case(&json!({"a": 2}), &json!({"f:a": {}}) => false ; "a value")]
    #[test_case(&json!({"a": 1}), &json!({}) => false ; "a field that is not ours any more")]
    #[test_case(&json!({}), &json!({"f:a": {}}) => false ; "a field that is gone")]
    fn same(spec: &Value, fields: &Value) -> bool {
        let before = object(&json!({"a": 1}), &json!({"f:a": {}}), "1");
        let after = object(spec, fields, "2");
        is_same(&json!({"spec": {"a": 1}}), &before, &after, "ratectl")
    }

    #[test]
    fn what_differs_is_told_by_its_path() {
        let wanted = json!({"spec": {"a": 1, "b": {"c": [1]}, "d": {}}});
        let live = json!({"spec": {"a": 1, "b": {"c": [2], "x": 1}}, "status": 1});
        assert_eq!(differing(&wanted, &live), ["spec.b.c", "spec.d"]);
    }
}
