//! The section `streams:`, which may be a folder alone.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::check::NAME_PATTERN;
use crate::cluster::spec::quoted;
use crate::project::deployment::StreamsBy;
use crate::project::spelling::advice;
use crate::project::yaml::{Complaint, Spanned};

/// A folder, or a mapping.
pub(super) enum Streams {
    Folder(String),
    Described(Box<StreamsFields>),
}

/// Stream and consumer definitions, and who makes them.
#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct StreamsFields {
    /// The folder of the definitions: NACK resources.
    pub(super) folder: Option<String>,
    /// Who makes them in a cluster: `nack` (the controller; the definitions are applied as Kubernetes resources) or `ratectl` (through
    /// the JetStream API). Default: `nack`.
    #[schemars(extend("enum" = MAKERS))]
    pub(super) managed_by: Option<Spanned<String>>,
    /// The component that is the NATS server. Default: `nats`.
    #[schemars(extend("pattern" = NAME_PATTERN))]
    pub(super) server: Option<Spanned<String>>,
}

impl Streams {
    pub(super) fn fields(self) -> StreamsFields {
        match self {
            Self::Folder(folder) => StreamsFields {
                folder: Some(folder),
                ..StreamsFields::default()
            },
            Self::Described(fields) => *fields,
        }
    }
}

/// Those who can make streams.
pub(super) const MAKERS: [&str; 2] = ["nack", "ratectl"];

/// Who makes the streams.
pub(super) fn managed_by(text: &Spanned<String>) -> Result<StreamsBy, Complaint> {
    match text.value.as_str() {
        "nack" => Ok(StreamsBy::Nack),
        "ratectl" => Ok(StreamsBy::Ratectl),
        other => {
            let message = format!("{} makes no streams; {}", quoted(other), advice(other, &MAKERS));
            Err((text.referenced, message))
        }
    }
}

impl JsonSchema for Streams {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Streams")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let fields = generator.subschema_for::<StreamsFields>();
        json_schema!({"anyOf": [{"type": "string"}, fields]})
    }
}

impl<'de> Deserialize<'de> for Streams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = Streams;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a folder, or a mapping with folder, managedBy or server")
            }

            fn visit_str<E: Error>(self, folder: &str) -> Result<Streams, E> {
                Ok(Streams::Folder(folder.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Streams, A::Error> {
                let fields = StreamsFields::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Streams::Described(Box::new(fields)))
            }
        }
        deserializer.deserialize_any(Forms)
    }
}
