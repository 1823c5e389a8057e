//! Making a bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;
use tokio_util::sync::CancellationToken;

use super::archive::Writer;
use super::index::{INDEX, INDEX_SUM, LAYOUT, OCI_INDEX, place};
use super::source::{Found, PinnedFile, Wanted, find};
use super::{Error, FORMAT, Index};
use crate::download::hex;
use crate::event::{Events, Outcome, Stage, Step, StepKind};

/// How long one image may take.
const IMAGE_WITHIN: Duration = Duration::from_hours(1);
/// How often it is told how far an image is, in bytes.
const TOLD_EVERY: u64 = 1024 * 1024;

/// What goes into a bundle.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The project.
    pub project: String,
    /// The profile.
    pub profile: String,
    /// The overlays in effect.
    pub overlays: Vec<String>,
    /// The components.
    pub components: Vec<String>,
    /// Their images.
    pub images: BTreeSet<Wanted>,
    /// Manifests and charts from elsewhere.
    pub files: BTreeSet<PinnedFile>,
    /// Only this platform (`linux/amd64`) of images for several; `None` for all.
    pub platform: Option<String>,
}

/// A bundle that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// Where it lies.
    pub file: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// What is in it.
    pub index: Index,
}

/// Makes a bundle at `file`; one that is there already is replaced when the new one is whole.
///
/// # Errors
/// When something that belongs into it cannot be had, or it cannot be written; nothing is left of it then.
pub async fn create(
    file: &Path,
    contents: &Contents,
    events: &Events,
    cancel: &CancellationToken,
) -> Result<Created, Error> {
    let work = Work {
        file,
        contents,
        events,
    };
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::Cancelled),
        created = work.create() => created,
    }
}

struct Work<'a> {
    file: &'a Path,
    contents: &'a Contents,
    events: &'a Events,
}

impl Work<'_> {
    async fn create(&self) -> Result<Created, Error> {
        let mut found = Vec::new();
        for wanted in &self.contents.images {
            found.push(find(wanted, self.contents.platform.as_deref()).await?);
        }
        let index = self.index(&found).await?;
        let mut archive = Writer::create(self.file)?;
        let text = serde_json::to_vec_pretty(&index).map_err(|error| self.failed(error.into()))?;
        archive.entry(INDEX, &text)?;
        archive.entry(INDEX_SUM, hex(&Sha256::digest(&text)).as_bytes())?;
        archive.entry(LAYOUT, br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        archive.entry(OCI_INDEX, &index.oci())?;
        let mut there = BTreeSet::new();
        for pinned in &self.contents.files {
            if there.insert(pinned.sha256.clone()) {
                self.add_file(&mut archive, pinned, index.files.get(&pinned.sha256))
                    .await?;
            }
        }
        for image in &found {
            self.add_image(&mut archive, image, &mut there).await?;
        }
        archive.finish()?;
        let bytes = std::fs::metadata(self.file)
            .map_err(|error| self.failed(error))?
            .len();
        Ok(Created {
            file: self.file.to_owned(),
            bytes,
            index,
        })
    }

    async fn index(&self, found: &[Found]) -> Result<Index, Error> {
        let contents = self.contents;
        let mut files = BTreeMap::new();
        let mut downloads = BTreeMap::new();
        for pinned in &contents.files {
            let metadata = tokio::fs::metadata(&pinned.path).await;
            let metadata = metadata.map_err(|source| Error::Read {
                path: pinned.path.clone(),
                source,
            })?;
            files.insert(pinned.sha256.clone(), metadata.len());
            downloads.insert(pinned.sha256.clone(), pinned.url.clone());
        }
        for image in found {
            files.extend(image.blobs.iter().map(|(sha256, size)| (sha256.clone(), *size)));
            let manifests = image.manifests.iter();
            files.extend(manifests.map(|(sha256, content)| (sha256.clone(), content.len() as u64)));
        }
        let mut images: Vec<_> = found.iter().map(|found| found.image.clone()).collect();
        images.sort();
        Ok(Index {
            format: FORMAT,
            project: contents.project.clone(),
            profile: contents.profile.clone(),
            overlays: contents.overlays.clone(),
            components: contents.components.clone(),
            images,
            downloads,
            files,
        })
    }

    async fn add_file(
        &self,
        archive: &mut Writer,
        pinned: &PinnedFile,
        size: Option<&u64>,
    ) -> Result<(), Error> {
        let unreadable = |source| Error::Read {
            path: pinned.path.clone(),
            source,
        };
        let mut file = tokio::fs::File::open(&pinned.path).await.map_err(unreadable)?;
        archive.begin(&place(&pinned.sha256), size.copied().unwrap_or_default())?;
        let mut room = vec![0; 64 * 1024];
        loop {
            match file.read(&mut room).await.map_err(unreadable)? {
                0 => return archive.end(),
                count => archive.write(&room[..count])?,
            }
        }
    }

    async fn add_image(
        &self,
        archive: &mut Writer,
        image: &Found,
        there: &mut BTreeSet<String>,
    ) -> Result<(), Error> {
        let name = &image.image.name;
        let stage = Stage::begin(self.events, Step::new(StepKind::Image, name), IMAGE_WITHIN);
        let added = self.add_parts(archive, image, there, &stage).await;
        match &added {
            Ok(()) => {
                stage.done(Outcome::Pulled);
            }
            Err(error) => stage.failed(error.to_string()),
        }
        added
    }

    async fn add_parts(
        &self,
        archive: &mut Writer,
        image: &Found,
        there: &mut BTreeSet<String>,
        stage: &Stage,
    ) -> Result<(), Error> {
        for (sha256, content) in &image.manifests {
            if there.insert(sha256.clone()) {
                archive.entry(&place(sha256), content)?;
            }
        }
        let total: u64 = image.blobs.values().sum();
        let (mut done, mut told) = (0, 0);
        for (sha256, size) in &image.blobs {
            if !there.insert(sha256.clone()) {
                done += size;
                continue;
            }
            self.add_blob(archive, image, (sha256, *size), &mut |bytes| {
                done += bytes;
                if done >= told + TOLD_EVERY || done == total {
                    told = done;
                    stage.progress(done, Some(total));
                }
            })
            .await?;
        }
        Ok(())
    }

    async fn add_blob(
        &self,
        archive: &mut Writer,
        image: &Found,
        (sha256, size): (&str, u64),
        moved: &mut impl FnMut(u64),
    ) -> Result<(), Error> {
        let name = &image.image.name;
        let broken = |source| Error::Image {
            image: name.clone(),
            source: Box::new(source),
        };
        let altered = |reason: String| Error::Altered {
            image: name.clone(),
            reason,
        };
        let mut reading = image
            .repository
            .open(&format!("sha256:{sha256}"))
            .await
            .map_err(broken)?;
        archive.begin(&place(sha256), size)?;
        let (mut hasher, mut came) = (Sha256::new(), 0);
        while let Some(bytes) = reading.next().await.map_err(broken)? {
            came += bytes.len() as u64;
            if came > size {
                return Err(altered(format!("its part {sha256} has more than {size} bytes")));
            }
            hasher.update(&bytes);
            archive.write(&bytes)?;
            moved(bytes.len() as u64);
        }
        let is = hex(&hasher.finalize());
        if is != sha256 {
            return Err(altered(format!("its part {sha256} came with the SHA-256 {is}")));
        }
        archive.end()
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Write {
            path: self.file.to_owned(),
            source,
        }
    }
}
