//! Whose an object is.

use serde_json::{Map, Value};

use super::Object;

/// Says who looks after an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Says which project an object belongs to.
pub const PROJECT: &str = "ratectl.dev/project";
/// Says which component of the project an object belongs to.
pub const COMPONENT: &str = "ratectl.dev/component";

/// Labels the objects with their project and component. Templates of pods stay as they are: a label there would restart them.
pub fn labelled(objects: &mut [Object], project: &str, component: &str) {
    let labels = [
        (MANAGED_BY, "ratectl"),
        (PROJECT, project),
        (COMPONENT, component),
    ];
    for object in objects {
        let Some(metadata) = object.value_mut()["metadata"].as_object_mut() else {
            continue;
        };
        let there = metadata.entry("labels").or_insert_with(|| Map::new().into());
        if !there.is_object() {
            *there = Map::new().into();
        }
        for (name, value) in labels {
            there[name] = Value::from(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_object_is_labelled_and_its_pods_are_not() {
        let template = json!({"metadata": {"labels": {"app": "a"}}});
        let object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "a", "labels": {"app": "a", "app.kubernetes.io/managed-by": "Helm"}},
            "spec": {"template": template},
        });
        let bare =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": null}});
        let mut objects = [object, bare].map(|value| Object::new(value).unwrap());
        labelled(&mut objects, "rating", "proxy");
        let ours = json!({
            "app.kubernetes.io/managed-by": "ratectl",
            "ratectl.dev/component": "proxy",
            "ratectl.dev/project": "rating",
        });
        assert_eq!(objects[1].value()["metadata"]["labels"], ours);
        assert_eq!(objects[0].value()["metadata"]["labels"]["app"], "a");
        assert_eq!(objects[0].value()["metadata"]["labels"][MANAGED_BY], "ratectl");
        assert_eq!(objects[0].value()["spec"]["template"], template);
    }
}
