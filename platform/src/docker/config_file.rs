//! Docker's own settings, `config.json`: which context is used, and where credentials are. Each reader takes its part, so
//! that what is wrong elsewhere in the file does not matter to it.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// Why the settings cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system says no.
    #[error("cannot read Docker's settings in {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not what Docker writes.
    #[error("Docker's settings in {} are wrong", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where.
        source: serde_json::Error,
    },
}

/// Reads a part of `config.json` in this folder, the one that `T` names; a file that is not there is empty.
pub(super) fn read<T: DeserializeOwned + Default>(folder: &Path) -> Result<T, Error> {
    let path = folder.join("config.json");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(T::default());
        }
        Err(source) => return Err(Error::Read { path, source }),
    };
    if text.trim().is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str(&text).map_err(|source| Error::Invalid { path, source })
}
