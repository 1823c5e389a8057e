//! Loading a bundle: downloads into the cache, images into a registry.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::opened::{Opened, Piece};
use super::source::{Descriptor, read, sha256};
use super::{Error, Image, Index};
use crate::docker::endpoint::Environment;
use crate::docker::reference::Reference;
use crate::download::Cache;
use crate::event::{Events, Outcome, Stage, Step, StepKind};
use crate::image::registry::Repository;

/// How long one image may take.
const IMAGE_WITHIN: Duration = Duration::from_hours(1);

/// What a bundle gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Loaded {
    /// The bundle's table of contents.
    pub index: Index,
    /// Its images as they are called now.
    pub images: Vec<LoadedImage>,
}

/// An image that a registry has now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadedImage {
    /// Such as `localhost:5000/library/nats:2.15.2-alpine`.
    pub name: String,
    /// `sha256:…`.
    pub digest: String,
    /// [`Outcome::Pushed`], or [`Outcome::Unchanged`] if the registry had it.
    pub outcome: Outcome,
}

/// Looks at every checksum of the bundle at `file`, then fills `cache` and gives the images to `registry` (`localhost:5000`,
/// `registry.example/team`) under the names they have without theirs.
///
/// # Errors
/// When the bundle is not whole, before anything was done with it; or when something in it cannot be kept.
pub async fn load(
    file: &Path,
    cache: &Cache,
    registry: &str,
    events: &Events,
    cancel: &CancellationToken,
) -> Result<Loaded, Error> {
    let (path, scratch, token) = (file.to_owned(), cache.folder.clone(), cancel.clone());
    let verified = tokio::task::spawn_blocking(move || Opened::verify(&path, &scratch, &token)).await;
    let opened = verified.unwrap_or_else(|error| {
        Err(Error::Read {
            path: file.to_owned(),
            source: std::io::Error::other(error),
        })
    })?;
    let work = Work {
        file,
        opened: Arc::new(opened),
        registry,
        events,
    };
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::Cancelled),
        loaded = work.load(cache) => loaded,
    }
}

struct Work<'a> {
    file: &'a Path,
    opened: Arc<Opened>,
    registry: &'a str,
    events: &'a Events,
}

impl Work<'_> {
    async fn load(&self, cache: &Cache) -> Result<Loaded, Error> {
        for (sha256, url) in &self.opened.index.downloads {
            let mut piece = self.piece(sha256)?;
            let kept = cache
                .put(&mut piece, sha256, &self.file.display().to_string())
                .await;
            kept.map_err(|source| Error::Download {
                url: url.clone(),
                source: Box::new(source),
            })?;
        }
        let mut images = Vec::new();
        for image in &self.opened.index.images {
            images.push(self.push(image).await?);
        }
        Ok(Loaded {
            index: self.opened.index.clone(),
            images,
        })
    }

    async fn push(&self, image: &Image) -> Result<LoadedImage, Error> {
        let tag = image.tag.as_deref().unwrap_or(&image.digest);
        let separator = if image.tag.is_some() { ':' } else { '@' };
        let name = format!("{}/{}{separator}{tag}", self.registry, image.repository);
        let reference = format!("{}{separator}{tag}", image.repository);
        reference.parse::<Reference>().map_err(|error| Error::NotBundle {
            path: self.file.to_owned(),
            reason: error.to_string(),
        })?;
        let stage = Stage::begin(self.events, Step::new(StepKind::Push, &name), IMAGE_WITHIN);
        match self.push_parts(image, tag, &name, &stage).await {
            Ok(outcome) => {
                stage.done(outcome);
                let digest = image.digest.clone();
                Ok(LoadedImage {
                    name,
                    digest,
                    outcome,
                })
            }
            Err(error) => {
                stage.failed(error.to_string());
                Err(error)
            }
        }
    }

    async fn push_parts(
        &self,
        image: &Image,
        tag: &str,
        name: &str,
        stage: &Stage,
    ) -> Result<Outcome, Error> {
        let refused = |source| Error::Image {
            image: name.to_owned(),
            source: Box::new(source),
        };
        let repository = Repository::of(self.registry, &image.repository, Environment::of_process());
        let repository = repository.map_err(refused)?;
        if repository.digest(tag).await.map_err(refused)?.as_deref() == Some(&image.digest) {
            return Ok(Outcome::Unchanged);
        }
        let manifests = self.manifests(image)?;
        let mut blobs = Vec::new();
        for (_, content) in &manifests {
            let document = read(&image.name, content)?;
            blobs.extend(document.config.into_iter().chain(document.layers));
        }
        let total_bytes = Some(blobs.iter().map(|blob: &Descriptor| blob.size).sum());
        let mut done = 0;
        for blob in &blobs {
            let mut piece = self.piece(&sha256(&image.name, &blob.digest)?)?;
            if !repository.keeps(&blob.digest).await.map_err(refused)? {
                let size = piece.size();
                let sent = |sent| stage.progress(done + sent, total_bytes);
                let given = repository.give(&blob.digest, size, &mut piece, sent).await;
                given.map_err(refused)?;
            }
            done += blob.size;
        }
        // What others refer to comes first; the image itself is last, so that it is there as a whole or not at all.
        for (media_type, content) in manifests.into_iter().rev() {
            let kind = kind(&media_type).ok_or_else(|| Error::Unsupported {
                image: image.name.clone(),
                reason: format!("a manifest of type {media_type}"),
            })?;
            let digest = crate::image::registry::digest(&content);
            let tag = if digest == image.digest { tag } else { &digest };
            repository.tag(tag, kind, content).await.map_err(refused)?;
        }
        Ok(Outcome::Pushed)
    }

    /// The image's manifests with their types, itself first and every one before those it refers to.
    fn manifests(&self, image: &Image) -> Result<Vec<(String, Bytes)>, Error> {
        let mut manifests = Vec::new();
        let mut waiting = vec![(image.media_type.clone(), image.digest.clone())];
        while let Some((media_type, digest)) = waiting.pop() {
            let piece = self.piece(&sha256(&image.name, &digest)?)?;
            let content = piece.whole().map_err(|source| Error::Read {
                path: self.file.to_owned(),
                source,
            })?;
            let document = read(&image.name, &content)?;
            let children = document.manifests.into_iter();
            waiting.extend(children.map(|child| (child.media_type, child.digest)));
            manifests.push((media_type, Bytes::from(content)));
        }
        Ok(manifests)
    }

    fn piece(&self, sha256: &str) -> Result<Piece, Error> {
        self.opened.piece(sha256).ok_or_else(|| Error::Damaged {
            path: self.file.to_owned(),
            entry: sha256.to_owned(),
            reason: "is missing".to_owned(),
        })
    }
}

/// The types of manifests that registries take.
fn kind(media_type: &str) -> Option<&'static str> {
    [
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    ]
    .into_iter()
    .find(|kind| *kind == media_type)
}
