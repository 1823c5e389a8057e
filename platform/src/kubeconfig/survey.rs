//! What the kubeconfig files hold, for those who only look.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::document::{Document, Section};
use super::files::malformed;
use super::lock::{self, Holder};
use super::{Error, Location, file};

/// One of the files.
#[derive(Debug)]
pub struct Surveyed {
    /// The file.
    pub path: PathBuf,
    /// What is in it; `None` when there is no such file.
    pub contents: Result<Option<Contents>, Error>,
    /// Its permission bits, such as `0o600`.
    pub mode: Option<u32>,
    /// The lock beside it, with who holds it.
    pub lock: Option<(PathBuf, Holder)>,
}

/// The names in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Its contexts, by name.
    pub contexts: Vec<Context>,
    /// The context that is current, if it says so.
    pub current_context: Option<String>,
}

/// A context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// The URL of its API server, if this file has its cluster.
    pub server: Option<String>,
}

impl Location {
    /// Looks at every file, without locking and without changing anything.
    pub fn survey(&self) -> Vec<Surveyed> {
        self.files().iter().map(|path| surveyed(path)).collect()
    }
}

fn surveyed(path: &Path) -> Surveyed {
    let contents = file::read(path).and_then(|text| {
        let document = text.map(|text| Document::parse(&text).map_err(|at| malformed(path, at)));
        Ok(document.transpose()?.as_ref().map(contents))
    });
    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file);
    Surveyed {
        path: path.to_owned(),
        contents,
        mode: metadata.map(|metadata| metadata.permissions().mode() & 0o777),
        lock: lock::beside_held(path),
    }
}

fn contents(document: &Document) -> Contents {
    let server = |context: &str| {
        let context = document.get(Section::Contexts, context)?;
        let cluster = document.get(Section::Clusters, context.get("cluster")?.as_str()?)?;
        Some(cluster.get("server")?.as_str()?.to_owned())
    };
    let mut contexts: Vec<Context> = document
        .names(Section::Contexts)
        .map(|name| Context {
            name: name.to_owned(),
            server: server(name),
        })
        .collect();
    contexts.sort_by(|one, other| one.name.cmp(&other.name));
    Contents {
        contexts,
        current_context: document.current_context().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(text: Option<&str>) -> (tempfile::TempDir, Surveyed) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        if let Some(text) = text {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        }
        let surveyed = surveyed(&path);
        (folder, surveyed)
    }

    #[test]
    fn contexts_are_told_with_their_servers() {
        let text = "current-context: b\ncontexts:\n- name: b\n  context: {cluster: c}\n- name: a\n  context: {}\n\
                    clusters:\n- name: c\n  cluster: {server: 'https://127.0.0.1:6443'}\n";
        let (_folder, surveyed) = survey(Some(text));
        let contents = surveyed.contents.unwrap().unwrap();
        let found: Vec<_> = contents
            .contexts
            .iter()
            .map(|c| (c.name.as_str(), c.server.as_deref()))
            .collect();
        assert_eq!(found, [("a", None), ("b", Some("https://127.0.0.1:6443"))]);
        assert_eq!(contents.current_context.as_deref(), Some("b"));
        assert_eq!((surveyed.mode, surveyed.lock), (Some(0o640), None));
    }

    #[test]
    fn what_is_no_kubeconfig_is_told_with_its_place() {
        let (_folder, surveyed) = survey(Some("contexts:\n  - name: [\n"));
        assert!(
            matches!(surveyed.contents, Err(Error::Malformed { .. })),
            "{surveyed:?}"
        );
    }

    #[test]
    fn a_lock_of_another_program_is_told_with_its_age() {
        let (folder, _) = survey(Some(""));
        let lock = folder.path().join("config.lock");
        std::fs::write(&lock, "").unwrap();
        let surveyed = surveyed(&folder.path().join("config"));
        let (path, holder) = surveyed.lock.unwrap();
        assert_eq!(path, lock);
        assert!(matches!(holder, Holder::Other { age: Some(_) }), "{holder:?}");
    }

    #[test]
    fn no_file_is_no_error() {
        let (_folder, surveyed) = survey(None);
        assert!(matches!(surveyed.contents, Ok(None)), "{surveyed:?}");
        assert_eq!(surveyed.mode, None);
    }
}
