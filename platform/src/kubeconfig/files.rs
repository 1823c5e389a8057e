//! All files of a kubeconfig together, as client-go sees them: the first that has something wins.

use std::path::{Path, PathBuf};

use super::document::{Complaint, Document, Section};
use super::{Entry, Error, edit, file};
use crate::cluster::Name;

/// The files as read, and as they should be.
#[derive(Debug)]
pub(super) struct Files {
    files: Vec<Opened>,
}

#[derive(Debug)]
struct Opened {
    path: PathBuf,
    exists: bool,
    text: String,
    before: Document,
    after: Document,
}

impl Files {
    /// Reads them all; one that is not there counts as empty.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self, Error> {
        let files = paths
            .iter()
            .map(|path| Opened::read(path))
            .collect::<Result<_, _>>()?;
        Ok(Self { files })
    }

    /// Puts the three entries where they are already, else into the default file.
    pub(super) fn merge(&mut self, entry: &Entry, switch: bool) {
        let cluster = [
            ("server", Some(entry.server.as_str())),
            (
                "certificate-authority-data",
                Some(&entry.certificate_authority_data),
            ),
            // These two contradict the one above, and kubectl refuses both together.
            ("certificate-authority", None),
            ("insecure-skip-tls-verify", None),
        ];
        let user = [
            (
                "client-certificate-data",
                Some(entry.client_certificate_data.as_str()),
            ),
            ("client-key-data", Some(&entry.client_key_data)),
            ("client-certificate", None),
            ("client-key", None),
        ];
        let context = [
            ("cluster", Some(entry.name.as_str())),
            ("user", Some(&entry.user)),
        ];
        self.put(Section::Clusters, &entry.name, &cluster);
        self.put(Section::Users, &entry.user, &user);
        self.put(Section::Contexts, &entry.name, &context);
        if switch && self.current_context().as_deref() != Some(&entry.name) {
            let default = self.default();
            self.files[default].after.set_current_context(&entry.name);
        }
    }

    /// Takes a cluster's three entries out of every file.
    pub(super) fn remove(&mut self, name: &Name) {
        let context = name.context();
        for file in &mut self.files {
            file.after.remove(Section::Clusters, &context);
            file.after.remove(Section::Users, &name.user());
            file.after.remove(Section::Contexts, &context);
            if file.after.current_context() == Some(&context) {
                file.after.unset_current_context();
            }
        }
    }

    /// The context that counts: that of the first file that has one.
    pub(super) fn current_context(&self) -> Option<String> {
        let mut contexts = self.files.iter().filter_map(|file| file.after.current_context());
        contexts.next().map(str::to_owned)
    }

    /// The file a context is in.
    pub(super) fn holder_of_context(&self, context: &str) -> Option<&Path> {
        let holder = self
            .files
            .iter()
            .find(|file| file.after.has(Section::Contexts, context));
        holder.map(|file| file.path.as_path())
    }

    /// The file that new entries go to.
    pub(super) fn default_path(&self) -> &Path {
        &self.files[self.default()].path
    }

    /// The files that are not as they should be.
    pub(super) fn changed(&self) -> Vec<PathBuf> {
        let changed = self.files.iter().filter(|file| file.before != file.after);
        changed.map(|file| file.path.clone()).collect()
    }

    /// Writes the files that are not as they should be.
    pub(super) fn write(&self) -> Result<(), Error> {
        for file in self.files.iter().filter(|file| file.before != file.after) {
            let text =
                edit::edit(&file.text, &file.before, &file.after).unwrap_or_else(|| file.after.render());
            file::replace(&file.path, text.as_bytes())?;
        }
        Ok(())
    }

    fn put(&mut self, section: Section, name: &str, fields: &[(&str, Option<&str>)]) {
        let holder = self.files.iter().position(|file| file.after.has(section, name));
        let holder = holder.unwrap_or_else(|| self.default());
        self.files[holder].after.put(section, name, fields);
    }

    /// The first that exists, else the last named.
    fn default(&self) -> usize {
        let first = self.files.iter().position(|file| file.exists);
        first.unwrap_or(self.files.len().saturating_sub(1))
    }
}

impl Opened {
    fn read(path: &Path) -> Result<Self, Error> {
        let text = file::read(path)?;
        let document = Document::parse(text.as_deref().unwrap_or_default());
        let document = document.map_err(|at| malformed(path, at))?;
        Ok(Self {
            path: path.to_owned(),
            exists: text.is_some(),
            text: text.unwrap_or_default(),
            before: document.clone(),
            after: document,
        })
    }
}

/// A complaint about a file.
pub(super) fn malformed(path: &Path, at: Complaint) -> Error {
    Error::Malformed {
        path: path.to_owned(),
        line: at.line,
        column: at.column,
        reason: at.reason,
    }
}
