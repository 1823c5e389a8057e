//! Secrets as the API server keeps them. It takes `stringData` and never shows it again: whoever applies that does not learn whether it differs,
//! and a text that was changed or removed would stay as it was.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::manifest::Object;

/// Moves what a Secret says in plain text to its encoded data. What is no text stays, for the server to refuse.
pub(crate) fn encode(object: &mut Object) {
    if object.group() != "" || object.kind() != "Secret" {
        return;
    }
    let Some(secret) = object.value_mut().as_object_mut() else {
        return;
    };
    let Some(Value::Object(texts)) = secret.get("stringData") else {
        return;
    };
    let encoded = texts
        .iter()
        .map(|(key, text)| Some((key.clone(), STANDARD.encode(text.as_str()?).into())))
        .collect::<Option<Map<String, Value>>>();
    let Some(encoded) = encoded else { return };
    let data = secret.entry("data").or_insert(Value::Null);
    if data.is_null() {
        *data = Map::new().into();
    }
    if let Some(data) = data.as_object_mut() {
        data.extend(encoded);
        secret.remove("stringData");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case(&json!({"stringData": {"a": "b"}}), &json!({"data": {"a": "Yg=="}}); "plain text")]
    #[test_case(&json!({"data": {"a": "eA==", "c": "eA=="}, "stringData": {"a": "b"}}), &json!({"data": {"a": "Yg==", "c": "eA=="}}); "plain text before data")]
    #[test_case(&json!({"data": null, "stringData": {}}), &json!({"data": {}}); "nothing")]
    #[test_case(&json!({"data": {"a": "Yg=="}}), &json!({"data": {"a": "Yg=="}}); "data")]
    #[test_case(&json!({"stringData": {"a": 1}}), &json!({"stringData": {"a": 1}}); "what is no text")]
    #[test_case(&json!({"data": 1, "stringData": {"a": "b"}}), &json!({"data": 1, "stringData": {"a": "b"}}); "data that is none")]
    fn of_a_secret(said: &Value, sent: &Value) {
        for (kind, expected) in [("Secret", sent), ("ConfigMap", said)] {
            let whole = |parts: &Value| {
                let mut value = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a"}});
                value
                    .as_object_mut()
                    .unwrap()
                    .extend(parts.as_object().unwrap().clone());
                Object::new(value).unwrap()
            };
            let mut object = whole(said);
            encode(&mut object);
            assert_eq!(object, whole(expected));
        }
    }
}
