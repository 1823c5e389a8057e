//! Where PostgreSQL's programs are: `POSTGRES_BIN`, then the distribution's folders, then `PATH`.

use std::path::{Path, PathBuf};

use crate::Error;

/// Where Debian keeps one folder a major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The folder that holds `postgres`, `initdb` and `createdb`; the newest version when there are several.
///
/// A test that cannot have PostgreSQL should skip loudly on this error, and fail when the environment says `CI=true`.
pub fn find() -> Result<PathBuf, Error> {
    let named = std::env::var_os("POSTGRES_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = named
        .into_iter()
        .chain(debian())
        .chain(std::env::split_paths(&path));
    candidates
        .into_iter()
        .find(|folder| is_complete(folder))
        .ok_or_else(|| Error::Missing {
            program: "PostgreSQL server",
            searched: format!("$POSTGRES_BIN, {DEBIAN}/*/bin and $PATH"),
            help: "install the package `postgresql`, or name the folder of initdb in POSTGRES_BIN",
        })
}

fn debian() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, folder)| folder).collect()
}

fn is_complete(folder: &Path) -> bool {
    ["postgres", "initdb", "createdb"]
        .iter()
        .all(|program| folder.join(program).is_file())
}
