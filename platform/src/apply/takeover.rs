//! Moves the fields that helm or kubectl own over to us, so that those that are not in our manifests vanish with the next apply.
//!
//! Force alone takes only the fields that we want otherwise. What helm has set and we do not mention stays for ever: nobody who still
//! applies owns it alone. The entries in `managedFields` are therefore made ours first, on exactly the version that was looked at.

use serde_json::{Map, Value, json};

use super::act::Halt;
use super::api::Trouble;
use super::conflict::Owner;
use super::item::Item;
use super::kinds::Kind;
use super::owned;
use super::run::Run;

/// How often it is tried while others write the object.
const TRIES: u32 = 5;

impl Run<'_> {
    /// Makes the fields of helm and kubectl ours.
    pub(crate) async fn take_over(&self, item: &mut Item, kind: &Kind) -> Result<(), Halt> {
        for _ in 0..TRIES {
            let Some(live) = &item.live else { return Ok(()) };
            let Some(fields) = moved(live, &self.shared.options.manager) else {
                return Ok(());
            };
            let patch = json!([
                {"op": "test", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
                {"op": "replace", "path": "/metadata/managedFields", "value": fields},
            ]);
            match self.shared.api.patch(kind, item.object.value(), &patch).await {
                Ok(after) => {
                    item.live = Some(after);
                    return Ok(());
                }
                // Somebody has written it meanwhile, or it has gone.
                Err(Trouble::Refused(status)) if matches!(status.code, 404 | 409 | 422) => {
                    let namespace = item.id.namespace.as_deref();
                    let got = self.shared.api.get(kind, namespace, &item.id.name).await;
                    item.live = got.map_err(|trouble| self.halted("get", &item.id, trouble))?;
                }
                Err(trouble) => return Err(self.halted("take over", &item.id, trouble)),
            }
        }
        Ok(())
    }
}

/// Whether helm or kubectl own fields of the object.
pub(crate) fn is_owned_by_tools(live: &Value) -> bool {
    owned::entries(live).iter().any(is_tool)
}

/// The managed fields with those of helm and kubectl in our entry; `None` if there are none.
fn moved(live: &Value, manager: &str) -> Option<Vec<Value>> {
    let entries = owned::entries(live);
    let (tools, mut others): (Vec<&Value>, Vec<&Value>) = entries.iter().partition(|entry| is_tool(entry));
    let first = *tools.first()?;
    let own = others.iter().position(|entry| owned::is_ours(entry, manager));
    let own = own.map(|index| others.remove(index));
    let mut entry = own.unwrap_or(first).clone();
    let mut fields = Map::new();
    for part in tools.iter().chain(own.iter()) {
        if let Some(part) = part["fieldsV1"].as_object() {
            unite(&mut fields, part);
        }
    }
    entry["manager"] = manager.into();
    entry["operation"] = "Apply".into();
    entry["fieldsV1"] = fields.into();
    let all = others.into_iter().cloned().chain([entry]);
    Some(all.collect())
}

/// Whether an entry belongs to helm or kubectl, and is about the object itself.
fn is_tool(entry: &Value) -> bool {
    let manager = entry["manager"].as_str().unwrap_or_default();
    // What was there before any server-side apply: by whom, nobody knows any more.
    let is_tool = Owner::of(manager) != Owner::Other || manager == "before-first-apply";
    is_tool && entry.get("subresource").is_none()
}

fn unite(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(Value::Object(into)), Value::Object(from)) => unite(into, from),
            (Some(_), _) => {}
            (None, value) => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(entries: &Value) -> Value {
        json!({"metadata": {"managedFields": entries}})
    }

    #[test]
    fn what_helm_and_kubectl_own_becomes_ours_and_the_rest_stays() {
        let live = live(&json!([
            {"manager": "helm", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}, "f:b": {}}}},
            {"manager": "kubectl-edit", "operation": "Update", "fieldsV1": {"f:data": {"f:c": {}}}},
            {"manager": "ratectl", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}}}},
            {"manager": "kubectl", "operation": "Update", "subresource": "scale", "fieldsV1": {"f:spec": {}}},
            {"manager": "controller", "operation": "Update", "fieldsV1": {"f:status": {}}},
        ]));
        let moved = moved(&live, "ratectl").unwrap();
        let managers: Vec<&str> = moved
            .iter()
            .map(|entry| entry["manager"].as_str().unwrap())
            .collect();
        assert_eq!(managers, ["kubectl", "controller", "ratectl"]);
        let fields = json!({"f:data": {"f:a": {}, "f:b": {}, "f:c": {}}});
        assert_eq!(moved[2]["fieldsV1"], fields);
        assert_eq!(moved[2]["apiVersion"], "v1");
    }

    #[test]
    fn before_our_first_apply_the_entry_is_taken_as_it_is() {
        let live = live(&json!([
            {"manager": "helm", "operation": "Update", "apiVersion": "v1", "time": "x", "fieldsV1": {"f:a": {}}},
        ]));
        let entry = json!({
            "manager": "ratectl", "operation": "Apply", "apiVersion": "v1", "time": "x", "fieldsV1": {"f:a": {}},
        });
        assert_eq!(moved(&live, "ratectl"), Some(vec![entry]));
    }

    #[test]
    fn without_them_nothing_is_moved() {
        let live = live(&json!([{"manager": "controller", "operation": "Update", "fieldsV1": {}}]));
        assert!(!is_owned_by_tools(&live));
        assert_eq!(moved(&live, "ratectl"), None);
    }
}
