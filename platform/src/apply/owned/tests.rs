use serde_json::{Value, json};
use test_case::test_case;

use super::is_settled;

fn wanted() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {
            "replicas": 2,
            "args": ["-v"],
            "containers": [{"name": "web", "image": "web:1"}, {"name": "side", "volume": {}}],
            "finalizers": ["a", "b"],
        },
    })
}

fn fields() -> Value {
    json!({
        "f:metadata": {"f:labels": {"f:app": {}}},
        "f:spec": {
            "f:replicas": {},
            "f:args": {},
            "f:containers": {
                "k:{\"name\":\"side\"}": {".": {}, "f:name": {}, "f:volume": {}},
                "k:{\"name\":\"web\"}": {".": {}, "f:name": {}, "f:image": {}},
            },
            "f:finalizers": {"v:\"a\"": {}, "v:\"b\"": {}},
        },
    })
}

/// What is there: what we want, and what others have added.
fn live() -> Value {
    let mut live = wanted();
    live["metadata"]["uid"] = json!("1");
    live["metadata"]["labels"]["owner"] = json!("someone");
    live["metadata"]["managedFields"] = json!([
        {"manager": "ratectl", "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": fields()},
        {"manager": "ratectl", "operation": "Apply", "subresource": "status", "fieldsV1": {"f:status": {}}},
        {"manager": "other", "operation": "Update", "apiVersion": "apps/v1", "fieldsV1": {"f:status": {}}},
    ]);
    live["spec"]["containers"][0]["pullPolicy"] = json!("Always");
    live["spec"]["containers"]
        .as_array_mut()
        .unwrap()
        .insert(1, json!({"name": "injected"}));
    live["spec"]["finalizers"] = json!(["a", "others", "b"]);
    live["status"] = json!({"replicas": 2});
    live
}

#[test]
fn what_is_there_as_we_applied_it_needs_no_question() {
    assert!(is_settled(&wanted(), &live(), "ratectl"));
}

#[test]
fn an_object_without_anything_but_its_name_needs_none() {
    let bare = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
    let mut live = bare.clone();
    live["metadata"]["managedFields"] =
        json!([{"manager": "ratectl", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {}}]);
    assert!(is_settled(&bare, &live, "ratectl"));
}

#[test_case("/spec/replicas", &json!(3) ; "a number")]
#[test_case("/spec/replicas", &Value::Null ; "nothing")]
#[test_case("/spec/args", &json!(["-v", "-x"]) ; "a list that is one value")]
#[test_case("/metadata/labels", &json!({"app": "web", "new": "x"}) ; "one label more")]
#[test_case("/metadata/labels", &json!({}) ; "one label less")]
#[test_case("/spec/containers/0/image", &json!("web:2") ; "a value of an item")]
#[test_case("/spec/containers/0/name", &json!("other") ; "the key of an item")]
#[test_case("/spec/containers/1/volume", &json!({"size": 1}) ; "something in an empty map")]
#[test_case("/spec/containers", &json!([{"name": "web", "image": "web:1"}]) ; "one item less")]
#[test_case("/spec/containers", &json!([{"name": "side", "volume": {}}, {"name": "web", "image": "web:1"}]) ; "another order")]
#[test_case("/spec/containers", &json!("web") ; "no list at all")]
#[test_case("/spec/finalizers", &json!(["a", "c"]) ; "another value of a set")]
#[test_case("/spec/finalizers", &json!(["a", "b", "b"]) ; "a value twice")]
#[test_case("/apiVersion", &json!("apps/v2") ; "another version")]
fn a_wish_for_something_else_is_asked_about(pointer: &str, value: &Value) {
    let mut wanted = wanted();
    *wanted.pointer_mut(pointer).unwrap() = value.clone();
    assert!(!is_settled(&wanted, &live(), "ratectl"));
}

#[test_case("/spec/replicas", &json!(3) ; "a number")]
#[test_case("/spec/replicas", &json!("2") ; "another spelling")]
#[test_case("/spec/containers/0/image", &json!("web:2") ; "a value of an item")]
#[test_case("/spec/containers", &json!([]) ; "items that have gone")]
#[test_case("/spec/finalizers", &json!(["b", "a"]) ; "another order")]
#[test_case("/spec", &json!(7) ; "something else altogether")]
#[test_case("/metadata/managedFields/0/fieldsV1", &Value::Null ; "no fields")]
#[test_case("/metadata/managedFields/0/fieldsV1/f:spec/f:args", &json!({"i:0": {}}) ; "fields that are not known here")]
#[test_case("/metadata/managedFields/0/manager", &json!("kubectl") ; "another owner")]
#[test_case("/metadata/managedFields/0/operation", &json!("Update") ; "another way to own")]
#[test_case("/metadata/managedFields", &json!([]) ; "no owner")]
fn something_else_there_is_asked_about(pointer: &str, value: &Value) {
    let mut live = live();
    *live.pointer_mut(pointer).unwrap() = value.clone();
    assert!(!is_settled(&wanted(), &live, "ratectl"));
}

#[test]
fn a_field_that_we_no_longer_want_is_asked_about() {
    let mut wanted = wanted();
    wanted["spec"].as_object_mut().unwrap().remove("replicas");
    assert!(!is_settled(&wanted, &live(), "ratectl"));
}
