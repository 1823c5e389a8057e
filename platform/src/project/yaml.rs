//! Strict YAML: complaints with their places, and mappings in the order of the file.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_saphyr::{Error as YamlError, Location};

use super::spelling::advice;
use crate::plain_line::plain_line;

/// A place, and what is wrong there.
pub(crate) type Complaint = (Location, String);

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    /// Where it stands; of an alias of YAML where that stands, and not what it means.
    pub(crate) referenced: Location,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::deserialize(deserializer)?;
        Ok(Self {
            value: spanned.value,
            referenced: spanned.referenced,
        })
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// What is wrong with a document as a whole: no YAML, an unknown key, a value of another kind.
pub(crate) fn complaint(error: &YamlError) -> Complaint {
    let error = error.without_snippet();
    let message = match error {
        YamlError::SerdeUnknownField { field, expected, .. } => {
            format!("unknown key '{}'; {}", plain_line(field), advice(field, expected))
        }
        YamlError::SerdeMissingField { field, .. } => format!("the key '{field}' is missing"),
        YamlError::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key '{}' is there twice", plain_line(key))
        }
        YamlError::SerdeInvalidType {
            unexpected, expected, ..
        } => {
            let unexpected = match plain_line(unexpected).as_str() {
                "sequence" => "a list".to_owned(),
                "map" => "a mapping".to_owned(),
                other => other.to_owned(),
            };
            format!("{unexpected} stands where {expected} is expected")
        }
        YamlError::InvalidScalar { ty, .. } => format!("{} is expected here", kind_of_scalar(ty)),
        YamlError::Unexpected { expected, .. } => format!("{} is expected here", kind_of_node(expected)),
        other => {
            let message = other.to_string();
            let line = message.lines().next().unwrap_or_default();
            // The place is told apart from the message.
            plain_line(line[..line.find(" at line ").unwrap_or(line.len())].trim_start_matches("error: "))
        }
    };
    (error.location().unwrap_or(Location::UNKNOWN), message)
}

/// A type of Rust in words.
fn kind_of_scalar(ty: &str) -> &str {
    match ty {
        "u8" => "a number from 0 to 255",
        "u16" => "a number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number that is not negative",
        "i64" | "i32" => "a whole number",
        "f64" => "a number",
        "bool" | "boolean" => "true or false",
        other => other,
    }
}

/// An event of YAML in words.
fn kind_of_node(event: &str) -> &str {
    match event {
        "mapping start" => "a mapping",
        "sequence start" => "a list",
        other => other,
    }
}

/// A mapping in the order of the file.
pub(crate) struct Ordered<V>(pub(crate) Vec<(Spanned<String>, Option<V>)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Ordered<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(std::marker::PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Ordered<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<V>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(std::marker::PhantomData))
    }
}

impl<V: JsonSchema> JsonSchema for Ordered<V> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("MappingTo{}", V::schema_name()))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<Option<V>>();
        json_schema!({"type": "object", "additionalProperties": value})
    }
}

/// A text that may be written as a number or a word such as `true`.
pub(crate) struct Scalar;

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Scalar")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean"]})
    }
}
