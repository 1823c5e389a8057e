//! Comparisons without a server.

use serde_json::json;
use test_case::test_case;

use super::*;

fn object(value: Value) -> Config {
    answered(value).unwrap()
}

fn changed(wanted: Value, actual: Value) -> Vec<String> {
    changes(&object(wanted), &object(actual))
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test_case(json!({"max_age": 5}), json!({"max_age": 5, "max_msgs": -1, "sealed": false}); "defaults of the server")]
#[test_case(json!({"max_msgs": 0}), json!({"max_msgs": -1}); "no limit in two spellings")]
#[test_case(json!({"duplicate_window": 0}), json!({"duplicate_window": 120_000}); "zero for the default")]
#[test_case(json!({"max_age": 0, "no_ack": false, "placement": {"tags": []}}), json!({}); "what the server leaves out")]
#[test_case(json!({"subjects": ["a", "b"]}), json!({"subjects": ["b", "a"]}); "subjects in another order")]
#[test_case(json!({"filter_subject": "a"}), json!({"filter_subjects": ["a"]}); "one filter in two spellings")]
#[test_case(json!({"metadata": {"team": "a"}}), json!({"metadata": {"team": "a", "_nats.ver": "2"}}); "metadata of the server")]
#[test_case(json!({"backoff": [5, 9], "ack_wait": 30}), json!({"backoff": [5, 9], "ack_wait": 5}); "the first pause as ack wait")]
#[test_case(json!({"opt_start_time": "2024-01-01T01:00:00+01:00"}), json!({"opt_start_time": "2024-01-01T00:00:00Z"}); "one instant in two zones")]
#[test_case(json!({"sources": [{"name": "A"}]}), json!({"sources": [{"name": "A", "external": null}]}); "defaults in a source")]
fn these_are_no_differences(wanted: Value, actual: Value) {
    assert_eq!(changed(wanted, actual), Vec::<String>::new());
}

#[test_case(json!({"max_age": 0}), json!({"max_age": 5}) => vec!["max_age: 5 -> 0"]; "no longer limited")]
#[test_case(json!({"max_msgs": 0}), json!({"max_msgs": 10}) => vec!["max_msgs: 10 -> 0"]; "limit lifted")]
#[test_case(json!({"subjects": ["a", "b"]}), json!({"subjects": ["a"]}) => vec![r#"subjects: ["a"] -> ["a","b"]"#]; "one more subject")]
#[test_case(json!({"subjects": ["a", "a"]}), json!({"subjects": ["a", "b"]}) => vec![r#"subjects: ["a","b"] -> ["a","a"]"#]; "not the same subjects")]
#[test_case(json!({"backoff": [1, 2]}), json!({"backoff": [2, 1]}) => vec!["backoff: [2,1] -> [1,2]"]; "pauses have an order")]
#[test_case(json!({"placement": {"cluster": "b"}}), json!({"placement": {"cluster": "a"}}) => vec![r#"placement.cluster: "a" -> "b""#]; "a member")]
#[test_case(json!({"description": "b"}), json!({}) => vec![r#"description: null -> "b""#]; "absent")]
fn these_are_differences(wanted: Value, actual: Value) -> Vec<String> {
    changed(wanted, actual)
}

#[test]
fn an_update_keeps_what_nobody_defined() {
    let actual =
        object(json!({"max_age": 5, "max_msgs": 7, "metadata": {"a": "1", "b": "2"}, "subjects": ["x"]}));
    let wanted = object(json!({"max_age": 6, "metadata": {"b": "3"}, "subjects": ["y"]}));
    let merged = json!({"max_age": 6, "max_msgs": 7, "metadata": {"a": "1", "b": "3"}, "subjects": ["y"]});
    assert_eq!(Value::Object(merge(&actual, &wanted)), merged);
}
