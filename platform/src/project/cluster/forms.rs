//! Values of `cluster:` that may be written in more than one form.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::json;

use crate::cluster::spec::{Invalid, Mirror, text};
use crate::project::yaml::Spanned;

/// The forms of a mirror, for those who wrote another.
pub(super) const MIRROR_FORM: &str = "'registry', 'pullThrough: URL' or 'endpoint: URL'";

/// `true`, `false` or a description.
pub(super) enum Registry {
    Wanted(bool),
    Described(Box<RegistryFields>),
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistryFields {
    /// Its name, which is its host name on the cluster's network. Default: the cluster's name and `-registry`.
    pub(super) name: Option<Spanned<String>>,
    /// The address that it is published on. Default: `127.0.0.1`.
    pub(super) ip: Option<Spanned<String>>,
    /// The port on this machine; 0 for any free one. Default: `5000`.
    pub(super) port: Option<Spanned<u16>>,
    /// Its image. Default: `docker.io/library/registry:3`.
    pub(super) image: Option<Spanned<String>>,
}

/// `registry`, `pullThrough: URL` or `endpoint: URL`.
pub(super) enum Mirrored {
    Word(String),
    Described(MirrorFields),
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct MirrorFields {
    /// A registry of its own that keeps what it fetches from this URL.
    pull_through: Option<String>,
    /// One URL or several, of registries that run already.
    endpoint: Option<Urls>,
}

/// One or several.
struct Urls(Vec<String>);

impl Mirrored {
    pub(super) fn mirror(&self) -> Result<Mirror, Invalid> {
        let form = || Invalid::new(format!("a mirror is {MIRROR_FORM}"));
        match self {
            Self::Word(word) if word == "registry" => Ok(Mirror::Registry),
            Self::Word(_) => Err(form()),
            Self::Described(fields) => match (&fields.pull_through, &fields.endpoint) {
                (Some(upstream), None) => text::upstream(upstream).map(Mirror::PullThrough),
                (None, Some(Urls(urls))) if !urls.is_empty() => {
                    let urls = urls.iter().map(|url| text::registry_url(url));
                    Ok(Mirror::Endpoints(urls.collect::<Result<_, _>>()?))
                }
                _ => Err(form()),
            },
        }
    }
}

/// A form that is written in one of several ways.
macro_rules! forms {
    ($form:ty, $name:literal, $generator:ident => $schema:expr) => {
        impl JsonSchema for $form {
            fn schema_name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

forms!(Registry, "Registry", generator => {
    let fields = generator.subschema_for::<RegistryFields>();
    json_schema!({"anyOf": [{"type": "boolean"}, fields]})
});
forms!(Mirrored, "Mirror", generator => {
    let fields = generator.subschema_for::<MirrorFields>();
    let one = json!([{"required": ["pullThrough"]}, {"required": ["endpoint"]}]);
    json_schema!({"anyOf": [{"const": "registry"}, {"allOf": [fields, {"oneOf": one}]}]})
});
forms!(Urls, "Urls", _generator => {
    let url = json!({"type": "string", "pattern": "^https?://"});
    json_schema!({"anyOf": [url, {"type": "array", "items": url, "minItems": 1}]})
});

impl<'de> Deserialize<'de> for Registry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = Registry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or a mapping with name, ip, port or image")
            }

            fn visit_bool<E: Error>(self, wanted: bool) -> Result<Registry, E> {
                Ok(Registry::Wanted(wanted))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Registry, A::Error> {
                let fields = RegistryFields::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Registry::Described(Box::new(fields)))
            }
        }
        deserializer.deserialize_any(Forms)
    }
}

impl<'de> Deserialize<'de> for Mirrored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = Mirrored;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(MIRROR_FORM)
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Mirrored, E> {
                Ok(Mirrored::Word(word.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Mirrored, A::Error> {
                MirrorFields::deserialize(MapAccessDeserializer::new(map)).map(Mirrored::Described)
            }
        }
        deserializer.deserialize_any(Forms)
    }
}

impl<'de> Deserialize<'de> for Urls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = Urls;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a URL or a list of them")
            }

            fn visit_str<E: Error>(self, url: &str) -> Result<Urls, E> {
                Ok(Urls(vec![url.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut urls: A) -> Result<Urls, A::Error> {
                let mut all = Vec::new();
                while let Some(url) = urls.next_element()? {
                    all.push(url);
                }
                Ok(Urls(all))
            }
        }
        deserializer.deserialize_any(Forms)
    }
}
