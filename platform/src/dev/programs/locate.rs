//! Where a command's program is.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::executable::{find, folders, is_executable};

/// A program with a slash lies below the working folder; one without is looked for in the folders given, then in
/// `path`, then at the place where its build leaves it.
pub(super) fn locate(
    program: &str,
    directory: &Path,
    first: Option<&Path>,
    path: &OsStr,
    built: Option<&Path>,
) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(directory.join(program))
            .filter(|file| is_executable(file))
            .or_else(|| executable(built));
    }
    let folders = first.map(Path::to_owned).into_iter().chain(folders(path));
    find(program, folders).or_else(|| executable(built))
}

fn executable(file: Option<&Path>) -> Option<PathBuf> {
    file.filter(|file| is_executable(file)).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn put(file: &Path, mode: u32) {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
        std::fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_plain_name_is_found_beside_ratectl_then_in_path_then_where_it_is_built() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let path = std::env::join_paths([at("a"), at("b")]).unwrap();
        let find = || {
            locate(
                "tool",
                root.path(),
                Some(&at("own")),
                &path,
                Some(&at("target/tool")),
            )
        };
        assert_eq!(find(), None);
        for place in ["target/tool", "b/tool", "own/tool"] {
            put(&at(place), 0o755);
            assert_eq!(find(), Some(at(place)));
        }
    }

    #[test]
    fn a_name_with_a_slash_lies_below_the_working_folder() {
        let root = tempfile::tempdir().unwrap();
        put(&root.path().join("bin/tool"), 0o755);
        let find = |program: &str| locate(program, root.path(), None, OsStr::new("/usr/bin"), None);
        assert_eq!(find("bin/tool"), Some(root.path().join("bin/tool")));
        assert_eq!(find("./tool"), None);
        assert_eq!(find("/bin/sh"), Some("/bin/sh".into()));
    }

    #[test]
    fn a_file_that_cannot_be_run_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        put(&root.path().join("tool"), 0o644);
        assert_eq!(
            locate("tool", root.path(), Some(root.path()), OsStr::new(""), None),
            None
        );
    }
}
