use proptest::prelude::*;
use serde_json::json;
use test_case::test_case;

use super::*;

fn merged(base: Value, overlay: &Value) -> Result<Value, String> {
    let mut base = base;
    merge(&mut base, overlay).map_err(|misfit| format!("{}: {}", misfit.path, misfit.reason))?;
    Ok(base)
}

#[test_case(json!({"a": {"b": 1}}), json!({"a": {"c": 2}}) => json!({"a": {"b": 1, "c": 2}}); "mappings merge deep")]
#[test_case(json!({"a": 1}), json!({"a": "x"}) => json!({"a": "x"}); "a scalar replaces one")]
#[test_case(json!({"a": {"b": 1}}), json!({"a": 3}) => json!({"a": 3}); "a scalar replaces a mapping")]
#[test_case(json!({"a": 3}), json!({"a": {"b": 1}}) => json!({"a": {"b": 1}}); "a mapping replaces a scalar")]
#[test_case(json!({"a": null}), json!({"a": {"b": 1}}) => json!({"a": {"b": 1}}); "a mapping replaces nothing")]
#[test_case(json!({"a": 1, "b": 2}), json!({"a": null}) => json!({"b": 2}); "null removes a key")]
#[test_case(json!({"a": {"b": 1}, "c": 2}), json!({"a": {"$patch": "delete"}}) => json!({"c": 2}); "an instruction removes a mapping")]
#[test_case(json!({"a": {"b": 1}}), json!({"a": {"$patch": "replace", "c": 2}}) => json!({"a": {"c": 2}}); "an instruction replaces a mapping")]
#[test_case(json!({"args": ["a", "b"]}), json!({"args": ["c"]}) => json!({"args": ["c"]}); "a list without names is replaced")]
#[test_case(json!({"args": []}), json!({"args": [{"a": 1}]}) => json!({"args": [{"a": 1}]}); "items without names go where nothing was")]
#[test_case(json!({"volumes": [{"name": "a"}]}), json!({"volumes": []}) => json!({"volumes": []}); "an empty list empties")]
#[test_case(
    json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}),
    json!({"env": [{"name": "C", "value": "4"}, {"name": "A", "value": "3"}]})
    => json!({"env": [{"name": "A", "value": "3"}, {"name": "B", "value": "2"}, {"name": "C", "value": "4"}]});
    "named items merge in the base's order and new ones follow"
)]
#[test_case(
    json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}),
    json!({"env": [{"name": "A", "$patch": "delete"}]})
    => json!({"env": [{"name": "B", "value": "2"}]}); "a named item is removed"
)]
#[test_case(
    json!({"env": [{"name": "A", "value": "1"}]}),
    json!({"env": [{"name": "A", "value": null, "valueFrom": {"x": 1}}]})
    => json!({"env": [{"name": "A", "valueFrom": {"x": 1}}]}); "a value becomes a reference"
)]
#[test_case(
    json!({"env": [{"name": "A"}, {"name": "B"}]}), json!({"env": [{"$patch": "replace"}, {"name": "C"}]})
    => json!({"env": [{"name": "C"}]}); "an instruction replaces a list"
)]
#[test_case(
    json!({"ports": [{"containerPort": 80}]}), json!({"ports": [{"containerPort": 80, "name": "http"}]})
    => json!({"ports": [{"containerPort": 80, "name": "http"}]}); "a port gets a name"
)]
#[test_case(
    json!({"ports": [{"name": "http", "containerPort": 80}]}), json!({"ports": [{"containerPort": 80, "hostPort": 8080}]})
    => json!({"ports": [{"name": "http", "containerPort": 80, "hostPort": 8080}]}); "a named port is meant by its number"
)]
#[test_case(
    json!({"ports": [{"name": "http", "port": 80}]}), json!({"ports": [{"name": "http", "port": 8080}]})
    => json!({"ports": [{"name": "http", "port": 8080}]}); "a named port gets another number"
)]
#[test_case(
    json!({"ports": [{"port": 53, "protocol": "UDP"}]}), json!({"ports": [{"port": 53}]})
    => json!({"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]}); "one number with two protocols is two ports"
)]
#[test_case(
    json!({"ports": [{"name": "a", "port": 1}]}), json!({"ports": [{"name": "b", "port": 1, "protocol": "UDP"}]})
    => json!({"ports": [{"name": "a", "port": 1}, {"name": "b", "port": 1, "protocol": "UDP"}]}); "two names are two ports"
)]
#[test_case(
    json!({"volumeMounts": [{"name": "a", "mountPath": "/x"}]}),
    json!({"volumeMounts": [{"name": "a", "mountPath": "/y"}, {"mountPath": "/x", "readOnly": true}]})
    => json!({"volumeMounts": [{"name": "a", "mountPath": "/x", "readOnly": true}, {"name": "a", "mountPath": "/y"}]});
    "mounts are told apart by their path"
)]
#[test_case(
    json!({"topologySpreadConstraints": [{"topologyKey": "host", "maxSkew": 1}]}),
    json!({"topologySpreadConstraints": [{"topologyKey": "host", "maxSkew": 2}, {"topologyKey": "zone"}]})
    => json!({"topologySpreadConstraints": [{"topologyKey": "host", "maxSkew": 2}, {"topologyKey": "zone"}]});
    "spread constraints are told apart by their key"
)]
#[test_case(
    json!({"subjects": [{"name": "a"}, {"name": "a"}]}), json!({"subjects": [{"name": "b"}]})
    => json!({"subjects": [{"name": "b"}]}); "a list with one name twice is replaced"
)]
#[test_case(
    json!({"rules": [{"name": "a"}, {"x": 1}]}), json!({"rules": [{"name": "a", "y": 1}]})
    => json!({"rules": [{"name": "a", "y": 1}]}); "a list in which one has no name is replaced"
)]
#[test_case(
    json!({"rules": [{"name": "a", "to": [{"name": "x"}]}]}), json!({"rules": [{"name": "a", "to": [{"name": "y"}]}]})
    => json!({"rules": [{"name": "a", "to": [{"name": "x"}, {"name": "y"}]}]}); "named lists in named items"
)]
fn an_overlay_is_laid_over(base: Value, overlay: impl Into<Value>) -> Value {
    merged(base, &overlay.into()).unwrap()
}

#[test_case(json!({"a": 1}), json!({"b": null}) => "b: there is no b to delete"; "a key")]
#[test_case(json!({"a": {}}), json!({"a": {"b": {"$patch": "delete"}}}) => "a.b: there is no a.b to delete"; "a mapping")]
#[test_case(
    json!({"env": [{"name": "A"}]}), json!({"env": [{"name": "B", "$patch": "delete"}]})
    => "env[name=B]: there is no env[name=B] to delete"; "an item"
)]
#[test_case(json!({"a": 1}), json!({"b": {"c": null}}) => "b.c: there is no b.c to delete"; "a key of what is new")]
#[test_case(json!({}), json!({"$patch": "merge"}) => "$patch: $patch is 'delete' or 'replace'"; "another instruction")]
#[test_case(
    json!({"containers": [{"name": "proxy", "image": "x"}]}), json!({"containers": [{"name": "prxy", "tty": true}]})
    => "containers[name=prxy]: there is no containers[name=prxy] to change, and a new one needs 'image'; there: name=proxy";
    "a container that is misspelt"
)]
fn what_is_not_there_is_named(base: Value, overlay: impl Into<Value>) -> String {
    merged(base, &overlay.into()).unwrap_err()
}

#[test]
fn a_new_object_with_an_instruction_is_refused() {
    let document = json!({"spec": {"env": [{"name": "A", "$patch": "delete"}]}});
    assert_eq!(
        check_whole(&document).unwrap_err().path.to_string(),
        "spec.env[0]"
    );
    assert_eq!(
        check_whole(&json!({"status": null, "metadata": {"creationTimestamp": null}})),
        Ok(())
    );
}

/// Objects as overlays see them: lists of named items, of ports, and plain ones.
fn tree() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..4_i64).prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        let mapping = || prop::collection::btree_map("[abc]|env|ports", inner.clone(), 0..4);
        let as_value = |map: std::collections::BTreeMap<String, Value>| Value::from_iter(map);
        let named = prop::collection::btree_map("[xyz]", mapping(), 0..3).prop_map(move |items| {
            let item = |(name, mut item): (String, std::collections::BTreeMap<String, Value>)| {
                item.insert("name".to_owned(), name.into());
                as_value(item)
            };
            Value::Array(items.into_iter().map(item).collect())
        });
        prop_oneof![
            mapping().prop_map(as_value),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            named,
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[abc]|env|ports", tree(), 0..4).prop_map(Value::from_iter)
}

/// Nothing of it is in the other.
fn prefixed(value: &Value, prefix: &str) -> Value {
    let map = value.as_object().expect("an object");
    let entries = map.iter();
    let entries = entries.map(|(key, value)| (format!("{prefix}{key}"), value.clone()));
    entries.collect()
}

proptest! {
    #[test]
    fn an_empty_overlay_changes_nothing(base in object()) {
        prop_assert_eq!(merged(base.clone(), &json!({})), Ok(base));
    }

    #[test]
    fn an_overlay_twice_is_the_overlay_once(base in object(), overlay in object()) {
        let once = merged(base, &overlay).unwrap();
        prop_assert_eq!(merged(once.clone(), &overlay), Ok(once));
    }

    #[test]
    fn an_overlay_over_nothing_is_the_overlay(overlay in object()) {
        prop_assert_eq!(merged(json!({}), &overlay), Ok(overlay));
    }

    #[test]
    fn an_object_over_itself_is_itself(base in object()) {
        prop_assert_eq!(merged(base.clone(), &base), Ok(base));
    }

    #[test]
    fn overlays_of_different_parts_may_come_in_any_order(base in object(), a in object(), b in object()) {
        let (a, b) = (prefixed(&a, "x"), prefixed(&b, "y"));
        let one = merged(merged(base.clone(), &a).unwrap(), &b);
        let other = merged(merged(base, &b).unwrap(), &a);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn what_an_overlay_says_last_holds(base in object(), overlay in object(), value in 0..9_i64) {
        let last = json!({"a": value});
        let result = merged(merged(base, &overlay).unwrap(), &last).unwrap();
        prop_assert_eq!(&result["a"], &json!(value));
    }
}
