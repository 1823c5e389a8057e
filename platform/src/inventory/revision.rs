//! One state of a component that was applied.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::manifest::{self, Object};

/// Bytes that a revision's objects may have when they are unpacked: far more than a cluster takes in one go.
const UNPACKED_LIMIT: u64 = 64 * 1024 * 1024;

/// One state of a component that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Revision {
    /// Counted from 1.
    pub number: u64,
    /// When it was applied, as RFC 3339 in UTC.
    pub time: String,
    /// The images that it runs.
    pub images: BTreeSet<String>,
    /// The command.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Who gave it, such as `ann@laptop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// SHA-256 of the objects. Secrets are not in it: their values could be guessed from it.
    pub hash: String,
    /// Secrets that belong to it and are not kept.
    #[serde(default)]
    pub secrets: usize,
    /// The objects, as JSON in gzip in base64; `None` when there was no room for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) packed: Option<String>,
}

impl Revision {
    /// These objects, applied now. Its number comes from the inventory.
    pub(crate) fn new(objects: &[Object], why: &str, by: Option<&str>, time: String) -> Self {
        let (secrets, kept): (Vec<&Object>, Vec<&Object>) =
            objects.iter().partition(|object| is_secret(object));
        let text = Value::Array(kept.into_iter().map(|object| object.value().clone()).collect());
        let text = text.to_string();
        Self {
            number: 0,
            time,
            images: manifest::images(objects),
            why: why.to_owned(),
            by: by.map(str::to_owned),
            hash: crate::apply::hash(text.as_bytes()),
            secrets: secrets.len(),
            packed: Some(pack(text.as_bytes())),
        }
    }

    /// Whether its objects are kept, so that one can go back to it.
    pub fn is_kept(&self) -> bool {
        self.packed.is_some()
    }

    /// Its objects.
    ///
    /// # Errors
    /// With the reason, when they are not kept or not what was written.
    pub(crate) fn objects(&self) -> Result<Vec<Object>, String> {
        let packed = self
            .packed
            .as_ref()
            .ok_or("its objects were too large to be kept")?;
        let text = unpack(packed)?;
        if crate::apply::hash(&text) != self.hash {
            return Err("its objects are not those that were applied".to_owned());
        }
        let values: Vec<Value> = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        values
            .into_iter()
            .map(|value| Object::new(value).ok_or_else(|| "an object in it has no name".to_owned()))
            .collect()
    }
}

/// Whether the object is a Secret: those are kept nowhere but in the cluster.
pub(crate) fn is_secret(object: &Object) -> bool {
    object.group().is_empty() && object.kind() == "Secret"
}

fn pack(text: &[u8]) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    let written = encoder.write_all(text).and_then(|()| encoder.finish());
    STANDARD.encode(written.unwrap_or_default())
}

fn unpack(packed: &str) -> Result<Vec<u8>, String> {
    let bytes = STANDARD
        .decode(packed)
        .map_err(|error| format!("its objects are no base64: {error}"))?;
    let mut text = Vec::new();
    let mut decoder = GzDecoder::new(bytes.as_slice()).take(UNPACKED_LIMIT + 1);
    decoder
        .read_to_end(&mut text)
        .map_err(|error| format!("its objects are no gzip: {error}"))?;
    if text.len() as u64 > UNPACKED_LIMIT {
        return Err("its objects are larger than any cluster takes".to_owned());
    }
    Ok(text)
}
