//! What the API server alone writes into an object.

use serde_json::Value;

/// In `metadata`.
const FIELDS: [&str; 6] = [
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Removes what the API server alone sets, and the status: they are there when the object comes out of a cluster.
pub(crate) fn strip(value: &mut Value) {
    if let Some(object) = value.as_object_mut() {
        object.remove("status");
    }
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in FIELDS {
            metadata.remove(field);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_somebody_has_written_stays() {
        let mut object = json!({
            "kind": "ConfigMap",
            "metadata": {"name": "a", "uid": "1", "selfLink": "/a", "labels": {"uid": "2"}},
            "data": {"status": "3"},
            "status": {"ready": true},
        });
        strip(&mut object);
        let wanted = json!({
            "kind": "ConfigMap",
            "metadata": {"name": "a", "labels": {"uid": "2"}},
            "data": {"status": "3"},
        });
        assert_eq!(object, wanted);
        let mut none = Value::Null;
        strip(&mut none);
        assert_eq!(none, Value::Null);
    }
}
