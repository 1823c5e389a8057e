use serde_json::{Value, json};
use test_case::test_case;

use super::*;

fn pod(name: &str, hash: &str, status: &Value) -> Pod {
    let value = json!({
        "metadata": {"name": name, "namespace": "n", "labels": {"app": "a", "pod-template-hash": hash}},
        "spec": {"containers": [{"name": "app", "image": "localhost:5000/a:1"}]},
        "status": status,
    });
    serde_json::from_value(value).unwrap()
}

fn running(ready: bool, digest: &str) -> Value {
    let status = if ready { "True" } else { "False" };
    json!({
        "conditions": [{"type": "Ready", "status": status}],
        "containerStatuses": [{"name": "app", "image": "i", "ready": ready, "restartCount": 0, "state": {"running": {}},
            "imageID": format!("localhost:5000/a@sha256:{digest}")}],
    })
}

fn pulling() -> Value {
    let waiting = json!({"waiting": {"reason": "ImagePullBackOff", "message": "not found"}});
    json!({"containerStatuses": [{"name": "app", "image": "i", "imageID": "", "ready": false, "restartCount": 0, "state": waiting}]})
}

fn replica_set(revision: &str, hash: &str) -> ReplicaSet {
    let value = json!({"metadata": {
        "name": hash, "namespace": "n", "labels": {"pod-template-hash": hash},
        "annotations": {"deployment.kubernetes.io/revision": revision},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "a", "uid": "u"}],
    }});
    serde_json::from_value(value).unwrap()
}

fn deployment(status: &Value) -> Deployment {
    let value = json!({
        "metadata": {"name": "a", "namespace": "n", "uid": "u", "generation": 1},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "a"}}, "template": {}},
        "status": status,
    });
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_finished_rollout_is_ready_with_the_digests_that_run() {
    let listing = Listing {
        pods: vec![
            pod("a-1", "x", &running(true, "11")),
            pod("a-2", "x", &running(true, "11")),
        ],
        replica_sets: vec![replica_set("1", "x")],
    };
    let status = json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1});
    let workload = listing.deployment(&deployment(&status));
    assert_eq!(workload.health, Health::Ready);
    let image = RunningImage {
        container: "app".to_owned(),
        image: "localhost:5000/a:1".to_owned(),
        digest: Some("sha256:11".to_owned()),
    };
    assert_eq!(workload.images, [image]);
    assert_eq!((workload.wanted, workload.updated, workload.ready), (1, 1, 1));
}

#[test]
fn only_pods_of_the_newest_template_say_what_is_wrong() {
    let going = json!({"observedGeneration": 1, "replicas": 2, "updatedReplicas": 1, "availableReplicas": 1});
    let sets = || vec![replica_set("9", "old"), replica_set("10", "new")];
    let old_broken = Listing {
        pods: vec![
            pod("a-1", "old", &pulling()),
            pod("a-2", "new", &running(false, "22")),
        ],
        replica_sets: sets(),
    };
    let expected = "1 old pods are not gone yet (container app runs and is not ready)";
    assert_eq!(
        old_broken.deployment(&deployment(&going)).health,
        Health::Progressing(expected.to_owned())
    );
    let new_broken = Listing {
        pods: vec![
            pod("a-1", "old", &running(true, "11")),
            pod("a-2", "new", &pulling()),
        ],
        replica_sets: sets(),
    };
    let expected = "1 old pods are not gone yet (ImagePullBackOff: not found)";
    assert_eq!(
        new_broken.deployment(&deployment(&going)).health,
        Health::Degraded(expected.to_owned())
    );
}

#[test]
fn a_rollout_that_was_given_up_is_degraded() {
    let failed = json!({"observedGeneration": 1, "conditions": [
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"},
    ]});
    let listing = Listing {
        pods: vec![pod("a-1", "x", &running(false, "11"))],
        replica_sets: vec![],
    };
    let expected = "timed out (container app runs and is not ready)";
    assert_eq!(
        listing.deployment(&deployment(&failed)).health,
        Health::Degraded(expected.to_owned())
    );
}

#[test]
fn health_lies_flat_in_json() {
    let listing = Listing {
        pods: vec![],
        replica_sets: vec![],
    };
    let json = serde_json::to_value(listing.deployment(&deployment(&json!({})))).unwrap();
    assert_eq!(
        (&json["health"], &json["kind"]),
        (&json!("progressing"), &json!("Deployment"))
    );
    assert_eq!(json["reason"], "Kubernetes has not looked at the last change yet");
}

#[test_case("docker.io/library/nats@sha256:ab", Some("sha256:ab") ; "containerd")]
#[test_case("docker-pullable://nats@sha256:ab", Some("sha256:ab") ; "docker")]
#[test_case("sha256:ab", Some("sha256:ab") ; "an imported image")]
#[test_case("", None ; "not pulled yet")]
fn a_digest_is_found_in_an_image_id(id: &str, expected: Option<&str>) {
    assert_eq!(images::digest(id).as_deref(), expected);
}

#[test_case(json!({"matchLabels": {"app": "a"}}), true ; "equal")]
#[test_case(json!({"matchLabels": {"app": "b"}}), false ; "unequal")]
#[test_case(json!({"matchLabels": {"tier": "a"}}), false ; "missing")]
#[test_case(json!({"matchExpressions": [{"key": "app", "operator": "In", "values": ["b", "a"]}]}), true ; "in")]
#[test_case(json!({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a"]}]}), false ; "not in")]
#[test_case(json!({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["a"]}]}), true ; "not in without label")]
#[test_case(json!({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}), false ; "exists")]
#[test_case(json!({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}), true ; "does not exist")]
fn a_selector_means_the_pods_that_kubernetes_means(selector: Value, expected: bool) {
    let selector: LabelSelector = serde_json::from_value(selector).unwrap();
    assert_eq!(selects(&selector, &pod("a-1", "x", &json!({}))), expected);
}
