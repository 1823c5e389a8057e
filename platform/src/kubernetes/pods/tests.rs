use serde_json::{Value, json};
use test_case::test_case;

use super::*;

fn pod(status: &Value) -> Pod {
    serde_json::from_value(json!({"metadata": {"name": "a"}, "status": status})).unwrap()
}

fn container(state: &Value) -> Value {
    json!([{"name": "app", "image": "i", "imageID": "", "ready": false, "restartCount": 0, "state": state}])
}

#[test_case(&json!({"conditions": [{"type": "Ready", "status": "True"}]}), None ; "ready")]
#[test_case(&json!({"phase": "Succeeded"}), None ; "ended well")]
#[test_case(&json!({"phase": "Pending"}), Some("not started yet") ; "new")]
#[test_case(&json!({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available"}]}),
    Some("Unschedulable: 0/1 nodes are available") ; "no room")]
#[test_case(&json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}),
    Some("Evicted: The node was low on resource: memory.") ; "evicted")]
#[test_case(&json!({"containerStatuses": container(&json!({"waiting": {"reason": "ContainerCreating"}}))}), Some("ContainerCreating") ; "creating")]
#[test_case(&json!({"containerStatuses": container(&json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling\n\u{1b}[31mimage"}}))}),
    Some("ImagePullBackOff: Back-off pulling image") ; "no image")]
#[test_case(&json!({"containerStatuses": container(&json!({"running": {}}))}), Some("container app runs and is not ready") ; "not ready")]
#[test_case(&json!({"containerStatuses": container(&json!({"terminated": {"exitCode": 1, "reason": "Error"}}))}), Some("container app ended with exit code 1") ; "ended")]
#[test_case(&json!({"initContainerStatuses": container(&json!({"waiting": {"reason": "CreateContainerConfigError", "message": "secret \"s\" not found"}})),
    "containerStatuses": container(&json!({"waiting": {"reason": "PodInitializing"}}))}),
    Some("CreateContainerConfigError: secret \"s\" not found") ; "an init container first")]
fn a_pod_says_what_it_waits_for(status: &Value, expected: Option<&str>) {
    assert_eq!(trouble(&pod(status)).as_deref(), expected);
}

#[test]
fn a_crash_loop_is_told_by_its_last_end() {
    let mut statuses = container(
        &json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}}),
    );
    statuses[0]["lastState"] = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}});
    let pod = pod(&json!({"containerStatuses": statuses}));
    assert_eq!(
        trouble(&pod).unwrap(),
        "CrashLoopBackOff: container app ended with exit code 137, OOMKilled"
    );
    assert!(is_stuck(&pod));
}

#[test]
fn a_pod_that_goes_is_neither_ready_nor_stuck() {
    let mut going = pod(&json!({"phase": "Failed", "conditions": [{"type": "Ready", "status": "True"}]}));
    going.metadata.deletion_timestamp = serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap();
    assert!(!is_ready(&going) && !is_stuck(&going));
    assert_eq!(trouble(&going).unwrap(), "terminating");
}

#[test_case("ContainerCreating", false ; "creating")]
#[test_case("PodInitializing", false ; "initializing")]
#[test_case("ErrImagePull", true ; "a failed pull")]
#[test_case("InvalidImageName", true ; "a wrong name")]
fn only_what_does_not_pass_by_itself_is_stuck(reason: &str, expected: bool) {
    let waiting = container(&json!({"waiting": {"reason": reason}}));
    assert_eq!(is_stuck(&pod(&json!({"containerStatuses": waiting}))), expected);
}

#[test_case(&json!([]), false ; "no container")]
#[test_case(&json!([{"running": {"startedAt": "2026-01-01T00:00:10Z"}}]), true ; "started then")]
#[test_case(&json!([{"running": {"startedAt": "2026-01-01T00:00:11Z"}}, {"running": {"startedAt": "2026-01-01T00:00:09Z"}}]), false ; "one of before")]
#[test_case(&json!([{"terminated": {"exitCode": 255}}]), false ; "none runs")]
fn what_runs_from_before_a_start_does_not_count(states: &Value, expected: bool) {
    let statuses: Vec<Value> = states
        .as_array()
        .unwrap()
        .iter()
        .map(|state| container(state)[0].clone())
        .collect();
    let pod = pod(&json!({"containerStatuses": statuses}));
    let started = "2026-01-01T00:00:10Z".parse().unwrap();
    assert_eq!(runs_since(&pod, Some(started)), expected);
    assert!(runs_since(&pod, None));
}
