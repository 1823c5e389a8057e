use serde_json::json;

use super::*;

fn config(data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "n"}, "data": data})
}

fn secret(data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": data})
}

#[test]
fn what_the_server_owns_is_no_difference() {
    let mut live = config(&json!({"a": "1"}));
    live["metadata"]["uid"] = "x".into();
    live["metadata"]["resourceVersion"] = "12".into();
    live["metadata"]["managedFields"] = json!([{"manager": "ratectl"}]);
    live["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"});
    live["status"] = json!({"ready": true});
    assert_eq!(diff(&live, &config(&json!({"a": "1"}))), "");
}

#[test]
fn a_changed_value_is_shown_with_its_surroundings() {
    insta::assert_snapshot!(diff(&config(&json!({"a": "1", "b": "no"})), &config(&json!({"a": "2", "b": "no"}))), @r#"
    --- ConfigMap n/a (live)
    +++ ConfigMap n/a (wanted)
    @@ -1,6 +1,6 @@
     apiVersion: v1
     data:
    -  a: "1"
    +  a: "2"
       b: "no"
     kind: ConfigMap
     metadata:
    "#);
}

#[test]
fn an_object_that_is_new_is_all_plus() {
    let shown = diff(&Value::Null, &config(&json!({"a": "1"})));
    assert!(
        shown.starts_with("--- ConfigMap n/a (none)\n+++ ConfigMap n/a (wanted)\n"),
        "{shown}"
    );
    assert!(shown.lines().skip(3).all(|line| line.starts_with('+')), "{shown}");
}

#[test]
fn an_object_that_goes_is_all_minus() {
    let shown = diff(&config(&json!({"a": "1"})), &Value::Null);
    assert!(shown.lines().skip(3).all(|line| line.starts_with('-')), "{shown}");
}

#[test]
fn of_a_secret_it_is_shown_which_values_differ_and_none_of_them() {
    let live = secret(&json!({"changed": "b2xk", "gone": "Z29uZQ==", "same": "c2FtZQ=="}));
    let wanted = secret(&json!({"changed": "bmV3", "new": "bmV3ZXI=", "same": "c2FtZQ=="}));
    insta::assert_snapshot!(diff(&live, &wanted), @r#"
    --- Secret a (live)
    +++ Secret a (wanted)
    @@ -1,7 +1,7 @@
     apiVersion: v1
     data:
    -  changed: "*** (before)"
    -  gone: "***"
    +  changed: "*** (after)"
    +  new: "***"
       same: "***"
     kind: Secret
     metadata:
    "#);
}

#[test]
fn a_secret_that_is_new_or_goes_shows_no_value_either() {
    let value = secret(&json!({"a": "c2VjcmV0"}));
    for shown in [diff(&Value::Null, &value), diff(&value, &Value::Null)] {
        assert!(shown.contains("***") && !shown.contains("c2VjcmV0"), "{shown}");
    }
}

#[test]
fn text_of_several_lines_differs_by_line_and_moves_no_cursor() {
    let of = |line: &str| config(&json!({"nats.conf": format!("first\n{line}\nlast\n")}));
    let shown = diff(&of("port: 4222"), &of("port: 4223"));
    assert!(shown.contains("-    port: 4222\n+    port: 4223\n"), "{shown}");
    let shown = diff(&of("a"), &of("\u{1b}[2Jb"));
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}
