use serde_json::json;
use test_case::test_case;

use super::*;

fn going(reason: &str) -> Rollout {
    Rollout::Progressing(reason.to_owned())
}

fn failing(reason: &str) -> Rollout {
    Rollout::Failing(reason.to_owned())
}

fn failed(reason: &str) -> Rollout {
    Rollout::Failed(reason.to_owned())
}

/// An object of generation 2 with this status.
fn judge(rule: Rule, status: &Value) -> Rollout {
    rule.judge(
        &json!({"metadata": {"name": "a", "namespace": "n", "generation": 2}, "spec": {}, "status": status}),
    )
}

#[test_case("apps", "Deployment", Some(Rule::Deployment))]
#[test_case("apps", "ReplicaSet", None)]
#[test_case("", "Service", None)]
#[test_case("batch", "CronJob", None)]
#[test_case("jetstream.nats.io", "KeyValue", Some(Rule::Stream))]
#[test_case("gateway.networking.k8s.io", "GRPCRoute", Some(Rule::Route))]
#[test_case("gateway.networking.k8s.io", "ReferenceGrant", None)]
#[test_case("networking.k8s.io", "NetworkPolicy", None)]
#[test_case("postgresql.cnpg.io", "Cluster", Some(Rule::Conditions))]
fn a_kind_has_its_rule(group: &str, kind: &str, rule: Option<Rule>) {
    assert_eq!(Rule::of(group, kind), rule);
}

#[test_case(&json!({"conditions": [{"type": "Complete", "status": "True"}]}), &Rollout::Done; "complete")]
#[test_case(&json!({"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too often"}]}), &failed("BackoffLimitExceeded: too often"); "failed")]
#[test_case(&json!({"conditions": [{"type": "FailureTarget", "status": "True", "reason": "DeadlineExceeded", "message": "too long"}]}), &failed("DeadlineExceeded: too long"); "about to be failed")]
#[test_case(&json!({"conditions": [{"type": "Suspended", "status": "True"}]}), &going("suspended"); "suspended")]
#[test_case(&json!({"active": 1, "failed": 2}), &going("0 of 1 runs succeeded, 2 failed"); "running")]
fn a_job(status: &Value, expected: &Rollout) {
    assert_eq!(&judge(Rule::Job, status), expected);
}

#[test_case(&json!({"conditions": [{"type": "NamesAccepted", "status": "True"}, {"type": "Established", "status": "True"}]}), &Rollout::Done; "established")]
#[test_case(&json!({"conditions": [{"type": "NamesAccepted", "status": "True"}]}), &going("not established yet"); "names only")]
#[test_case(&json!({"conditions": [{"type": "NamesAccepted", "status": "False", "message": "taken"}]}), &failed("taken"); "a name that is taken")]
fn a_definition(status: &Value, expected: &Rollout) {
    assert_eq!(&judge(Rule::Definition, status), expected);
}

#[test_case(&json!({"observedGeneration": 2, "conditions": [{"type": "Ready", "status": "True", "reason": "Ready"}]}), &Rollout::Done; "ready")]
#[test_case(&json!({"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True", "reason": "Ready"}]}),
    &going("the JetStream controller has not looked at the last change yet"); "ready before the last change")]
#[test_case(&json!({"observedGeneration": 0, "conditions": [{"type": "Ready", "status": "False", "reason": "Errored", "message": "replicas > 1 (10074)"}]}),
    &failing("replicas > 1 (10074)"); "errored")]
#[test_case(&json!({"conditions": [{"type": "Ready", "status": "Unknown", "reason": "Reconciling", "message": "Starting reconciliation"}]}),
    &going("Starting reconciliation"); "reconciling")]
#[test_case(&json!({}), &going("the JetStream controller has not looked at it yet"); "no status")]
fn a_stream(status: &Value, expected: &Rollout) {
    assert_eq!(&judge(Rule::Stream, status), expected);
}

fn accepted(generation: i64, status: &str) -> Value {
    json!({"type": "Accepted", "status": status, "observedGeneration": generation, "reason": "R", "message": "m"})
}

#[test_case(&json!([accepted(2, "True"), {"type": "Programmed", "status": "True", "observedGeneration": 2}]), &Rollout::Done; "programmed")]
#[test_case(&json!([accepted(1, "True"), {"type": "Programmed", "status": "True", "observedGeneration": 1}]),
    &going("the gateway's controller has not looked at the last change yet"); "before the last change")]
#[test_case(&json!([accepted(2, "False")]), &failing("not Accepted: m"); "refused")]
#[test_case(&json!([{"type": "Accepted", "status": "Unknown", "reason": "Pending", "message": "Waiting for controller"}]),
    &going("not Accepted: Waiting for controller"); "nobody has looked")]
#[test_case(&json!([accepted(2, "True")]), &going("the gateway's controller has not said Programmed yet"); "not programmed")]
fn a_gateway(conditions: &Value, expected: &Rollout) {
    assert_eq!(
        &judge(Rule::Gateway, &json!({"conditions": conditions})),
        expected
    );
}

fn parent(name: &str, resolved: &str) -> Value {
    let resolved = json!({"type": "ResolvedRefs", "status": resolved, "observedGeneration": 2, "reason": "BackendNotFound", "message": "no such Service"});
    json!({"parentRef": {"name": name, "namespace": "n"}, "conditions": [accepted(2, "True"), resolved]})
}

#[test_case(&[parent("a", "True"), parent("b", "True")], &Rollout::Done; "taken by both")]
#[test_case(&[parent("a", "True")], &going("gateway b has not taken it yet"); "taken by one")]
#[test_case(&[parent("a", "True"), parent("b", "False")], &failing("not ResolvedRefs: no such Service"); "without its backend")]
fn a_route(parents: &[Value], expected: &Rollout) {
    let route = json!({
        "metadata": {"name": "r", "namespace": "n", "generation": 2},
        "spec": {"parentRefs": [{"name": "a"}, {"name": "b", "namespace": "n"}]},
        "status": {"parents": parents},
    });
    assert_eq!(&Rule::Route.judge(&route), expected);
}

#[test_case(&json!({}), &Rollout::Done; "nothing is known")]
#[test_case(&json!({"conditions": [{"type": "Ready", "status": "True"}]}), &Rollout::Done; "ready")]
#[test_case(&json!({"conditions": [{"type": "Ready", "status": "False", "message": "1 of 3 instances"}]}), &going("1 of 3 instances"); "not ready")]
#[test_case(&json!({"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]}),
    &going("its controller has not looked at the last change yet"); "ready before the last change")]
#[test_case(&json!({"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 1}]}),
    &going("its controller has not looked at the last change yet"); "a condition of before")]
#[test_case(&json!({"conditions": [{"type": "Stalled", "status": "True", "message": "no"}]}), &failed("no"); "stalled")]
#[test_case(&json!({"conditions": [{"type": "Reconciling", "status": "True", "message": "on it"}]}), &going("on it"); "reconciling")]
fn another_resource(status: &Value, expected: &Rollout) {
    assert_eq!(&judge(Rule::Conditions, status), expected);
}
