//! What goes only when it is asked for: others' objects, or data, go with it.

use serde_json::Value;

use crate::manifest::Id;

/// Kinds of NACK whose object, when it is deleted, takes what was stored in NATS with it.
const STORED: [&str; 3] = ["Stream", "KeyValue", "ObjectStore"];

/// Whether `deploy --prune` leaves an object alone, though it is ours and in no manifest any more: namespaces, definitions of resources,
/// and what holds data.
pub fn is_spared(id: &Id) -> bool {
    is_namespace(id) || is_definition(id) || holds_data(id)
}

/// Whether data is lost with an object of that kind.
pub(super) fn holds_data(id: &Id) -> bool {
    is_volume(id) || id.group == "jetstream.nats.io" && STORED.contains(&id.kind.as_str())
}

/// Whether its controller leaves the data where it is when the object goes.
pub(super) fn keeps_it(live: &Value) -> bool {
    live["spec"]["preventDelete"] == true
}

pub(super) fn is_volume(id: &Id) -> bool {
    id.group.is_empty() && matches!(id.kind.as_str(), "PersistentVolumeClaim" | "PersistentVolume")
}

pub(super) fn is_definition(id: &Id) -> bool {
    id.group == "apiextensions.k8s.io" && id.kind == "CustomResourceDefinition"
}

pub(super) fn is_namespace(id: &Id) -> bool {
    id.group.is_empty() && id.kind == "Namespace"
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("", "Namespace" => true)]
    #[test_case("apiextensions.k8s.io", "CustomResourceDefinition" => true)]
    #[test_case("", "PersistentVolumeClaim" => true)]
    #[test_case("jetstream.nats.io", "Stream" => true)]
    #[test_case("jetstream.nats.io", "KeyValue" => true)]
    #[test_case("jetstream.nats.io", "ObjectStore" => true)]
    #[test_case("jetstream.nats.io", "Consumer" => false; "a consumer, whose stream stays")]
    #[test_case("example.dev", "Stream" => false; "somebody else's stream")]
    #[test_case("", "ConfigMap" => false)]
    #[test_case("apps", "StatefulSet" => false)]
    fn spared_are(group: &str, kind: &str) -> bool {
        is_spared(&Id {
            group: group.to_owned(),
            kind: kind.to_owned(),
            namespace: None,
            name: "a".to_owned(),
        })
    }

    #[test_case(&json!({"spec": {"preventDelete": true}}) => true)]
    #[test_case(&json!({"spec": {"preventDelete": false}}) => false)]
    #[test_case(&json!({"spec": {}}) => false)]
    fn data_stays_behind_of(live: &Value) -> bool {
        keeps_it(live)
    }
}
