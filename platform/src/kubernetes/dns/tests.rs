use serde_json::{Value, json};

use super::*;

fn deployment(replicas: i32) -> Deployment {
    let value = json!({
        "metadata": {"name": "coredns"},
        "spec": {"replicas": replicas, "selector": {}, "template": {}},
        // What it says about itself without any pod.
        "status": {"conditions": [{"type": "Available", "status": "True"}]},
    });
    serde_json::from_value(value).unwrap()
}

fn pod(ready: bool, started: &str) -> BTreeMap<String, Pod> {
    let status = if ready { "True" } else { "False" };
    let value = json!({"metadata": {"name": "a", "uid": "uid-a"}, "spec": {"containers": [], "nodeName": "server-0"}, "status": {
        "conditions": [{"type": "Ready", "status": status}],
        "containerStatuses": [{"name": "coredns", "image": "i", "imageID": "", "ready": ready, "restartCount": 0,
            "state": {"running": {"startedAt": started}}}],
    }});
    BTreeMap::from([("a".to_owned(), serde_json::from_value(value).unwrap())])
}

fn slice(uid: &str, conditions: &Value) -> BTreeMap<String, EndpointSlice> {
    let value = json!({"metadata": {"name": "s"}, "addressType": "IPv4", "endpoints": [
        {"addresses": ["10.42.0.2"], "conditions": conditions, "targetRef": {"kind": "Pod", "uid": uid}},
    ]});
    BTreeMap::from([("s".to_owned(), serde_json::from_value(value).unwrap())])
}

const AT: &str = "2026-01-01T00:00:10Z";

#[test]
fn it_serves_with_a_ready_pod_that_is_an_endpoint() {
    let published = slice("uid-a", &json!({"ready": true}));
    assert_eq!(
        unready(Some(&deployment(1)), &pod(true, AT), &published, &Starts::new()),
        None
    );
    let of_two = unready(Some(&deployment(2)), &pod(true, AT), &published, &Starts::new());
    assert_eq!(of_two, None);
    // An endpoint that says nothing is to be taken as ready, says its API.
    assert_eq!(
        unready(
            Some(&deployment(1)),
            &pod(true, AT),
            &slice("uid-a", &json!({})),
            &Starts::new()
        ),
        None
    );
}

#[test]
fn what_is_missing_is_told_from_the_outside_in() {
    let none = BTreeMap::new();
    let no_slice = BTreeMap::new();
    let say = |deployment: Option<&Deployment>,
               pods: &BTreeMap<String, Pod>,
               slices: &BTreeMap<String, EndpointSlice>| {
        unready(deployment, pods, slices, &Starts::new()).unwrap()
    };
    assert_eq!(
        say(None, &none, &no_slice),
        "Deployment kube-system/coredns is not there yet"
    );
    assert_eq!(
        say(Some(&deployment(0)), &none, &no_slice),
        "CoreDNS is scaled to 0 replicas"
    );
    assert_eq!(
        say(Some(&deployment(1)), &none, &no_slice),
        "CoreDNS: 0 of 1 pods ready (no pod yet)"
    );
    let runs = pod(false, AT);
    assert_eq!(
        say(Some(&deployment(1)), &runs, &no_slice),
        "CoreDNS: 0 of 1 pods ready (container coredns runs and is not ready)"
    );
    let waits = "CoreDNS: a pod is ready, and not yet an endpoint of Service kube-dns";
    assert_eq!(say(Some(&deployment(1)), &pod(true, AT), &no_slice), waits);
    assert_eq!(
        say(
            Some(&deployment(1)),
            &pod(true, AT),
            &slice("uid-a", &json!({"ready": false}))
        ),
        waits
    );
    assert_eq!(
        say(
            Some(&deployment(1)),
            &pod(true, AT),
            &slice("uid-b", &json!({"ready": true}))
        ),
        waits
    );
}

#[test]
fn what_was_true_before_a_restart_does_not_count() {
    let published = slice("uid-a", &json!({"ready": true}));
    let starts = |node: &str| Starts::from([(node.to_owned(), "2026-01-01T00:00:11Z".parse().unwrap())]);
    let reason = unready(
        Some(&deployment(1)),
        &pod(true, AT),
        &published,
        &starts("server-0"),
    )
    .unwrap();
    assert_eq!(reason, "CoreDNS: 0 of 1 pods ready (not started again yet)");
    let elsewhere = unready(
        Some(&deployment(1)),
        &pod(true, AT),
        &published,
        &starts("agent-0"),
    );
    assert_eq!(elsewhere, None);
}
