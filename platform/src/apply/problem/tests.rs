use serde_json::{Value, json};
use test_case::test_case;

use super::*;

fn status(body: Value) -> Status {
    serde_json::from_value(body).unwrap()
}

#[test_case("Invalid value: {\"a\":\"b: c\"}: field is immutable" => "field is immutable" ; "a value goes")]
#[test_case("Forbidden: spec is immutable after creation" => "spec is immutable after creation" ; "forbidden")]
#[test_case("Required value" => "Required value" ; "nothing after it")]
#[test_case("Unsupported value: \"x\": supported values: \"a\", \"b\"" => "Unsupported value: \"x\": supported values: \"a\", \"b\"" ; "what there is to choose from stays")]
fn why(message: &str) -> String {
    without_value(message)
}

#[test]
fn a_refusal_by_a_webhook_names_it() {
    let body = json!({
        "status": "Failure", "code": 403, "reason": "Forbidden",
        "message": "admission webhook \"policy.example.dev\" denied the request: no latest tags",
    });
    let by = Some("webhook policy.example.dev".to_owned());
    let message = "no latest tags".to_owned();
    assert_eq!(Problem::of(&status(body)), Problem::Refused { by, message });
}
