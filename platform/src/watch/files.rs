//! What was in files when they were last looked at.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::is_passing;

/// The contents of files that have changed once.
#[derive(Debug, Default)]
pub(super) struct Contents(HashMap<PathBuf, Option<[u8; 32]>>);

impl Contents {
    /// Whether a file is other than when it was last looked at. Of one that is looked at for the first time that is not known, so it is.
    pub(super) fn is_news(&mut self, file: &Path) -> bool {
        let now = std::fs::read(file)
            .ok()
            .map(|bytes| Sha256::digest(&bytes).into());
        let before = self.0.insert(file.to_owned(), now);
        before.is_none_or(|before| before != now)
    }
}

/// The files at or below a path, and the path itself when it is gone.
pub(super) fn below(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let mut files = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()).filter(|path| !is_passing(path)) {
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files
}
