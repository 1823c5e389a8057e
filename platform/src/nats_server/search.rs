//! Where a nats-server may be.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Binary, Error, NAME, check};
use crate::executable::{folders, is_executable};

/// The places to look in, first to last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The one somebody asked for; then no other will do.
    pub binary: Option<PathBuf>,
    /// Folders in the manner of `PATH`.
    pub path: Option<OsString>,
    /// Where [`super::obtain`] puts one.
    pub cache: PathBuf,
    /// The project's folder, where `.tools/bin` may have one.
    pub project: Option<PathBuf>,
}

impl Search {
    /// The user's `PATH` and cache (`$XDG_CACHE_HOME/ratectl/bin`, by default below `~/.cache`).
    pub fn new(binary: Option<PathBuf>, project: Option<&Path>) -> Self {
        let folder = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        // As the XDG specification wants it: a relative path does not count.
        let cache = folder("XDG_CACHE_HOME").filter(|folder| folder.is_absolute());
        let cache = cache.or_else(|| folder("HOME").map(|home| home.join(".cache")));
        Self {
            binary,
            path: std::env::var_os("PATH"),
            cache: cache.unwrap_or_else(std::env::temp_dir).join("ratectl/bin"),
            project: project.map(Path::to_owned),
        }
    }
}

/// The first usable one; `None` when there is none. One that is too old is passed over.
///
/// # Errors
/// Only when somebody asked for a certain one and that is unusable.
pub async fn find(search: &Search) -> Result<Option<Binary>, Error> {
    if let Some(binary) = &search.binary {
        return check(binary).await.map(Some);
    }
    let path = search.path.clone().unwrap_or_default();
    let in_path = folders(&path);
    let in_project = search.project.iter().map(|project| project.join(".tools/bin"));
    for folder in in_path.chain([search.cache.clone()]).chain(in_project) {
        let file = folder.join(NAME);
        if !is_executable(&file) {
            continue;
        }
        match check(&file).await {
            Ok(binary) => return Ok(Some(binary)),
            Err(error) => tracing::debug!(file = %file.display(), %error, "passed over a nats-server"),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::super::fake::program;
    use super::*;

    /// A program that says it is a nats-server of that version.
    fn fake(folder: &Path, version: &str) -> PathBuf {
        program(folder, NAME, &format!("echo 'nats-server: v{version}'"))
    }

    #[tokio::test]
    async fn path_comes_before_the_cache_and_the_cache_before_the_project() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let path = std::env::join_paths([at("a"), at("b")]).unwrap();
        let search = Search {
            binary: None,
            path: Some(path),
            cache: at("cache"),
            project: Some(at("project")),
        };
        assert_eq!(find(&search).await.unwrap(), None);
        for (folder, version) in [
            ("project/.tools/bin", "2.14.0"),
            ("cache", "2.13.0"),
            ("b", "2.12.0"),
        ] {
            let file = fake(&at(folder), version);
            assert_eq!(find(&search).await.unwrap().unwrap().path, file);
        }
        fake(&at("a"), "2.10.29");
        assert_eq!(
            find(&search).await.unwrap().unwrap().version.minor,
            12,
            "the older one in front is passed over"
        );
    }

    #[tokio::test]
    async fn the_one_that_was_asked_for_must_do() {
        let root = tempfile::tempdir().unwrap();
        let search = |binary: PathBuf| Search {
            binary: Some(binary),
            ..Search::default()
        };
        let old = fake(root.path(), "2.9.1");
        assert!(matches!(find(&search(old)).await, Err(Error::TooOld { .. })));
        assert!(matches!(
            find(&search("/bin/echo".into())).await,
            Err(Error::NotNats { .. })
        ));
        assert!(matches!(
            find(&search(root.path().join("none"))).await,
            Err(Error::Run { .. })
        ));
    }
}
