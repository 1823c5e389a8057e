use serde_json::{Value, json};
use snapshot::sample::Owner;
use test_case::test_case;

use super::*;

fn pod(name: &str, status: &Value) -> Pod {
    let value = json!({
        "metadata": {"name": name, "namespace": "n", "uid": "u", "creationTimestamp": "2026-08-20T10:11:12Z",
            "labels": {"ratectl.dev/component": "proxy", "pod-template-hash": "6b5"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "proxy-6b5", "uid": "r", "controller": true}]},
        "spec": {"nodeName": "node-1", "initContainers": [{"name": "i"}], "containers": [
            {"name": "a", "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}},
            {"name": "b", "resources": {"requests": {"cpu": "1", "memory": "1Mi"}}}]},
        "status": status});
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_pod_is_told_as_kubectl_tells_it() {
    let status = json!({"phase": "Running", "podIP": "10.0.0.1", "containerStatuses": [
        {"name": "a", "ready": true, "restartCount": 2, "image": "", "imageID": "", "state": {"running": {}},
            "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-08-20T10:12:12Z"}}},
        {"name": "b", "ready": false, "restartCount": 1, "image": "", "imageID": "",
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}}]});
    let sample = read::pod(&pod("proxy-6b5-x", &status));
    assert_eq!(
        (
            sample.status.as_str(),
            sample.containers_ready,
            sample.containers,
            sample.restarts
        ),
        ("CrashLoopBackOff", 1, 2, 3)
    );
    assert_eq!(
        (sample.last_reason.as_deref(), sample.last_exit_code),
        (Some("OOMKilled"), Some(137))
    );
    assert_eq!(sample.last_restart_ms, Some(1_787_220_732_000));
    assert_eq!(
        sample.owner,
        Some(Owner {
            kind: "Deployment".to_owned(),
            name: "proxy".to_owned()
        })
    );
    assert_eq!(sample.component.as_deref(), Some("proxy"));
    let resources = sample.resources;
    assert_eq!(
        (resources.cpu_request_millicores, resources.cpu_limit_millicores),
        (Some(1100), None)
    );
    assert_eq!(
        (resources.memory_request_bytes, resources.memory_limit_bytes),
        (Some(65 << 20), None)
    );
}

#[test_case(&json!({"phase": "Pending"}), "Pending")]
#[test_case(&json!({"phase": "Failed", "reason": "Evicted"}), "Evicted")]
#[test_case(&json!({"phase": "Pending", "initContainerStatuses": [{"name": "i", "ready": false, "restartCount": 0, "image": "", "imageID": "", "state": {"running": {}}}]}), "Init:0/1")]
#[test_case(&json!({"phase": "Pending", "initContainerStatuses": [{"name": "i", "ready": false, "restartCount": 0, "image": "", "imageID": "", "state": {"terminated": {"exitCode": 3}}}]}), "Init:ExitCode:3")]
#[test_case(&json!({"phase": "Succeeded", "containerStatuses": [{"name": "a", "ready": false, "restartCount": 0, "image": "", "imageID": "", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}]}), "Completed")]
fn the_status_is_kubectls_word(status: &Value, expected: &str) {
    assert_eq!(read::pod(&pod("p", status)).status, expected);
}

#[test]
fn only_pods_of_components_are_told_each_with_its_component() {
    let manifest = |name: &str, label: &str| {
        let value = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "n"},
            "spec": {"selector": {"matchLabels": {"pod-template-hash": label}}}});
        [crate::manifest::Object::new(value).unwrap()]
    };
    let of = |component: &str, label: &str| {
        crate::pod_logs::of_objects(component, "n", &manifest(component, label))
    };
    let running = pod("a", &json!({"phase": "Running"}));
    let mut listing = Listing::new([of("other", "x"), of("web", "6b5")].concat());
    let told = listing.take(0, Event::Apply(running.clone())).unwrap();
    assert_eq!(told.pods[0].component.as_deref(), Some("web"));
    let mut listing = Listing::new(of("other", "x"));
    assert_eq!(listing.take(0, Event::Apply(running)), None);
}

#[test]
fn a_new_list_tells_who_is_gone() {
    let mut listing = Listing::new(Vec::new());
    let running = json!({"phase": "Running"});
    let mut list = |names: &[&str]| {
        listing.take(0, Event::Init);
        for name in names {
            assert_eq!(listing.take(0, Event::InitApply(pod(name, &running))), None);
        }
        listing.take(0, Event::InitDone).unwrap()
    };
    let first = list(&["a", "b"]);
    assert_eq!((first.pods.len(), first.complete, first.gone.len()), (2, true, 0));
    let second = list(&["b"]);
    assert_eq!((second.pods.len(), second.gone), (1, vec!["n/a".to_owned()]));
    let deleted = listing.take(0, Event::Delete(pod("b", &running))).unwrap();
    assert_eq!((deleted.gone, deleted.complete), (vec!["n/b".to_owned()], false));
    assert!(listing.is_whole());
}
