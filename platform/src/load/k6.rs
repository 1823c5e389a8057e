//! The program k6.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::Error;
use crate::executable::{find, folders};

/// How to get it.
pub const INSTALL: &str = "go install go.k6.io/k6@v1.8.1";

/// Where k6 is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct K6(PathBuf);

impl K6 {
    /// The one in `path` (a list as in `PATH`), or else in `.tools/bin` of the project.
    ///
    /// # Errors
    /// [`Error::NoK6`] when there is none.
    pub fn find(path: Option<&OsStr>, project: &Path) -> Result<Self, Error> {
        let tools = project.join(".tools/bin");
        let found = find("k6", path.into_iter().flat_map(folders).chain([tools.clone()]));
        found.map(Self).ok_or_else(|| Error::NoK6 {
            place: tools.join("k6"),
        })
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn it_is_found_in_the_path_and_then_in_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let (bin, tools) = (folder.path().join("bin"), folder.path().join(".tools/bin"));
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir_all(&tools).unwrap();
        let find = || K6::find(Some(bin.as_os_str()), folder.path());
        assert!(matches!(find(), Err(Error::NoK6 { .. })));
        for (place, mode) in [(&tools, 0o755), (&bin, 0o644)] {
            fs::write(place.join("k6"), "").unwrap();
            fs::set_permissions(place.join("k6"), fs::Permissions::from_mode(mode)).unwrap();
        }
        assert_eq!(find().unwrap().program(), tools.join("k6"));
        fs::set_permissions(bin.join("k6"), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find().unwrap().program(), bin.join("k6"));
    }
}
