//! The kubeconfig: which files it is made of, and how a cluster's entries get in and out without harm to the others.
//!
//! Files are chosen, searched and locked as client-go does it (`k8s.io/client-go/tools/clientcmd`), so that `kubectl` beside us
//! sees the same: an entry is changed in the file that holds it; a new one goes to the first file that exists, or to the last named.

mod document;
mod edit;
mod entry;
mod error;
mod file;
mod files;
mod lock;
mod survey;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::cluster::Name;
use files::Files;
use lock::Locks;

pub use entry::Entry;
pub use error::Error;
pub use lock::Holder;
pub use survey::{Contents, Context, Surveyed};

/// How long somebody else's lock is waited for; kubectl holds its own for milliseconds.
const LOCKED_AT_MOST: Duration = Duration::from_secs(10);
/// How often a change is planned anew because the files changed between looking and locking.
const ATTEMPTS: u32 = 100;

/// The files that make up the kubeconfig, in the order in which they win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    files: Vec<PathBuf>,
    patience: Duration,
}

/// What a merge did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Merged {
    /// The file that holds the context.
    pub file: PathBuf,
    /// Whether any file had to be written.
    pub changed: bool,
    /// The context that `kubectl` uses by itself now.
    pub current_context: Option<String>,
}

/// What a removal did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// The files that held something of it, and no longer do.
    pub files: Vec<PathBuf>,
    /// Whether the current context was this one, and was unset.
    pub was_current: bool,
    /// The context that `kubectl` uses by itself now: with several files that of a later one may come forth.
    pub current_context: Option<String>,
}

impl Location {
    /// The files: `flag`, else those of `KUBECONFIG`, else `~/.kube/config`. None has to exist.
    pub fn find(flag: Option<&Path>) -> Self {
        Self::of(
            flag,
            std::env::var_os("KUBECONFIG").as_deref(),
            std::env::home_dir(),
        )
    }

    fn of(flag: Option<&Path>, variable: Option<&std::ffi::OsStr>, home: Option<PathBuf>) -> Self {
        let mut files: Vec<PathBuf> = Vec::new();
        if let Some(flag) = flag {
            files.push(flag.to_owned());
        } else if let Some(variable) = variable {
            for file in std::env::split_paths(variable) {
                if !file.as_os_str().is_empty() && !files.contains(&file) {
                    files.push(file);
                }
            }
        }
        if files.is_empty() {
            files.push(home.unwrap_or_default().join(".kube/config"));
        }
        Self {
            files,
            patience: LOCKED_AT_MOST,
        }
    }

    /// The files, in the order in which they win.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The same files with another limit on the wait for somebody else's lock.
    #[must_use]
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Makes the cluster, user and context of `entry` what it says; fields that it does not know are kept. With `switch` its
    /// context becomes the current one, otherwise the current one stays. Writes nothing when nothing would change.
    ///
    /// Blocks, up to the limit, while somebody else holds the lock.
    ///
    /// # Errors
    /// When a file cannot be read, understood, locked or written; no file has been touched then but those that were
    /// complete before the failure.
    pub fn merge(&self, entry: &Entry, switch: bool) -> Result<Merged, Error> {
        let (files, changed) = self.change(|files| files.merge(entry, switch))?;
        let file = files.holder_of_context(&entry.name);
        Ok(Merged {
            file: file.unwrap_or_else(|| files.default_path()).to_owned(),
            changed: !changed.is_empty(),
            current_context: files.current_context(),
        })
    }

    /// Takes the cluster, user and context of a cluster out of every file, and unsets the current context where it is this one.
    ///
    /// Blocks, up to the limit, while somebody else holds the lock.
    ///
    /// # Errors
    /// As [`Location::merge`].
    pub fn remove(&self, name: &Name) -> Result<Removed, Error> {
        let mut was_current = false;
        let (files, changed) = self.change(|files| {
            was_current = files.current_context().as_deref() == Some(&name.context());
            files.remove(name);
        })?;
        Ok(Removed {
            files: changed,
            was_current,
            current_context: files.current_context(),
        })
    }

    /// Whether a [`Location::merge`] of `entry` without switching would change nothing.
    ///
    /// # Errors
    /// When a file cannot be read or understood.
    pub fn holds(&self, entry: &Entry) -> Result<bool, Error> {
        let mut files = Files::read(&self.files)?;
        files.merge(entry, false);
        Ok(files.changed().is_empty())
    }

    /// The context that `kubectl` uses by itself.
    ///
    /// # Errors
    /// When a file cannot be read or understood.
    pub fn current_context(&self) -> Result<Option<String>, Error> {
        Ok(Files::read(&self.files)?.current_context())
    }

    /// Plans `edit` on the files as they are, locks those that it changes, and writes it if a second look finds the same.
    fn change(&self, mut edit: impl FnMut(&mut Files)) -> Result<(Files, Vec<PathBuf>), Error> {
        let mut locked: Vec<PathBuf> = Vec::new();
        for _ in 0..ATTEMPTS {
            let locks = Locks::take(&locked, self.patience)?;
            let mut files = Files::read(&self.files)?;
            edit(&mut files);
            let changed = files.changed();
            if changed.iter().all(|file| locked.contains(file)) {
                files.write()?;
                drop(locks);
                return Ok((files, changed));
            }
            drop(locks);
            locked = changed;
        }
        Err(Error::Restless {
            path: self.files[0].clone(),
        })
    }
}

#[cfg(test)]
mod tests;
