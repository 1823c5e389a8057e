//! Jobs, whose templates cannot be changed: one that is wanted otherwise is deleted and made anew, one that is not stays.

use serde_json::Value;

use super::digest::hash;
use crate::manifest::Object;

/// The annotation that says what a Job was made from.
pub(crate) const HASH: &str = "ratectl.dev/hash";

/// Whether the object is a Job.
pub(crate) fn is_job(object: &Object) -> bool {
    object.group() == "batch" && object.kind() == "Job"
}

/// Writes on a Job what it is made from; leaves everything else as it is.
pub(crate) fn mark(object: &mut Object) {
    if !is_job(object) {
        return;
    }
    if let Some(annotations) = object.value_mut().pointer_mut("/metadata/annotations") {
        // One from before, when the object comes from a revision.
        annotations
            .as_object_mut()
            .map(|annotations| annotations.remove(HASH));
    }
    // `Map` keeps its keys sorted, so that the same object is always the same text.
    let hash = hash(object.value().to_string().as_bytes());
    let metadata = object
        .value_mut()
        .get_mut("metadata")
        .and_then(Value::as_object_mut);
    let Some(metadata) = metadata else { return };
    let annotations = metadata
        .entry("annotations")
        .or_insert_with(|| Value::Object(serde_json::Map::new()));
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.insert(HASH.to_owned(), hash.into());
    }
}

/// What an object was made from, as its annotation says.
pub(crate) fn hash_of(object: &Value) -> Option<&str> {
    object.get("metadata")?.get("annotations")?.get(HASH)?.as_str()
}

/// Whether a Job has succeeded.
pub(crate) fn has_succeeded(live: &Value) -> bool {
    let conditions = live.pointer("/status/conditions").and_then(Value::as_array);
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition["type"] == "Complete" && condition["status"] == "True")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn job(image: &str) -> Object {
        let mut job = Object::new(json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"}, "spec": {"image": image, "b": 1},
        }))
        .unwrap();
        mark(&mut job);
        job
    }

    #[test]
    fn a_job_is_marked_by_what_it_is_made_from() {
        let first = job("x:1");
        assert_eq!(hash_of(first.value()), hash_of(job("x:1").value()));
        assert_ne!(hash_of(first.value()), hash_of(job("x:2").value()));
        let text =
            r#"{"spec":{"b":1,"image":"x:1"},"metadata":{"name":"a"},"kind":"Job","apiVersion":"batch/v1"}"#;
        let mut other_order = Object::new(serde_json::from_str(text).unwrap()).unwrap();
        mark(&mut other_order);
        assert_eq!(hash_of(first.value()), hash_of(other_order.value()));
    }

    #[test]
    fn nothing_else_is_marked() {
        let mut object =
            Object::new(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})).unwrap();
        mark(&mut object);
        assert_eq!(hash_of(object.value()), None);
    }
}
