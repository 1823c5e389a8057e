//! The part of `config.json` that is about credentials.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// Where credentials are.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Settings {
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
