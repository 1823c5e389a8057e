use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::{Value, json};
use test_case::test_case;

use super::*;

fn going(reason: &str) -> Rollout {
    Rollout::Progressing(reason.to_owned())
}

/// A Deployment of generation 2 with three replicas, whose status is `status`.
fn deployment_of(status: Value) -> Deployment {
    let mut deployment: Deployment = serde_json::from_value(json!({
        "metadata": {"generation": 2},
        "spec": {"replicas": 3, "selector": {}, "template": {}},
    }))
    .unwrap();
    deployment.status = serde_json::from_value(status).unwrap();
    deployment
}

#[test_case(json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3}), &Rollout::Done ; "all new and available")]
#[test_case(json!({"observedGeneration": 1, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3}),
    &going("Kubernetes has not looked at the last change yet") ; "the status of the rollout before")]
#[test_case(json!(null), &going("Kubernetes has not looked at the last change yet") ; "no status yet")]
#[test_case(json!({"observedGeneration": 1, "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}),
    &going("Kubernetes has not looked at the last change yet") ; "the failure of the rollout before")]
#[test_case(json!({"observedGeneration": 2, "replicas": 4, "updatedReplicas": 1, "availableReplicas": 3}), &going("1 of 3 pods updated") ; "surging")]
#[test_case(json!({"observedGeneration": 2, "replicas": 4, "updatedReplicas": 3, "availableReplicas": 4}), &going("1 old pods are not gone yet") ; "an old pod left")]
#[test_case(json!({"observedGeneration": 2, "replicas": 5, "updatedReplicas": 5, "availableReplicas": 5}), &going("2 pods too many are not gone yet") ; "scaling down")]
#[test_case(json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 2}), &going("2 of 3 pods available") ; "one not available")]
#[test_case(json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3,
    "conditions": [{"type": "Available", "status": "True"}, {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]}),
    &going("0 of 3 pods available") ; "conditions that lie")]
#[test_case(json!({"observedGeneration": 2, "replicas": 4, "updatedReplicas": 1, "availableReplicas": 3,
    "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "ReplicaSet \"a\" has timed out progressing."}]}),
    &Rollout::Failed("ReplicaSet \"a\" has timed out progressing.".to_owned()) ; "too late")]
#[test_case(json!({"observedGeneration": 2, "conditions": [{"type": "ReplicaFailure", "status": "True", "message": "pods \"a\" is forbidden:\n exceeded quota"}]}),
    &Rollout::Failing("pods \"a\" is forbidden: exceeded quota".to_owned()) ; "over quota")]
fn a_deployment(status: Value, expected: &Rollout) {
    assert_eq!(&deployment(&deployment_of(status)), expected);
}

#[test]
fn a_deployment_of_no_replicas_is_done_when_the_last_pod_has_gone() {
    let mut scaled = deployment_of(json!({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1}));
    scaled.spec.as_mut().unwrap().replicas = Some(0);
    assert_eq!(deployment(&scaled), going("1 pods too many are not gone yet"));
    scaled.status = Some(serde_json::from_value(json!({"observedGeneration": 2})).unwrap());
    assert_eq!(deployment(&scaled), Rollout::Done);
}

#[test]
fn a_paused_deployment_says_so() {
    let mut paused = deployment_of(
        json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 0, "availableReplicas": 3}),
    );
    paused.spec.as_mut().unwrap().paused = Some(true);
    assert_eq!(deployment(&paused), going("paused with 0 of 3 pods updated"));
}

#[test_case(&json!({}), &json!({"observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "updatedReplicas": 3, "currentRevision": "b", "updateRevision": "b"}), &Rollout::Done ; "all new and available")]
#[test_case(&json!({}), &json!({"observedGeneration": 1, "replicas": 3, "readyReplicas": 3, "currentRevision": "a", "updateRevision": "a"}),
    &going("Kubernetes has not looked at the last change yet") ; "the status of the rollout before")]
#[test_case(&json!({}), &json!({"observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"}), &going("1 of 3 pods updated") ; "rolling")]
#[test_case(&json!({}), &json!({"observedGeneration": 2, "replicas": 2, "readyReplicas": 1, "currentRevision": "a", "updateRevision": "a"}), &going("1 of 3 pods ready") ; "coming up one by one")]
#[test_case(&json!({}), &json!({"observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "availableReplicas": 2, "currentRevision": "a", "updateRevision": "a"}), &going("2 of 3 pods available") ; "ready for too short a time")]
#[test_case(&json!({}), &json!({"observedGeneration": 2, "replicas": 4, "readyReplicas": 4, "currentRevision": "a", "updateRevision": "a"}), &going("1 pods too many are not gone yet") ; "scaling down")]
#[test_case(&json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}),
    &json!({"observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"}), &Rollout::Done ; "up to its partition")]
#[test_case(&json!({"type": "OnDelete"}),
    &json!({"observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "updatedReplicas": 0, "currentRevision": "a", "updateRevision": "b"}), &Rollout::Done ; "by hand")]
fn a_stateful_set(strategy: &Value, status: &Value, expected: &Rollout) {
    let set: StatefulSet = serde_json::from_value(json!({
        "metadata": {"generation": 2},
        "spec": {"replicas": 3, "selector": {}, "serviceName": "a", "template": {}, "updateStrategy": strategy},
        "status": status,
    }))
    .unwrap();
    assert_eq!(&stateful_set(&set), expected);
}

#[test_case(None, json!({"observedGeneration": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}), &Rollout::Done ; "all new and available")]
#[test_case(None, json!({"observedGeneration": 1, "updatedNumberScheduled": 2, "numberAvailable": 2}),
    &going("Kubernetes has not looked at the last change yet") ; "the status of the rollout before")]
#[test_case(None, json!({"observedGeneration": 2, "updatedNumberScheduled": 1, "numberAvailable": 2}), &going("1 of 2 pods updated") ; "rolling")]
#[test_case(None, json!({"observedGeneration": 2, "updatedNumberScheduled": 2, "numberAvailable": 1}), &going("1 of 2 pods available") ; "one not available")]
#[test_case(Some("OnDelete"), json!({"observedGeneration": 2, "numberAvailable": 2}), &Rollout::Done ; "by hand")]
fn a_daemon_set(strategy: Option<&str>, status: Value, expected: &Rollout) {
    let mut status = status;
    for (key, value) in [
        ("currentNumberScheduled", 2),
        ("desiredNumberScheduled", 2),
        ("numberMisscheduled", 0),
        ("numberReady", 2),
    ] {
        status[key] = value.into();
    }
    let strategy = strategy.map(|kind| json!({"type": kind}));
    let set: DaemonSet = serde_json::from_value(json!({
        "metadata": {"generation": 2},
        "spec": {"selector": LabelSelector::default(), "template": {}, "updateStrategy": strategy},
        "status": status,
    }))
    .unwrap();
    assert_eq!(&daemon_set(&set), expected);
}
