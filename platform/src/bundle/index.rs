//! The table of contents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

/// The format that this program writes.
pub const FORMAT: u32 = 1;
/// The table of contents, first in the archive.
pub(super) const INDEX: &str = "bundle.json";
/// Its SHA-256, second in the archive.
pub(super) const INDEX_SUM: &str = "bundle.json.sha256";
/// What other programs look for.
pub(super) const LAYOUT: &str = "oci-layout";
/// The images for other programs.
pub(super) const OCI_INDEX: &str = "index.json";

/// What a bundle holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// [`FORMAT`].
    pub format: u32,
    /// The project it was made for.
    pub project: String,
    /// The profile it was made for.
    pub profile: String,
    /// The overlays that were in effect.
    pub overlays: Vec<String>,
    /// The components it was made for.
    pub components: Vec<String>,
    /// By repository and tag.
    pub images: Vec<Image>,
    /// Manifests and charts by SHA-256, with the URL each came from.
    pub downloads: BTreeMap<String, String>,
    /// Everything else in the archive by SHA-256, with its size in bytes.
    pub files: BTreeMap<String, u64>,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// As manifests name it, for people.
    pub name: String,
    /// Its repository without registry, such as `library/nats`.
    pub repository: String,
    /// Its tag, where manifests name one.
    pub tag: Option<String>,
    /// Digest of its manifest, `sha256:…`.
    pub digest: String,
    /// Media type of that manifest.
    pub media_type: String,
    /// Size of that manifest in bytes.
    pub size: u64,
}

impl Index {
    /// Bytes of everything that is listed.
    pub fn bytes(&self) -> u64 {
        self.files.values().sum()
    }

    /// The images as the image layout specification lists them.
    pub(super) fn oci(&self) -> Vec<u8> {
        let manifest = |image: &Image| {
            let tag = image.tag.as_deref().unwrap_or(&image.digest);
            json!({
                "mediaType": image.media_type,
                "digest": image.digest,
                "size": image.size,
                "annotations": {"org.opencontainers.image.ref.name": format!("{}:{tag}", image.repository)},
            })
        };
        let manifests: Vec<_> = self.images.iter().map(manifest).collect();
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": manifests,
        });
        index.to_string().into_bytes()
    }
}

/// Where something of that SHA-256 lies in the archive.
pub(super) fn place(sha256: &str) -> String {
    format!("blobs/sha256/{sha256}")
}
