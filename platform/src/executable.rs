//! Programs of this machine: which files can be run, and which of them a name means.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

/// Whether the file is there and this process may run it.
pub(crate) fn is_executable(file: &Path) -> bool {
    file.is_file() && access(file, Access::EXEC_OK).is_ok()
}

/// The folders of a list such as `PATH`. Relative ones do not count: what they mean changes with the working folder.
pub(crate) fn folders(path: &OsStr) -> impl Iterator<Item = PathBuf> {
    std::env::split_paths(path).filter(|folder| folder.is_absolute())
}

/// The first program of that name in the folders.
pub(crate) fn find(name: &str, mut folders: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    folders.find_map(|folder| Some(folder.join(name)).filter(|file| is_executable(file)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_first_that_can_be_run_is_meant() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        for (place, mode) in [("a", 0o644), ("b", 0o755), ("c", 0o755)] {
            fs::create_dir_all(at(place)).unwrap();
            fs::write(at(place).join("tool"), "").unwrap();
            fs::set_permissions(at(place).join("tool"), fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::create_dir_all(at("c/other")).unwrap();
        let path = std::env::join_paths([at("none"), at("a"), at("b"), at("c")]).unwrap();
        assert_eq!(find("tool", folders(&path)), Some(at("b/tool")));
        assert_eq!(find("other", folders(&path)), None, "a folder");
    }

    #[test]
    fn folders_that_depend_on_the_working_folder_do_not_count() {
        let all: Vec<PathBuf> = folders(OsStr::new(".:bin::/usr/bin")).collect();
        assert_eq!(all, [Path::new("/usr/bin")]);
    }
}
