//! A file on its way into the cache: under a name of its own until it is whole, and gone if it never is.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::{Error, hex};

/// Bytes that were written so far, somewhere else than they will lie.
#[derive(Debug)]
pub(crate) struct Part {
    file: tokio::fs::File,
    /// Empty once it was kept.
    path: Option<PathBuf>,
    folder: PathBuf,
    hasher: Sha256,
}

impl Part {
    pub(crate) async fn create(folder: &Path) -> Result<Self, Error> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let refused = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Write { path, source }
        };
        tokio::fs::create_dir_all(folder).await.map_err(refused(folder))?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".part-{}-{number}", std::process::id()));
        let file = tokio::fs::File::create(&path).await.map_err(refused(&path))?;
        Ok(Self {
            file,
            path: Some(path),
            folder: folder.to_owned(),
            hasher: Sha256::new(),
        })
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.hasher.update(bytes);
        let written = self.file.write_all(bytes).await;
        written.map_err(|source| self.refused(source))
    }

    /// Of what was written so far.
    pub(crate) fn sha256(&self) -> String {
        hex(&self.hasher.clone().finalize())
    }

    /// Gives it its name.
    pub(crate) async fn keep(mut self, name: &str) -> Result<PathBuf, Error> {
        let place = self.folder.join(name);
        let synced = async {
            self.file.flush().await?;
            self.file.sync_data().await?;
            match &self.path {
                Some(path) => tokio::fs::rename(path, &place).await,
                None => Ok(()),
            }
        };
        let kept = synced.await;
        kept.map_err(|source| self.refused(source))?;
        self.path = None;
        Ok(place)
    }

    fn refused(&self, source: std::io::Error) -> Error {
        Error::Write {
            path: self.path.clone().unwrap_or_else(|| self.folder.clone()),
            source,
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Nothing more can be done about one that stays; it is in nobody's way.
            drop(std::fs::remove_file(path));
        }
    }
}
