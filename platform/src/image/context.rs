//! The build context: which files of a folder a build sees, what is in them, and the archive that is sent.
//!
//! What is kept of a file is its name, its content and whether it can be executed: a checkout of somebody else, with other
//! owners, times and masks, gives the same context.

mod archive;
mod digests;
mod walk;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::Error;
use super::ignore_file::{self, Patterns};
use digests::Stamp;

/// What a build sees of a folder.
#[derive(Clone, Debug)]
pub struct Context {
    folder: PathBuf,
    entries: Vec<Entry>,
    /// The files besides, by name: from outside of the folder.
    added: BTreeMap<String, Vec<u8>>,
    /// Relative path of the Dockerfile in the context.
    dockerfile: String,
}

/// A file, folder or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the context.
    path: PathBuf,
    /// The same as text with slashes; what is not UTF-8 is escaped.
    name: String,
    kind: Kind,
    /// It is sent for the builder, and is no part of what is built.
    for_builder: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Folder,
    File { executable: bool, stamp: Stamp },
    Link { target: PathBuf },
}

impl Context {
    /// Looks through a folder. The Dockerfile, absolute, is sent in any case, and so is the context's ignore file.
    ///
    /// # Errors
    /// When something that is to be sent cannot be read or is neither file, folder nor link, and when the ignore file is wrong.
    pub fn read(folder: &Path, dockerfile: &Path) -> Result<Self, Error> {
        let (patterns, _) = Patterns::find(folder, dockerfile)?;
        let inside = dockerfile.strip_prefix(folder).ok().map(Path::to_owned);
        let entries = walk::walk(folder, &patterns, inside.as_deref())?;
        let mut added = BTreeMap::new();
        let dockerfile = match inside {
            Some(inside) => walk::name(&inside),
            None => archive::add_dockerfile(dockerfile, &mut added)?,
        };
        Ok(Self {
            folder: folder.to_owned(),
            entries,
            added,
            dockerfile,
        })
    }

    /// The Dockerfile's name in the archive.
    pub fn dockerfile(&self) -> &str {
        &self.dockerfile
    }

    /// Whether the Dockerfile is sent though the ignore file leaves it out.
    pub fn hides_dockerfile(&self) -> bool {
        let mut hidden = self.entries.iter().filter(|entry| entry.for_builder);
        hidden.any(|entry| entry.name == self.dockerfile)
    }

    /// The same for a builder that reads no ignore file: one that leaves itself out is not sent.
    #[must_use]
    pub fn without_ignore_file(mut self) -> Self {
        let is_hidden = |entry: &Entry| entry.for_builder && entry.name == ignore_file::NAME;
        self.entries.retain(|entry| !is_hidden(entry));
        self
    }

    /// The names of what is sent, folders included, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        let files = self.entries.iter().map(|entry| match &entry.kind {
            Kind::File { stamp, .. } => stamp.size,
            _ => 0,
        });
        files.sum()
    }

    /// What a build can depend on, by name: a word for the kind and, for files, a digest. Digests of files that did not change since
    /// are taken from the state folder. Stops early, with an error, when `go_on` says so.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn content(
        &self,
        state_dir: &Path,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<BTreeMap<String, String>, Error> {
        let seen = || self.entries.iter().filter(|entry| !entry.for_builder);
        let files = seen().filter_map(|entry| match &entry.kind {
            Kind::File { stamp, .. } => Some((entry.name.as_str(), entry.path.as_path(), *stamp)),
            _ => None,
        });
        let files: Vec<_> = files.collect();
        let digests = digests::of_files(state_dir, &self.folder, &files, go_on)?;
        let content = seen().map(|entry| {
            let said = match &entry.kind {
                Kind::Folder => "folder".to_owned(),
                Kind::Link { target } => format!("link {}", walk::name(target)),
                Kind::File { executable, .. } => {
                    let kind = if *executable { "program" } else { "file" };
                    format!("{kind} {}", digests[&entry.name])
                }
            };
            (entry.name.clone(), said)
        });
        Ok(content.collect())
    }

    /// Writes the archive: the same bytes for the same context. `on_bytes` is told how many bytes of files were written.
    ///
    /// # Errors
    /// When something changed meanwhile or cannot be read any more; what `to` refuses comes back as [`archive::Failure::To`].
    pub fn write(&self, to: impl io::Write, on_bytes: &mut dyn FnMut(u64)) -> Result<(), archive::Failure> {
        archive::write(self, to, on_bytes)
    }
}

pub use archive::Failure;

fn failed(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Context {
        operation,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
