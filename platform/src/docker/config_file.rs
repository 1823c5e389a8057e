//! Docker's own settings, `config.json`: which context is used, and where credentials are.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The part of `config.json` that matters to us.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigFile {
    /// The context that `docker context use` has chosen.
    pub(super) current_context: Option<String>,
    /// Credentials in the file itself, by registry.
    pub(super) auths: Option<BTreeMap<String, StoredAuth>>,
    /// The suffix of the helper program for every registry.
    pub(super) creds_store: Option<String>,
    /// The suffix of the helper program, by registry.
    pub(super) cred_helpers: Option<BTreeMap<String, String>>,
}

/// One entry of `auths`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredAuth {
    /// `user:password` in base64.
    pub(super) auth: String,
    /// The user, in old files.
    pub(super) username: String,
    /// The password, in old files.
    pub(super) password: String,
    /// Stands for the password where the registry gives tokens.
    #[serde(alias = "identityToken")]
    pub(super) identitytoken: String,
    /// A bearer token for the registry.
    #[serde(alias = "registryToken")]
    pub(super) registrytoken: String,
}

/// Secrets stay out of logs.
impl fmt::Debug for StoredAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredAuth").finish_non_exhaustive()
    }
}

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

impl ConfigFile {
    /// Reads `config.json` of this folder; what is not there is empty.
    pub(super) fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("config.json");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Self::default());
            }
            Err(source) => return Err(Error::Read { path, source }),
        };
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(&text).map_err(|source| Error::Invalid { path, source })
    }
}
