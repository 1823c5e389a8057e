//! YAML as `kubectl` reads it, with the places of its parts.
//!
//! `kubectl` reads YAML 1.1: unquoted `yes`, `no`, `on`, `off`, `y` and `n` are booleans, `0644` is octal, and a date is text. So
//! it is here, because one file must mean the same to both. Where that makes a key out of a boolean (`on: x` becomes `true: x`),
//! the file is refused: nobody means it. A key that is there twice is refused as well, where `kubectl` takes the last.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::options::MergeKeyPolicy;
use serde_saphyr::{Options, Spanned, budget, options};

use crate::project::yaml::complaint;

/// A place in a file and what is wrong there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// From 1.
    pub(super) line: u64,
    /// From 1.
    pub(super) column: u64,
    pub(super) message: String,
}

/// One document of a file.
#[derive(Debug, PartialEq)]
pub(super) struct Document {
    /// Where it begins, from 1.
    pub(super) line: u64,
    /// From 1.
    pub(super) column: u64,
    pub(super) value: Value,
}

/// All documents of a text, empty ones included.
pub(super) fn documents(text: &str) -> Result<Vec<Document>, Complaint> {
    let documents: Vec<Spanned<Option<Json>>> =
        serde_saphyr::from_multiple_with_options(text, like_kubectl()).map_err(|error| complain(&error))?;
    let document = |document: Spanned<Option<Json>>| Document {
        line: document.referenced.line().max(1),
        column: document.referenced.column().max(1),
        value: document.value.map_or(Value::Null, |json| json.0),
    };
    Ok(documents.into_iter().map(document).collect())
}

pub(super) fn complain(error: &serde_saphyr::Error) -> Complaint {
    let (place, message) = complaint(error);
    Complaint {
        line: place.line().max(1),
        column: place.column().max(1),
        message,
    }
}

/// Rooms for a file of a hundred definitions of resources, and an end for one that unfolds without end.
pub(super) fn like_kubectl() -> Options {
    options! {
        legacy_octal_numbers: true,
        merge_keys: MergeKeyPolicy::Merge,
        budget: budget! {
            max_documents: 10_000,
            max_events: 10_000_000,
            max_nodes: 5_000_000,
            max_depth: 128,
        },
    }
}

/// A value with the scalars of `kubectl`.
#[derive(Debug)]
struct Json(Value);

/// A key of a mapping.
struct Key(String);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor).map(Json)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor).map(Key)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        number(value).ok_or_else(|| E::custom(format!("{value} is no number that JSON knows")))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((Key(key), Json(value))) = entries.next_entry()? {
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// A whole number is one however it is written: `1e3` is 1000.
fn number(value: f64) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
        return Some(Value::from(value as i64));
    }
    Number::from_f64(value).map(Value::Number)
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<String, E> {
        let message = format!("this key is the boolean {value} to kubectl; put it into quotes");
        Err(E::custom(message))
    }

    fn visit_i64<E>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_str<E>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }

    fn visit_string<E>(self, value: String) -> Result<String, E> {
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn value(text: &str) -> Value {
        documents(text).unwrap().remove(0).value
    }

    #[test_case("a: yes" => json!({"a": true}); "norway is a boolean")]
    #[test_case("a: 'no'" => json!({"a": "no"}); "in quotes it is text")]
    #[test_case("a: off" => json!({"a": false}); "a switch is a boolean")]
    #[test_case("a: 0644" => json!({"a": 420}); "a leading zero is octal")]
    #[test_case("a: 0x1F" => json!({"a": 31}); "hexadecimal")]
    #[test_case("a: 1e3" => json!({"a": 1000}); "a whole number with an exponent")]
    #[test_case("a: 0.5" => json!({"a": 0.5}); "a fraction")]
    #[test_case("a: 2024-01-02" => json!({"a": "2024-01-02"}); "a date is text")]
    #[test_case("a: 1:30" => json!({"a": "1:30"}); "no sexagesimal numbers")]
    #[test_case("a: 500m" => json!({"a": "500m"}); "a quantity is text")]
    #[test_case("a: ~\nb:" => json!({"a": null, "b": null}); "nulls")]
    #[test_case("8080: a" => json!({"8080": "a"}); "a number as a key is text")]
    #[test_case("'on': a" => json!({"on": "a"}); "a key in quotes")]
    #[test_case("a: &x {b: 1}\nc: {<<: *x, d: 2}" => json!({"a": {"b": 1}, "c": {"b": 1, "d": 2}}); "anchors and merge keys")]
    #[test_case("a: |\n  x\n  --- y\n" => json!({"a": "x\n--- y\n"}); "a block")]
    #[test_case("{\"a\": [1, \"\\u00e9\"]}" => json!({"a": [1, "é"]}); "JSON is YAML")]
    fn scalars_are_those_of_kubectl(text: &str) -> Value {
        value(text)
    }

    #[test]
    fn a_boolean_as_a_key_is_refused_with_its_place() {
        let complaint = documents("data:\n  on: x\n").unwrap_err();
        assert_eq!((complaint.line, complaint.column), (2, 3));
        assert!(complaint.message.contains("put it into quotes"), "{complaint:?}");
    }

    #[test_case("a: 1\na: 2" => (2, 1); "a key twice")]
    #[test_case("a: 1\n---\nb: [1\n" => (3, 4); "a list without an end in the second document")]
    #[test_case("a: .nan" => (1, 4); "not a number")]
    #[test_case("a: 1\n b: 2" => (2, 3); "a step to the right")]
    fn what_is_wrong_has_its_place(text: &str) -> (u64, u64) {
        let complaint = documents(text).unwrap_err();
        (complaint.line, complaint.column)
    }

    #[test]
    fn each_document_knows_where_it_begins() {
        let found = documents("# words\n---\na: 1\n---\n---\n# nothing\n---\n- b\n").unwrap();
        let found: Vec<(u64, Value)> = found.into_iter().map(|d| (d.line, d.value)).collect();
        let kept: Vec<_> = found.iter().filter(|(_, value)| !value.is_null()).collect();
        assert_eq!(kept, [&(3, json!({"a": 1})), &(8, json!(["b"]))], "{found:?}");
    }
}
