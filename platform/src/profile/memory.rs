//! What is remembered between runs about a project's profiles, in the state folder.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Error;

/// A project's part of the state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    root: PathBuf,
    folder: PathBuf,
}

/// The profile that `ratectl use` named.
#[derive(Serialize, Deserialize)]
struct Used {
    project: PathBuf,
    profile: String,
}

/// The cluster that a profile was seen with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    /// The folder of the project, for people who look into the file.
    pub(super) project: PathBuf,
    pub(super) profile: String,
    pub(super) context: String,
    pub(super) server: String,
    /// Of the namespace `kube-system`.
    pub(super) uid: String,
}

impl Memory {
    /// What is remembered in `state_dir` about the project in the folder `root`.
    pub fn of(state_dir: &Path, root: &Path) -> Self {
        let digest = Sha256::digest(root.as_os_str().as_encoded_bytes());
        let mut name = String::new();
        for byte in &digest[..8] {
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        Self {
            root: root.to_owned(),
            folder: state_dir.join("projects").join(name),
        }
    }

    /// The profile that `ratectl use` named.
    ///
    /// # Errors
    /// When the state folder cannot be read.
    pub fn used(&self) -> Result<Option<String>, Error> {
        let used: Option<Used> = read(&self.used_file())?;
        Ok(used.map(|used| used.profile))
    }

    /// Remembers the profile for later commands.
    ///
    /// # Errors
    /// When the state folder cannot be written.
    pub fn set_used(&self, profile: &str) -> Result<(), Error> {
        let used = Used {
            project: self.root.clone(),
            profile: profile.to_owned(),
        };
        write(&self.used_file(), &used)
    }

    /// Forgets which profile was named; whether there was one.
    ///
    /// # Errors
    /// When the state folder cannot be written.
    pub fn clear_used(&self) -> Result<bool, Error> {
        remove(&self.used_file())
    }

    /// Forgets which cluster a profile was seen with: the next contact is the first again. Whether one was known.
    ///
    /// # Errors
    /// When the state folder cannot be written.
    pub fn forget(&self, profile: &str) -> Result<bool, Error> {
        remove(&self.seen_file(profile))
    }

    /// The file that says which profile is used.
    pub fn used_file(&self) -> PathBuf {
        self.folder.join("used.json")
    }

    /// The file that says which cluster a profile was seen with.
    pub fn seen_file(&self, profile: &str) -> PathBuf {
        self.folder.join(format!("cluster-{profile}.json"))
    }

    /// The UID that a profile's cluster was seen with.
    ///
    /// # Errors
    /// When the state folder cannot be read.
    pub fn seen_uid(&self, profile: &str) -> Result<Option<String>, Error> {
        Ok(self.seen(profile)?.map(|seen| seen.uid))
    }

    pub(super) fn seen(&self, profile: &str) -> Result<Option<Seen>, Error> {
        read(&self.seen_file(profile))
    }

    pub(super) fn remember(
        &self,
        profile: &str,
        context: &str,
        server: &str,
        uid: &str,
    ) -> Result<(), Error> {
        let seen = Seen {
            project: self.root.clone(),
            profile: profile.to_owned(),
            context: context.to_owned(),
            server: server.to_owned(),
            uid: uid.to_owned(),
        };
        write(&self.seen_file(profile), &seen)
    }
}

/// What a file of ours holds; `None` if there is none.
pub(super) fn read<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, Error> {
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(state("read", file)(source)),
    };
    // Forgetting a cluster because its file is damaged would let any other in.
    let value = serde_json::from_slice(&text).map_err(|error| state("understand", file)(error.into()))?;
    Ok(Some(value))
}

/// Replaces the file whole: two processes that write at once leave one of the two texts.
pub(super) fn write(file: &Path, value: &impl Serialize) -> Result<(), Error> {
    let work = || {
        let folder = file.parent().unwrap_or(Path::new("/"));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let draft = file.with_extension(format!("{}.new", std::process::id()));
        let mut text = serde_json::to_vec_pretty(value)?;
        text.push(b'\n');
        let mut options = fs::OpenOptions::new();
        let opened = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft);
        let written = opened.and_then(|mut opened| {
            opened.write_all(&text)?;
            opened.sync_all()
        });
        written.and_then(|()| fs::rename(&draft, file)).inspect_err(|_| {
            drop(fs::remove_file(&draft));
        })
    };
    work().map_err(state("write", file))
}

/// Whether the file was there.
pub(super) fn remove(file: &Path) -> Result<bool, Error> {
    match fs::remove_file(file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(state("remove", file)(source)),
    }
}

fn state(operation: &'static str, file: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = file.to_owned();
    move |source| Error::State {
        operation,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_found_again_and_forgotten_on_demand() {
        let state = tempfile::tempdir().unwrap();
        let memory = Memory::of(state.path(), Path::new("/p"));
        assert_eq!(memory.used().unwrap(), None);
        memory.set_used("dev").unwrap();
        memory.set_used("prod").unwrap();
        memory.remember("prod", "c", "https://s", "u").unwrap();
        let again = Memory::of(state.path(), Path::new("/p"));
        assert_eq!(again.used().unwrap().as_deref(), Some("prod"));
        assert_eq!(again.seen_uid("prod").unwrap().as_deref(), Some("u"));
        assert_eq!(again.seen_uid("dev").unwrap(), None);
        let other = Memory::of(state.path(), Path::new("/q"));
        assert_eq!(other.used().unwrap(), None, "another project");
        assert!(again.clear_used().unwrap() && again.forget("prod").unwrap());
        assert!(!memory.clear_used().unwrap() && !memory.forget("prod").unwrap());
    }

    #[test]
    fn a_damaged_file_is_an_error_and_not_a_first_contact() {
        let state = tempfile::tempdir().unwrap();
        let memory = Memory::of(state.path(), Path::new("/p"));
        memory.remember("prod", "c", "https://s", "u").unwrap();
        fs::write(memory.seen_file("prod"), "{").unwrap();
        let error = memory.seen_uid("prod").unwrap_err();
        assert!(error.to_string().starts_with("cannot understand"), "{error}");
    }
}
