//! The files a program is compiled from.
//!
//! All of a package's folder counts that Git would keep, except what only tests and readers see. What lies elsewhere counts when a
//! source names it, as `include_str!` does.

mod named;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::workspace::{Package, Workspace};
use super::{short, unreadable};
use crate::image::Error;

/// Folders of a package that are compiled for tests alone.
const TESTS: [&str; 3] = ["tests", "benches", "examples"];
/// Ends of names of files that no compiler reads, unless a source names them.
const WORDS: [&str; 3] = [".md", ".snap", ".snap.new"];
/// In a folder of things that can be made again, such as Cargo's own.
const CACHE_MARK: &str = "CACHEDIR.TAG";

/// Adds every file of these packages to the parts.
pub(super) fn hash_packages(
    workspace: &Workspace,
    closure: &[&Package],
    parts: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    let mut files = Files {
        workspace,
        parts,
        named: Vec::new(),
    };
    for package in closure {
        files.walk(&package.folder, &package.folder)?;
    }
    // What a source names may name something itself.
    while let Some((path, package)) = files.named.pop() {
        if files.parts.contains_key(&files.key(&path)) {
            continue;
        }
        match fs::metadata(&path) {
            Ok(is) if is.is_dir() => files.walk(&path, &package)?,
            Ok(is) if is.is_file() => files.file(&path, &package)?,
            // Not there: the compiler will say so if it matters.
            _ => {}
        }
    }
    Ok(())
}

/// Files that are being collected.
struct Files<'a> {
    workspace: &'a Workspace,
    parts: &'a mut BTreeMap<String, String>,
    /// What was named, with the folder of the package that names it.
    named: Vec<(PathBuf, PathBuf)>,
}

impl Files<'_> {
    fn key(&self, path: &Path) -> String {
        format!("file:{}", self.workspace.below(path))
    }

    /// Everything below a folder.
    fn walk(&mut self, top: &Path, package: &Path) -> Result<(), Error> {
        let mut walk = WalkBuilder::new(top);
        // The same with and without a repository around; hidden files may be sources too.
        walk.hidden(false).ignore(false).require_git(false);
        let filter = top.to_owned();
        walk.filter_entry(move |entry| counts(entry, &filter));
        for entry in walk.build() {
            let entry = entry.map_err(|error| unwalkable(top, error))?;
            let path = entry.path();
            let is_words = WORDS.iter().any(|end| path.to_string_lossy().ends_with(end));
            // Its settings count, not its text: see `Package::manifest`.
            let is_manifest = path == package.join("Cargo.toml");
            if path.is_file() && !is_words && !is_manifest {
                self.file(path, package)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, package: &Path) -> Result<(), Error> {
        let contents = fs::read(path).map_err(|source| unreadable(path, source))?;
        self.parts.insert(self.key(path), short(&contents));
        if path.extension().is_some_and(|extension| extension == "rs") {
            let names = named::names(path, package, &String::from_utf8_lossy(&contents));
            self.named
                .extend(names.into_iter().map(|name| (name, package.to_owned())));
        }
        Ok(())
    }
}

fn counts(entry: &DirEntry, top: &Path) -> bool {
    let path = entry.path();
    if path == top || !path.is_dir() {
        return true;
    }
    let name = entry.file_name();
    let is_tests = path.parent() == Some(top) && TESTS.iter().any(|tests| name == *tests);
    // A package inside a package is another one.
    let is_other = path.join("Cargo.toml").exists();
    name != ".git" && !is_tests && !is_other && !path.join(CACHE_MARK).exists()
}

fn unwalkable(top: &Path, error: ignore::Error) -> Error {
    let text = error.to_string();
    let source = error
        .into_io_error()
        .unwrap_or_else(|| std::io::Error::other(text));
    unreadable(top, source)
}
