//! Refusals as an API server of version 1.34 has sent them.

use serde_json::{Value, json};
use test_case::test_case;

use super::*;
use crate::apply::conflict::advice;

fn problem(body: Value) -> Problem {
    Problem::of(&serde_json::from_value(body).unwrap())
}

#[test_case("Invalid value: {\"a\":\"b: c\"}: field is immutable" => "field is immutable" ; "a value goes")]
#[test_case("Forbidden: spec is immutable after creation" => "spec is immutable after creation" ; "forbidden")]
#[test_case("Required value" => "Required value" ; "nothing after it")]
#[test_case("Unsupported value: \"x\": supported values: \"a\", \"b\"" => "Unsupported value: \"x\": supported values: \"a\", \"b\"" ; "what there is to choose from stays")]
fn why(message: &str) -> String {
    without_value(message)
}

#[test]
fn every_conflict_is_told_with_its_owner() {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "Apply failed with 2 conflicts: conflicts with \"kubectl\" with subresource \"scale\" using apps/v1:\n- .spec.replicas\nconflicts with \"kubectl-create\" using apps/v1:\n- .spec.template.spec.containers[name=\"mirrored-pause\"].image",
        "reason": "Conflict",
        "details": {"causes": [
            {"reason": "FieldManagerConflict", "field": ".spec.replicas",
             "message": "conflict with \"kubectl\" with subresource \"scale\" using apps/v1"},
            {"reason": "FieldManagerConflict", "field": ".spec.template.spec.containers[name=\"mirrored-pause\"].image",
             "message": "conflict with \"kubectl-create\" using apps/v1"},
        ]},
        "code": 409,
    });
    let Problem::Conflict { fields } = problem(body) else {
        panic!("no conflict")
    };
    assert_eq!(fields[0].to_string(), "spec.replicas belongs to kubectl");
    assert_eq!(
        fields[1].to_string(),
        "spec.template.spec.containers[name=\"mirrored-pause\"].image belongs to kubectl-create"
    );
    let advice = advice(&fields);
    assert!(
        advice.starts_with("--force-conflicts takes these fields from kubectl, kubectl-create"),
        "{advice}"
    );
    assert!(advice.contains("--take-over"), "{advice}");
}

#[test_case("helm" => (true, true, false) ; "helm takes back at its next upgrade")]
#[test_case("kubectl-client-side-apply" => (false, true, false) ; "kubectl leaves fields behind")]
#[test_case("horizontal-pod-autoscaler" => (false, false, true) ; "a controller sets it again")]
fn the_advice_is_about(owner: &str) -> (bool, bool, bool) {
    let owner = owner.to_owned();
    let field = "spec.replicas".to_owned();
    let advice = advice(&[Conflict { field, owner }]);
    (
        advice.contains("helm upgrade"),
        advice.contains("--take-over"),
        advice.contains("controller"),
    )
}

#[test]
fn a_conflict_without_fields_is_told_as_it_is() {
    let body = json!({"code": 409, "reason": "Conflict", "message": "the object has been modified"});
    let message = "the object has been modified".to_owned();
    assert_eq!(problem(body), Problem::Other { message });
}

fn invalid(kind: &str, reason: &str, message: &str, field: &str) -> Value {
    json!({
        "code": 422, "reason": "Invalid", "message": format!("{kind} \"a\" is invalid: {field}: {message}"),
        "details": {"name": "a", "kind": kind, "causes": [{"reason": reason, "message": message, "field": field}]},
    })
}

#[test_case("Service", "FieldValueInvalid", "Invalid value: [\"10.43.1.7\"]: may not change once set", "spec.clusterIPs[0]"
    => "cannot be changed in place: spec.clusterIPs[0]: may not change once set")]
#[test_case("Deployment", "FieldValueInvalid", "Invalid value: {\"matchLabels\":{\"app\":\"d\"}}: field is immutable", "spec.selector"
    => "cannot be changed in place: spec.selector: field is immutable")]
#[test_case("PersistentVolumeClaim", "FieldValueForbidden",
    "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims", "spec"
    => "cannot be changed in place: spec: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims")]
#[test_case("Deployment", "FieldValueInvalid", "Invalid value: -1: must be greater than or equal to 0", "spec.replicas"
    => "spec.replicas: must be greater than or equal to 0")]
fn a_field_is_told_without_its_value(kind: &str, reason: &str, message: &str, field: &str) -> String {
    problem(invalid(kind, reason, message, field)).to_string()
}

#[test]
fn a_stateful_set_that_cannot_be_changed_is_recognized() {
    let message = "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    let problem = problem(invalid("StatefulSet", "FieldValueForbidden", message, "spec"));
    assert!(matches!(problem, Problem::Immutable { .. }), "{problem:?}");
}

#[test_case("failed to create typed patch object (/c9; /v1, Kind=ConfigMap): .x: field not declared in schema", 500
    => "x: field not declared in schema" ; "an unknown field")]
#[test_case("failed to create typed patch object (/bad; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string", 500
    => "spec.replicas: expected numeric (int or float), got string" ; "a value of another type")]
#[test_case("failed to create typed patch object (/bad; apps/v1, Kind=Deployment): errors:\n  .spec.a: field not declared in schema\n  .b: field not declared in schema", 500
    => "spec.a: field not declared in schema; b: field not declared in schema" ; "several")]
#[test_case("Thing in version \"v1\" cannot be handled as a Thing: strict decoding error: unknown field \"spec.sice\", unknown field \"spec.x\"", 400
    => "spec.sice: unknown field; spec.x: unknown field" ; "of a custom resource")]
#[test_case("error decoding YAML", 400 => "error decoding YAML" ; "anything else")]
fn what_is_misspelt_is_told(message: &str, code: u16) -> String {
    let problem = problem(json!({"code": code, "message": message}));
    assert!(matches!(problem, Problem::Invalid { .. }), "{problem:?}");
    problem.to_string()
}

#[test]
fn refusals_of_one_status_are_told_apart() {
    let forbidden = |message: &str| {
        problem(json!({
            "code": 403, "reason": "Forbidden", "message": message, "details": {"name": "c9", "kind": "configmaps"},
        }))
    };
    let quota = "configmaps \"c9\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=3, limited: configmaps=3";
    assert!(matches!(forbidden(quota), Problem::Quota { message } if message == quota));
    let access = "configmaps \"c9\" is forbidden: User \"ann\" cannot patch resource \"configmaps\" in API group \"\" in the namespace \"rec\"";
    assert!(matches!(forbidden(access), Problem::Forbidden { message } if message == access));
    let webhook = "admission webhook \"policy.example.dev\" denied the request: no latest tags";
    let by = Some("webhook policy.example.dev".to_owned());
    let message = "no latest tags".to_owned();
    assert_eq!(forbidden(webhook), Problem::Refused { by, message });
}

#[test]
fn a_missing_namespace_is_no_missing_object() {
    let body = json!({
        "code": 404, "reason": "NotFound", "message": "namespaces \"nope\" not found",
        "details": {"name": "nope", "kind": "namespaces"},
    });
    let namespace = "nope".to_owned();
    assert_eq!(problem(body), Problem::NoNamespace { namespace });
}

#[test]
fn what_the_server_says_cannot_move_the_cursor() {
    let body = json!({"code": 500, "message": "a\u{1b}[2Jb\nc"});
    assert_eq!(problem(body).to_string(), "ab c");
}
