//! The sources of components, watched: which components a change of files concerns.
//!
//! What is watched is wide (a whole Cargo workspace for each of its programs), since what an image is made from decides later, by its
//! content, whether there is anything to do. What every editor and build writes besides, is not looked at.

mod files;
mod roots;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use notify::{RecommendedWatcher, Watcher as _};
use tokio::sync::mpsc;

use crate::project::Project;
use files::Contents;
use roots::Roots;

/// A burst of changes, such as a checkout, is over after this time without one.
const QUIET: Duration = Duration::from_millis(150);
/// A burst that does not end is interrupted after this time.
const BURST: Duration = Duration::from_secs(2);

/// Why sources cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system does not let us.
    #[error("cannot watch {}", path.display())]
    Watch {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: notify::Error,
    },
    /// None of the components has sources here.
    #[error("nothing to watch: no component has manifests or an image that is built from files here")]
    Nothing,
}

/// Files that have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The components that they belong to.
    pub components: BTreeSet<String>,
    /// The files, as far as they are still there.
    pub files: BTreeSet<PathBuf>,
    /// When the first of them changed.
    pub at: Instant,
}

impl Changed {
    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.components.extend(other.components);
        self.files.extend(other.files);
        self.at = self.at.min(other.at);
        self
    }
}

/// A watch over the sources of components, until it is dropped.
#[derive(Debug)]
pub struct Watch {
    watcher: RecommendedWatcher,
    happened: mpsc::UnboundedReceiver<PathBuf>,
    roots: Roots,
    folders: BTreeSet<PathBuf>,
    contents: Contents,
    /// What has come of a burst that is not over, and when it began.
    burst: BTreeSet<PathBuf>,
    began: Instant,
}

impl Watch {
    /// Begins to watch the sources of these components of a project, of all that have any when none is named.
    ///
    /// # Errors
    /// When there is nothing to watch, or the system does not let us.
    pub fn begin(project: &Project, components: &[String]) -> Result<Self, Error> {
        Self::over(Roots::of(project, components))
    }

    fn over(roots: Roots) -> Result<Self, Error> {
        if roots.is_empty() {
            return Err(Error::Nothing);
        }
        let (changed, happened) = mpsc::unbounded_channel();
        let tell = move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if matches!(event.kind, notify::EventKind::Access(_)) {
                return;
            }
            for path in event.paths {
                // The reader ends with the watch.
                drop(changed.send(path));
            }
        };
        let watcher = notify::recommended_watcher(tell).map_err(|source| Error::Watch {
            path: PathBuf::from("."),
            source,
        })?;
        let mut watch = Self {
            watcher,
            happened,
            folders: BTreeSet::new(),
            contents: Contents::default(),
            burst: BTreeSet::new(),
            began: Instant::now(),
            roots,
        };
        watch.look_for_folders()?;
        Ok(watch)
    }

    /// What is watched: components, and the files and folders of each.
    pub fn roots(&self) -> &BTreeMap<String, BTreeSet<PathBuf>> {
        self.roots.by_component()
    }

    /// Waits for the next burst of changes that leaves any file other than it was. Nothing is lost when this is not waited for to the end.
    pub async fn changed(&mut self) -> Changed {
        loop {
            if self.burst.is_empty() {
                // The sender lives in the watcher.
                let Some(first) = self.happened.recv().await else {
                    return std::future::pending().await;
                };
                self.burst.insert(first);
                self.began = Instant::now();
            }
            tokio::time::sleep(QUIET).await;
            while self.more() && self.began.elapsed() < BURST {
                tokio::time::sleep(QUIET).await;
            }
            let paths = std::mem::take(&mut self.burst);
            if let Some(changed) = self.judge(paths, self.began) {
                return changed;
            }
        }
    }

    /// Takes what has come meanwhile; whether there was anything.
    fn more(&mut self) -> bool {
        let mut any = false;
        while let Ok(path) = self.happened.try_recv() {
            any = true;
            self.burst.insert(path);
        }
        any
    }

    /// Which of these paths are other than they were, and whose they are.
    fn judge(&mut self, paths: BTreeSet<PathBuf>, at: Instant) -> Option<Changed> {
        // A folder that cannot be watched any more has gone.
        drop(self.look_for_folders());
        let mut changed = Changed {
            components: BTreeSet::new(),
            files: BTreeSet::new(),
            at,
        };
        for path in paths {
            let owners = self.roots.owners(&path);
            if owners.is_empty() {
                continue;
            }
            // What a new folder brings along came before it was watched.
            for file in files::below(&path) {
                if self.contents.is_news(&file) {
                    changed.components.extend(owners.iter().cloned());
                    changed.files.insert(file);
                }
            }
        }
        (!changed.components.is_empty()).then_some(changed)
    }

    /// Watches folders that are not watched yet.
    fn look_for_folders(&mut self) -> Result<(), Error> {
        let now = self.roots.folders();
        self.folders.retain(|folder| now.contains(folder));
        for folder in now {
            if self.folders.contains(&folder) {
                continue;
            }
            let watched = self.watcher.watch(&folder, notify::RecursiveMode::NonRecursive);
            watched.map_err(|source| Error::Watch {
                path: folder.clone(),
                source,
            })?;
            self.folders.insert(folder);
        }
        Ok(())
    }
}

/// Whether a file or folder of that name is nobody's source: hidden, an editor's, or made by a build.
fn is_passing(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let made = matches!(&*name, "target" | "node_modules" | "__pycache__");
    made || name.starts_with('.') && name != ".dockerignore"
        || name.ends_with('~')
        || name.ends_with(".swp")
        || name.starts_with('#')
        || name == "4913"
}

#[cfg(test)]
mod tests;
