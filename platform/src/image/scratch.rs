//! Images made by hand, from nothing: a static program, the certificates it may need, a user that is not root.
//!
//! Equal parts give equal bytes, wherever and whenever they are put together: no times, one owner, one order.

mod certificates;
mod config;
mod layer;

use std::path::PathBuf;

use bytes::Bytes;
use serde_json::json;

use super::registry::Blob;

pub(super) use layer::FileError;
use layer::Layer;

/// The user and group every program runs as.
const USER: u32 = 65532;
/// What a manifest says it is.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const PLAIN_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const PACKED_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// What goes into an image.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    /// The program's file here.
    pub(super) program: PathBuf,
    /// Its name in the image's root, which is the entry point.
    pub(super) name: String,
    /// Default arguments.
    pub(super) command: Vec<String>,
    /// Files and folders: here, and absolutely there.
    pub(super) files: Vec<(PathBuf, String)>,
    /// As in Rust: `x86_64`, `aarch64`.
    pub(super) architecture: &'static str,
    /// Labels, by the names that OCI gives them.
    pub(super) labels: Vec<(String, String)>,
    /// Whether layers are compressed: worth its time where the registry is far.
    pub(super) packed: bool,
}

/// An image, ready for a registry.
#[derive(Clone, Debug)]
pub(super) struct Assembled {
    /// Its layers, the lowest first, and its configuration.
    pub(super) blobs: Vec<Blob>,
    /// Names them all.
    pub(super) manifest: Bytes,
}

/// Puts an image together. Reads the files whole: for a thread that may wait.
pub(super) fn assemble(parts: &Parts) -> Result<Assembled, FileError> {
    let mut layers = vec![Layer::base(USER)?];
    if !parts.files.is_empty() {
        layers.push(Layer::of_files(&parts.files)?);
    }
    layers.push(Layer::of_program(&parts.program, &parts.name)?);
    let diff_ids: Vec<String> = layers.iter().map(Layer::diff_id).collect();
    let config = Blob::of(config::config(parts, &diff_ids, USER));
    let kind = if parts.packed { PACKED_LAYER } else { PLAIN_LAYER };
    let mut blobs: Vec<Blob> = layers.into_iter().map(|layer| layer.blob(parts.packed)).collect();
    let described =
        |kind: &str, blob: &Blob| json!({"mediaType": kind, "digest": blob.digest, "size": blob.size()});
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": described(CONFIG, &config),
        "layers": blobs.iter().map(|blob| described(kind, blob)).collect::<Vec<_>>(),
    });
    blobs.push(config);
    Ok(Assembled {
        blobs,
        manifest: manifest.to_string().into(),
    })
}

#[cfg(test)]
mod tests;
