//! Which images an object runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Object;

/// Lists of containers, in whatever kind of object.
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// Puts `references` (by repository without registry, such as `rating-service`) in the place of the images that are written in the objects,
/// whatever their registry, tag or digest. A container that does not say when to pull is told `IfNotPresent`: a digest never changes.
pub fn with_images(objects: &mut [Object], references: &BTreeMap<String, String>) {
    for object in objects {
        each_container(object.value_mut(), &mut |container| {
            let Some(Value::String(image)) = container.get_mut("image") else {
                return;
            };
            let Some(reference) = references.get(repository(image)) else {
                return;
            };
            reference.clone_into(image);
            container
                .entry("imagePullPolicy")
                .or_insert_with(|| "IfNotPresent".into());
        });
    }
}

/// The images that the objects run, each once.
pub fn images(objects: &[Object]) -> BTreeSet<String> {
    let mut images = BTreeSet::new();
    for object in objects {
        let mut value = object.value().clone();
        each_container(&mut value, &mut |container| {
            if let Some(Value::String(image)) = container.get("image") {
                images.insert(image.clone());
            }
        });
    }
    images
}

fn each_container(value: &mut Value, visit: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::Array(items) if CONTAINERS.contains(&key.as_str()) => {
                        items
                            .iter_mut()
                            .filter_map(Value::as_object_mut)
                            .for_each(&mut *visit);
                    }
                    value => each_container(value, visit),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_container(item, visit)),
        _ => {}
    }
}

/// An image's repository without registry, tag and digest.
pub fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let image = match image.split_once('/') {
        Some((registry, rest)) if registry.contains(['.', ':']) || registry == "localhost" => rest,
        _ => image,
    };
    match image.rfind(':') {
        Some(colon) if !image[colon..].contains('/') => &image[..colon],
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("rating-service" => "rating-service"; "bare")]
    #[test_case("localhost:5000/rating-service" => "rating-service"; "a registry with a port")]
    #[test_case("localhost/rating-service" => "rating-service"; "this machine")]
    #[test_case("registry.example/team/proxy:1.2" => "team/proxy"; "two levels and a tag")]
    #[test_case("library/nats:2.15" => "library/nats"; "a folder is no registry")]
    #[test_case("nats:2.15@sha256:00" => "nats"; "a tag and a digest")]
    fn the_repository_of(image: &str) -> &str {
        repository(image)
    }

    fn object(value: Value) -> Object {
        Object::new(value).unwrap()
    }

    fn deployment(image: &str) -> Object {
        object(json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
            "spec": {"template": {"spec": {
                "initContainers": [{"name": "first", "image": "localhost:5000/proxy:old"}],
                "containers": [{"name": "a", "image": image}, {"name": "b", "image": "busybox"}],
            }}},
        }))
    }

    #[test]
    fn an_image_that_was_built_is_named_by_its_reference_and_others_stay() {
        let references =
            BTreeMap::from([("proxy".to_owned(), "localhost:5000/proxy:1@sha256:aa".to_owned())]);
        let mut objects = [deployment("localhost:5000/other-proxy")];
        with_images(&mut objects, &references);
        let spec = &objects[0].value()["spec"]["template"]["spec"];
        assert_eq!(
            spec["initContainers"],
            json!([{"name": "first", "image": "localhost:5000/proxy:1@sha256:aa", "imagePullPolicy": "IfNotPresent"}])
        );
        assert_eq!(
            spec["containers"],
            deployment("localhost:5000/other-proxy").value()["spec"]["template"]["spec"]["containers"]
        );
    }

    #[test]
    fn a_policy_that_is_written_stays() {
        let mut objects = [object(json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
            "spec": {"containers": [{"image": "x/proxy", "imagePullPolicy": "Always"}]},
        }))];
        with_images(
            &mut objects,
            &BTreeMap::from([("x/proxy".to_owned(), "y".to_owned())]),
        );
        let container = &objects[0].value()["spec"]["containers"][0];
        assert_eq!(container, &json!({"image": "y", "imagePullPolicy": "Always"}));
    }

    #[test]
    fn images_are_found_in_jobs_of_jobs_and_in_what_somebody_defined() {
        let pod = json!({"spec": {"containers": [{"image": "a"}, {"image": "b"}]}});
        let cron = json!({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "a"},
            "spec": {"jobTemplate": {"spec": {"template": pod}}},
        });
        let own = json!({
            "apiVersion": "example.org/v1", "kind": "Own", "metadata": {"name": "a"},
            "spec": {"pods": [{"template": {"spec": {"containers": [{"image": "c"}]}}}]},
        });
        let found = images(&[object(cron), object(own)]);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}
