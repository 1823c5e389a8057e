//! Pods that read configuration which changes. Kubernetes restarts nobody for a changed `ConfigMap` or Secret; a changed template it does.
//!
//! More people may read templates than Secrets, and a weak password can be guessed from its hash. So Secrets are hashed together with a salt that
//! stands in the Secret itself: who may read that needs no guessing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Id, Object};

/// The annotation of Secrets with the random text that is hashed with them.
pub const SALT: &str = "ratectl.dev/salt";
/// The annotation of pod templates that says, as SHA-256, what their pods read.
pub const CONFIGURATION: &str = "ratectl.dev/configuration";

/// Parts of a `ConfigMap` or Secret that pods see.
const CONTENTS: [&str; 3] = ["data", "binaryData", "stringData"];
/// Lists of containers in a pod.
const CONTAINERS: [&str; 2] = ["containers", "initContainers"];
const SECRET: &str = "Secret";
/// Hex digits in the annotation: enough to tell one content from another.
const DIGITS: usize = 32;

/// Namespace, kind and name.
type Name = (Option<String>, &'static str, String);

/// The Secrets among the objects that pods of the others read: [`with_configuration`] wants a salt for each.
pub fn read_secrets(objects: &[Object]) -> BTreeSet<Id> {
    let read: BTreeSet<Name> = objects
        .iter()
        .filter_map(|object| {
            let namespace = object.namespace().map(str::to_owned);
            let read = references(&template(object)?["spec"]).into_iter();
            Some(read.map(move |(kind, name)| (namespace.clone(), kind, name)))
        })
        .flatten()
        .collect();
    let is_read =
        |object: &&Object| name(object).is_some_and(|name| name.1 == SECRET && read.contains(&name));
    objects.iter().filter(is_read).map(Object::id).collect()
}

/// Marks the pod templates with what their pods read, in volumes or in the environment, of the `ConfigMap`s and Secrets among the objects:
/// they are rolled out again when it changes. What is not among the objects is somebody else's, and does not count, nor does a Secret without a
/// salt. The salts are written into the Secrets, to be found there the next time. `CronJob`s stay as they are: their next run reads the new content
/// anyway.
pub fn with_configuration(objects: &mut [Object], salts: &BTreeMap<Id, String>) {
    for object in objects.iter_mut() {
        if let Some(salt) = salts.get(&object.id()) {
            annotate(object.value_mut(), SALT, salt);
        }
    }
    let contents: BTreeMap<Name, Value> = objects.iter().filter_map(content).collect();
    for object in objects {
        let namespace = object.namespace().map(str::to_owned);
        let Some(template) = template_mut(object) else {
            continue;
        };
        let read = references(&template["spec"]);
        let read: Vec<Value> = read
            .into_iter()
            .filter_map(|(kind, name)| {
                let content = contents.get(&(namespace.clone(), kind, name.clone()))?;
                Some(json!([kind, name, content]))
            })
            .collect();
        if !read.is_empty() {
            let hash = crate::apply::hash(Value::Array(read).to_string().as_bytes());
            annotate(template, CONFIGURATION, &hash[..DIGITS]);
        }
    }
}

/// What is hashed of a `ConfigMap`, or of a Secret with its salt.
fn content(object: &Object) -> Option<(Name, Value)> {
    let name = name(object)?;
    let mut content = CONTENTS.map(|part| object.value()[part].clone()).to_vec();
    if name.1 == SECRET {
        let salt = &object.value()["metadata"]["annotations"][SALT];
        content.push(salt.as_str()?.into());
    }
    Some((name, Value::from(content)))
}

fn name(object: &Object) -> Option<Name> {
    let kind = match (object.group(), object.kind()) {
        ("", "ConfigMap") => "ConfigMap",
        ("", "Secret") => SECRET,
        _ => return None,
    };
    let namespace = object.namespace().map(str::to_owned);
    Some((namespace, kind, object.name().to_owned()))
}

/// The template of pods that keep running, or run once.
fn template(object: &Object) -> Option<&Value> {
    let known = matches!(
        (object.group(), object.kind()),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet") | ("batch", "Job")
    );
    let template = object.value().pointer("/spec/template")?;
    (known && template.is_object()).then_some(template)
}

fn template_mut(object: &mut Object) -> Option<&mut Value> {
    template(object)?;
    object.value_mut().pointer_mut("/spec/template")
}

/// Kind and name of everything that a pod reads.
fn references(pod: &Value) -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    let mut add = |kind, name: &Value| {
        found.extend(name.as_str().map(|name| (kind, name.to_owned())));
    };
    for volume in items(&pod["volumes"]) {
        add("ConfigMap", &volume["configMap"]["name"]);
        add("Secret", &volume["secret"]["secretName"]);
        for source in items(&volume["projected"]["sources"]) {
            add("ConfigMap", &source["configMap"]["name"]);
            add("Secret", &source["secret"]["name"]);
        }
    }
    for container in CONTAINERS.iter().flat_map(|list| items(&pod[*list])) {
        for from in items(&container["envFrom"]) {
            add("ConfigMap", &from["configMapRef"]["name"]);
            add("Secret", &from["secretRef"]["name"]);
        }
        for variable in items(&container["env"]) {
            let from = &variable["valueFrom"];
            add("ConfigMap", &from["configMapKeyRef"]["name"]);
            add("Secret", &from["secretKeyRef"]["name"]);
        }
    }
    found
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// Writes an annotation into an object, or a template.
fn annotate(object: &mut Value, name: &str, text: &str) {
    for part in ["metadata", "annotations"] {
        let outer = if part == "metadata" {
            &mut *object
        } else {
            &mut object["metadata"]
        };
        if !outer[part].is_object() {
            outer[part] = Map::new().into();
        }
    }
    object["metadata"]["annotations"][name] = text.into();
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn object(value: Value) -> Object {
        Object::new(value).unwrap()
    }

    fn kept(kind: &str, name: &str, data: &str) -> Object {
        object(json!({
            "apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "a"}, "data": {"key": data},
        }))
    }

    fn workload(kind: &str, pod: &Value) -> Object {
        let api = if kind == "Job" { "batch/v1" } else { "apps/v1" };
        object(json!({
            "apiVersion": api, "kind": kind, "metadata": {"name": "w", "namespace": "a"},
            "spec": {"template": {"metadata": {"labels": {"app": "w"}}, "spec": pod}},
        }))
    }

    /// The annotation of a workload beside this configuration.
    fn marked(workload: Object, configuration: &[Object]) -> Option<String> {
        marked_with(workload, configuration, "salt")
    }

    /// The same, where each Secret has this salt.
    fn marked_with(workload: Object, configuration: &[Object], salt: &str) -> Option<String> {
        let mut objects = [&[workload], configuration].concat();
        let salts = salts(&objects, salt);
        with_configuration(&mut objects, &salts);
        let metadata = &objects[0].value()["spec"]["template"]["metadata"];
        let mark = metadata["annotations"][CONFIGURATION].as_str();
        mark.map(str::to_owned)
    }

    fn salts(objects: &[Object], salt: &str) -> BTreeMap<Id, String> {
        let read = read_secrets(objects).into_iter();
        read.map(|id| (id, salt.to_owned())).collect()
    }

    fn env(from: &Value) -> Value {
        json!({"containers": [{"name": "a", "env": [{"name": "A", "valueFrom": from}]}]})
    }

    #[test_case("ConfigMap", &json!({"volumes": [{"name": "v", "configMap": {"name": "c"}}]}); "a volume")]
    #[test_case("Secret", &json!({"volumes": [{"name": "v", "secret": {"secretName": "c"}}]}); "a volume of a secret")]
    #[test_case("ConfigMap", &json!({"volumes": [{"projected": {"sources": [{"configMap": {"name": "c"}}]}}]}); "a projected volume")]
    #[test_case("Secret", &json!({"volumes": [{"projected": {"sources": [{"secret": {"name": "c"}}]}}]}); "a projected secret")]
    #[test_case("ConfigMap", &json!({"initContainers": [{"envFrom": [{"configMapRef": {"name": "c"}}]}]}); "a whole environment")]
    #[test_case("Secret", &json!({"containers": [{"envFrom": [{"secretRef": {"name": "c"}}]}]}); "a whole secret environment")]
    #[test_case("ConfigMap", &env(&json!({"configMapKeyRef": {"name": "c", "key": "key"}})); "a variable")]
    #[test_case("Secret", &env(&json!({"secretKeyRef": {"name": "c", "key": "key"}})); "a secret variable")]
    fn pods_that_read_it_are_marked_anew_when_it_changes(kind: &str, pod: &Value) {
        let mark = |data: &str| marked(workload("Deployment", pod), &[kept(kind, "c", data)]);
        let first = mark("1").unwrap();
        assert_eq!(first.len(), DIGITS);
        assert_eq!(mark("1").unwrap(), first);
        assert_ne!(mark("2").unwrap(), first);
        let other = if kind == "Secret" { "ConfigMap" } else { "Secret" };
        let beside = [kept(kind, "c", "1"), kept(kind, "d", "1"), kept(other, "c", "1")];
        assert_eq!(marked(workload("Deployment", pod), &beside).unwrap(), first);
    }

    #[test_case("Deployment" => true)]
    #[test_case("StatefulSet" => true)]
    #[test_case("DaemonSet" => true)]
    #[test_case("Job" => true)]
    #[test_case("ReplicaSet" => false)]
    fn templates_of(kind: &str) -> bool {
        let pod = json!({"volumes": [{"configMap": {"name": "c"}}]});
        marked(workload(kind, &pod), &[kept("ConfigMap", "c", "1")]).is_some()
    }

    #[test_case(&json!({"volumes": [{"configMap": {"name": "other"}}]}); "of somebody else")]
    #[test_case(&json!({"volumes": [{"secret": {"secretName": "c"}}]}); "of another kind")]
    #[test_case(&json!({"imagePullSecrets": [{"name": "c"}]}); "of the kubelet")]
    #[test_case(&json!({"volumes": null, "containers": "none"}); "of nobody")]
    fn a_template_without_our_configuration_stays_as_it_is(pod: &Value) {
        let mut objects = [workload("Deployment", pod), kept("ConfigMap", "c", "1")];
        let before = objects.clone();
        with_configuration(&mut objects, &BTreeMap::new());
        assert_eq!(objects, before);
    }

    #[test]
    fn another_namespace_holds_another_object_of_the_name() {
        let pod = json!({"volumes": [{"configMap": {"name": "c"}}]});
        let mut elsewhere = kept("ConfigMap", "c", "1");
        elsewhere.set_namespace("b");
        assert_eq!(marked(workload("Deployment", &pod), &[elsewhere]), None);
    }

    #[test]
    fn annotations_that_are_there_stay() {
        let pod = json!({"volumes": [{"configMap": {"name": "c"}}]});
        let mut with = workload("Deployment", &pod);
        with.value_mut()["spec"]["template"]["metadata"]["annotations"] = json!({"a": "b"});
        let mut objects = [with, kept("ConfigMap", "c", "1")];
        with_configuration(&mut objects, &BTreeMap::new());
        let annotations = &objects[0].value()["spec"]["template"]["metadata"]["annotations"];
        assert_eq!(annotations["a"], "b");
        assert!(annotations[CONFIGURATION].is_string());
    }

    #[test]
    fn what_is_in_a_secret_cannot_be_guessed_from_the_mark() {
        let pod = env(&json!({"secretKeyRef": {"name": "c", "key": "key"}}));
        let secret = [kept("Secret", "c", "1")];
        let mark = |salt| marked_with(workload("Deployment", &pod), &secret, salt).unwrap();
        assert_eq!(mark("one"), mark("one"));
        assert_ne!(mark("one"), mark("other"));
        let mut unsalted = [workload("Deployment", &pod), kept("Secret", "c", "1")];
        with_configuration(&mut unsalted, &BTreeMap::new());
        assert_eq!(unsalted[0], workload("Deployment", &pod));
    }

    #[test]
    fn only_secrets_that_somebody_reads_get_a_salt() {
        let pod = env(&json!({"secretKeyRef": {"name": "read", "key": "key"}}));
        let mut objects = [
            workload("Deployment", &pod),
            kept("Secret", "read", "1"),
            kept("Secret", "unread", "1"),
            kept("ConfigMap", "read", "1"),
        ];
        let salts = salts(&objects, "salt");
        assert_eq!(salts.keys().cloned().collect::<Vec<_>>(), [objects[1].id()]);
        with_configuration(&mut objects, &salts);
        let salted = |object: &Object| object.value()["metadata"]["annotations"][SALT] == "salt";
        assert_eq!(
            objects.iter().map(salted).collect::<Vec<_>>(),
            [false, true, false, false]
        );
    }
}
