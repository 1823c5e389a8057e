//! The section `files:` of an image: what lies there as it is, and what a command makes.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::check::checked;
use crate::cluster::spec::{Invalid, quoted};
use crate::project::image::{Files, Making};
use crate::project::yaml::{Complaint, Ordered, Spanned};

/// A path in the image, or a mapping.
pub(super) enum FilesDocument {
    Path(String),
    Made(Box<MadeFields>),
}

/// Files that a command makes before they go into the image.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MadeFields {
    /// Their absolute path in the image.
    path: Spanned<String>,
    /// The command that makes them; runs in the project's folder when the image is built, and may find that there is nothing to do.
    build: Spanned<Vec<String>>,
    /// All files and folders that change what comes out. As long as none of them changes, nothing is built. What Git ignores does not
    /// count.
    sources: Spanned<Vec<String>>,
}

/// What the section says; no two paths in the image are the same.
pub(super) fn read(root: &Path, files: Ordered<Spanned<FilesDocument>>) -> Result<Vec<Files>, Complaint> {
    let mut taken = HashSet::new();
    let mut read = Vec::new();
    for (here, given) in files.0 {
        let Some(given) = given else {
            let message = format!(
                "where in the image does {} go? write its path there",
                quoted(&here.value)
            );
            return Err((here.referenced, message));
        };
        let place = given.referenced;
        let (there, made) = match given.value {
            FilesDocument::Path(value) => {
                let there = Spanned {
                    value,
                    referenced: place,
                };
                (there, None)
            }
            FilesDocument::Made(fields) => {
                let MadeFields { path, build, sources } = *fields;
                (path, Some(making(root, build, &sources)?))
            }
        };
        let path = checked(&there, path_in_image)?;
        if !taken.insert(path.clone()) {
            let message = format!("something else goes to {} already", quoted(&path));
            return Err((there.referenced, message));
        }
        let here = root.join(here.value);
        read.push(Files {
            here,
            there: path,
            made,
        });
    }
    Ok(read)
}

fn making(
    root: &Path,
    build: Spanned<Vec<String>>,
    sources: &Spanned<Vec<String>>,
) -> Result<Making, Complaint> {
    if build.value.first().is_none_or(String::is_empty) {
        return Err((build.referenced, "'build' needs at least the program".to_owned()));
    }
    if sources.value.is_empty() {
        let message = "'sources' needs what the command makes the files from: nothing else tells when to make them again";
        return Err((sources.referenced, message.to_owned()));
    }
    Ok(Making {
        command: build.value,
        folder: root.to_owned(),
        sources: sources.value.iter().map(|source| root.join(source)).collect(),
    })
}

/// An absolute path without `..`, and without the slash at its end.
fn path_in_image(text: &str) -> Result<String, Invalid> {
    let trimmed = text.trim_end_matches('/');
    let climbs = text.split('/').any(|segment| matches!(segment, "." | ".."));
    if trimmed.starts_with('/') && !climbs && !text.chars().any(char::is_control) {
        return Ok(trimmed.to_owned());
    }
    Err(Invalid::new(format!(
        "{} is no path in the image, such as /public",
        quoted(text)
    )))
}

impl JsonSchema for FilesDocument {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("ImageFiles")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let fields = generator.subschema_for::<MadeFields>();
        json_schema!({"anyOf": [{"type": "string"}, fields]})
    }
}

impl<'de> Deserialize<'de> for FilesDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = FilesDocument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path in the image, or a mapping with path, build and sources")
            }

            fn visit_str<E: Error>(self, path: &str) -> Result<FilesDocument, E> {
                Ok(FilesDocument::Path(path.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FilesDocument, A::Error> {
                let fields = MadeFields::deserialize(MapAccessDeserializer::new(map))?;
                Ok(FilesDocument::Made(Box::new(fields)))
            }
        }
        deserializer.deserialize_any(Forms)
    }
}
