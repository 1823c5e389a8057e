//! What images were last made from, kept to say why one is made again. Losing it costs a reason and nothing else.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::Hash;
use crate::image::Error;

/// The folder in the state folder.
const FOLDER: &str = "images";

impl Hash {
    /// What the image of this name was last made from; `None` where that is not known.
    pub fn last(state_dir: &Path, image: &str) -> Option<Self> {
        let text = fs::read(file(state_dir, image)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Keeps this for [`Hash::last`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remember(&self, state_dir: &Path, image: &str) -> Result<(), Error> {
        let path = file(state_dir, image);
        let text = serde_json::to_vec(self).map_err(io::Error::from);
        let written = text.and_then(|text| replace(&path, &text));
        written.map_err(|source| Error::State {
            operation: "write",
            path,
            source,
        })
    }
}

/// Image names hold slashes, and never `%`.
fn file(state_dir: &Path, image: &str) -> PathBuf {
    let name = image.replace('/', "%");
    state_dir.join(FOLDER).join(format!("{name}.json"))
}

/// Writes a file in one go, so that a reader sees the old or the new one.
pub(in crate::image) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{number}.new", std::process::id()));
    let written = fs::File::create(&beside).and_then(|mut file| file.write_all(content));
    let replaced = written.and_then(|()| fs::rename(&beside, path));
    if replaced.is_err() {
        drop(fs::remove_file(&beside));
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found_by_its_image_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let hash = |value: &str| Hash::of([("Dockerfile".to_owned(), value.to_owned())].into());
        assert_eq!(Hash::last(folder.path(), "team/app"), None);
        hash("1").remember(folder.path(), "team/app").unwrap();
        hash("2").remember(folder.path(), "team/app").unwrap();
        assert_eq!(Hash::last(folder.path(), "team/app"), Some(hash("2")));
        assert_eq!(Hash::last(folder.path(), "app"), None);
        assert_eq!(fs::read_dir(folder.path().join(FOLDER)).unwrap().count(), 1);
    }

    #[test]
    fn a_broken_record_is_none() {
        let folder = tempfile::tempdir().unwrap();
        replace(&file(folder.path(), "app"), b"{").unwrap();
        assert_eq!(Hash::last(folder.path(), "app"), None);
    }
}
