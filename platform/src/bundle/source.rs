//! An image where it is now: which registry has it, and what it is made of.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

use super::{Error, index};
use crate::docker::endpoint::Environment;
use crate::image::registry::{Manifest, Repository};

/// An image that goes into a bundle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// As manifests name it, for people.
    pub name: String,
    /// Its repository without registry, such as `library/nats`: so it will be called in another registry.
    pub repository: String,
    /// Its tag, where manifests name one.
    pub tag: Option<String>,
    /// Its digest, where manifests name one.
    pub digest: Option<String>,
    /// Registries that may have it, in the order in which they are asked.
    pub registries: Vec<String>,
}

/// A file that goes into a bundle, known by its content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PinnedFile {
    /// Its SHA-256.
    pub sha256: String,
    /// Where it came from.
    pub url: String,
    /// Where it lies now.
    pub path: PathBuf,
}

/// An image that was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) image: index::Image,
    /// The registry that has it.
    pub(super) repository: Arc<Repository>,
    /// Its manifests by SHA-256.
    pub(super) manifests: BTreeMap<String, Bytes>,
    /// Layers and configurations by SHA-256, with their sizes.
    pub(super) blobs: BTreeMap<String, u64>,
}

/// A reference from a manifest to something else.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) digest: String,
    pub(super) size: u64,
    pub(super) platform: Option<Platform>,
    #[serde(default)]
    pub(super) media_type: String,
}

/// What an image runs on.
#[derive(Debug, Deserialize)]
pub(super) struct Platform {
    os: String,
    architecture: String,
}

/// A manifest of one image, or of several for several platforms.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub(super) config: Option<Descriptor>,
    #[serde(default)]
    pub(super) layers: Vec<Descriptor>,
    #[serde(default)]
    pub(super) manifests: Vec<Descriptor>,
}

/// Looks for an image. `platform` (`linux/amd64`) takes one of an image for several, unless the image is named by the digest of all.
pub(super) async fn find(wanted: &Wanted, platform: Option<&str>) -> Result<Found, Error> {
    let reference = wanted
        .digest
        .as_deref()
        .or(wanted.tag.as_deref())
        .unwrap_or("latest");
    let moved = |source| Error::Image {
        image: wanted.name.clone(),
        source: Box::new(source),
    };
    let mut silent = None;
    for registry in &wanted.registries {
        let repository =
            Repository::of(registry, &wanted.repository, Environment::of_process()).map_err(moved)?;
        match repository.manifest(reference).await {
            Ok(Some(manifest)) => {
                let only = platform.filter(|_| wanted.digest.is_none());
                return collect(wanted, Arc::new(repository), manifest, only).await;
            }
            Ok(None) => {}
            // The next one may have it.
            Err(error) => silent = Some(error),
        }
    }
    Err(match silent {
        Some(error) => moved(error),
        None => Error::NoImage {
            image: wanted.name.clone(),
            asked: wanted.registries.clone(),
        },
    })
}

async fn collect(
    wanted: &Wanted,
    repository: Arc<Repository>,
    mut manifest: Manifest,
    platform: Option<&str>,
) -> Result<Found, Error> {
    let name = &wanted.name;
    if let Some(platform) = platform {
        let document = read(name, &manifest.content)?;
        if !document.manifests.is_empty() {
            let chosen = document.manifests.iter().find(|of| of.is_for(platform));
            let chosen = chosen.ok_or_else(|| Error::Unsupported {
                image: name.clone(),
                reason: format!("there is none for {platform}"),
            })?;
            manifest = fetch(name, &repository, &chosen.digest).await?;
        }
    }
    let mut found = Found {
        image: index::Image {
            name: name.clone(),
            repository: wanted.repository.clone(),
            tag: wanted.tag.clone(),
            digest: manifest.digest.clone(),
            media_type: manifest.kind.clone(),
            size: manifest.content.len() as u64,
        },
        repository,
        manifests: BTreeMap::new(),
        blobs: BTreeMap::new(),
    };
    let mut waiting = vec![manifest];
    while let Some(manifest) = waiting.pop() {
        let document = read(name, &manifest.content)?;
        for child in &document.manifests {
            waiting.push(fetch(name, &found.repository, &child.digest).await?);
        }
        for part in document.config.iter().chain(&document.layers) {
            found.blobs.insert(sha256(name, &part.digest)?, part.size);
        }
        found
            .manifests
            .insert(sha256(name, &manifest.digest)?, manifest.content);
    }
    Ok(found)
}

impl Descriptor {
    fn is_for(&self, platform: &str) -> bool {
        let of = self.platform.as_ref();
        of.is_some_and(|of| platform == format!("{}/{}", of.os, of.architecture))
    }
}

async fn fetch(name: &str, repository: &Repository, digest: &str) -> Result<Manifest, Error> {
    let manifest = repository.manifest(digest).await.map_err(|source| Error::Image {
        image: name.to_owned(),
        source: Box::new(source),
    })?;
    manifest.ok_or_else(|| Error::Unsupported {
        image: name.to_owned(),
        reason: format!("{} lacks its part {digest}", repository.registry()),
    })
}

/// A manifest as a document.
pub(super) fn read(name: &str, content: &[u8]) -> Result<Document, Error> {
    let document: Document = serde_json::from_slice(content).map_err(|error| Error::Unsupported {
        image: name.to_owned(),
        reason: format!("its manifest cannot be read: {error}"),
    })?;
    if document.manifests.is_empty() && document.config.is_none() {
        return Err(Error::Unsupported {
            image: name.to_owned(),
            reason: "its manifest is of an old kind, without a configuration".to_owned(),
        });
    }
    Ok(document)
}

/// The hexadecimal digits of a digest.
pub(super) fn sha256(name: &str, digest: &str) -> Result<String, Error> {
    let digits = digest
        .strip_prefix("sha256:")
        .filter(|digits| digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let digits = digits.ok_or_else(|| Error::Unsupported {
        image: name.to_owned(),
        reason: format!(
            "its part {} is not known by a SHA-256",
            crate::plain_line::plain_line(digest)
        ),
    })?;
    Ok(digits.to_owned())
}
