use serde_json::{Value, json};
use test_case::test_case;

use super::*;

fn node(name: &str, condition: &Value) -> (String, Node) {
    let value = json!({"metadata": {"name": name}, "status": {"conditions": [condition]}});
    (name.to_owned(), serde_json::from_value(value).unwrap())
}

fn ready(name: &str) -> (String, Node) {
    node(
        name,
        &json!({"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-01-01T00:00:10Z"}),
    )
}

fn starting(name: &str) -> (String, Node) {
    let message = "container runtime network not ready:\n cni plugin not initialized";
    node(
        name,
        &json!({"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": message}),
    )
}

#[test_case(&[], vec![], Some("no node has registered yet") ; "none at all")]
#[test_case(&[], vec![ready("a")], None ; "any will do")]
#[test_case(&["a"], vec![ready("a"), starting("b")], None ; "only those that are asked for")]
#[test_case(&["a"], vec![], Some("node a has not registered yet") ; "not there")]
#[test_case(&["a"], vec![starting("a")],
    Some("node a is not ready (KubeletNotReady: container runtime network not ready: cni plugin not initialized)") ; "starting")]
#[test_case(&["a", "b", "c"], vec![ready("b")], Some("1 of 3 nodes ready; node a has not registered yet") ; "one of several")]
#[test_case(&["a"], vec![node("a", &json!({"type": "DiskPressure", "status": "False"}))], Some("node a has not reported yet") ; "silent")]
fn what_is_missing_is_told(names: &[&str], nodes: Vec<(String, Node)>, expected: Option<&str>) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let nodes = nodes.into_iter().collect();
    assert_eq!(unready(&names, &nodes, &Starts::new()).as_deref(), expected);
}

#[test_case("2026-01-01T00:00:10Z", None ; "in the same second")]
#[test_case("2026-01-01T00:00:11Z", Some("node a has not reported since its start") ; "before")]
fn what_a_node_said_before_a_restart_does_not_count(started: &str, expected: Option<&str>) {
    let nodes = BTreeMap::from([ready("a")]);
    assert_eq!(
        unready(
            &[],
            &nodes,
            &Starts::from([("a".to_owned(), started.parse().unwrap())])
        )
        .as_deref(),
        expected
    );
}

#[test]
fn a_summary_has_what_a_person_asks_for() {
    let value = json!({
        "metadata": {"name": "a", "creationTimestamp": "2026-01-01T00:00:00Z", "labels": {"node-role.kubernetes.io/control-plane": "true"}},
        "spec": {"unschedulable": true},
        "status": {
            "addresses": [{"type": "Hostname", "address": "a"}, {"type": "InternalIP", "address": "172.20.0.2"}],
            "conditions": [{"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "True"}, {"type": "MemoryPressure", "status": "False"}],
            "nodeInfo": {"kubeletVersion": "v1.34.4+k3s1", "architecture": "", "bootID": "", "containerRuntimeVersion": "", "kernelVersion": "",
                "kubeProxyVersion": "", "machineID": "", "operatingSystem": "", "osImage": "", "systemUUID": ""},
        },
    });
    let node: Node = serde_json::from_value(value).unwrap();
    let expected = NodeSummary {
        name: "a".to_owned(),
        role: "server",
        ready: true,
        reason: None,
        version: "v1.34.4+k3s1".to_owned(),
        address: Some("172.20.0.2".to_owned()),
        cordoned: true,
        age_seconds: 90,
        pressure: vec!["DiskPressure".to_owned()],
    };
    assert_eq!(summary(&node, "2026-01-01T00:01:30Z".parse().unwrap()), expected);
    let empty = summary(&Node::default(), "2026-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(
        (empty.role, empty.ready, empty.reason.as_deref()),
        ("agent", false, Some("has not reported yet"))
    );
}
