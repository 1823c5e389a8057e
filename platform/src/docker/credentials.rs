//! Credentials for registries, where `docker login` has put them: `config.json` itself, or a helper program.

mod helper;
mod stored;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard::auth::DockerCredentials;

use super::config_file;
use super::endpoint::Environment;
use super::reference::DEFAULT_REGISTRY;
use stored::{Settings, StoredAuth};

/// Under which key Docker keeps the credentials of its default registry.
const DEFAULT_REGISTRY_KEY: &str = "https://index.docker.io/v1/";

/// What a registry is shown.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Somebody's name and password.
    Password {
        /// The name.
        username: String,
        /// The password, or a token in its place.
        password: String,
    },
    /// A token that the registry gave for a password.
    IdentityToken(String),
    /// A token that is sent as it is.
    RegistryToken(String),
}

/// Why credentials that should be there cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Docker's settings cannot be read.
    #[error(transparent)]
    ConfigFile(#[from] config_file::Error),
    /// An entry of `auths` is not what Docker writes.
    #[error(
        "the credentials for {registry} in Docker's settings are wrong; `docker login {registry}` writes them anew"
    )]
    Entry {
        /// The registry.
        registry: String,
    },
    /// The settings name a helper that can be no program.
    #[error("Docker's settings name the credential helper '{name}', which is no name of a program")]
    HelperName {
        /// What they name.
        name: String,
    },
    /// The helper cannot be run.
    #[error("cannot run {program}, which keeps the credentials for {registry}")]
    HelperRun {
        /// The helper program.
        program: String,
        /// The registry.
        registry: String,
        /// Why.
        source: std::io::Error,
    },
    /// The helper ran and gave nothing.
    #[error("{program} gave no credentials for {registry}: {reason}")]
    HelperFailed {
        /// The helper program.
        program: String,
        /// The registry.
        registry: String,
        /// What it said.
        reason: String,
    },
}

/// The credentials for `registry` (as in [`Reference::registry`](super::reference::Reference::registry)); `None` where there are none, and
/// the registry is asked without.
///
/// # Errors
/// When the settings or the helper that keeps them cannot be used.
pub async fn find(registry: &str, environment: &Environment) -> Result<Option<Credentials>, Error> {
    let Some(folder) = environment.config_folder() else {
        return Ok(None);
    };
    let config: Settings = config_file::read(&folder)?;
    let key = key_of(registry);
    let helpers = config.cred_helpers.as_ref();
    let helper = helpers.and_then(|helpers| helpers.get(key).or_else(|| helpers.get(registry)));
    match helper.or(config.creds_store.as_ref().filter(|name| !name.is_empty())) {
        Some(name) => helper::get(name, key, environment.path.as_deref()).await,
        None => in_file(&config, registry, key),
    }
}

fn key_of(registry: &str) -> &str {
    if registry == DEFAULT_REGISTRY {
        DEFAULT_REGISTRY_KEY
    } else {
        registry
    }
}

fn in_file(config: &Settings, registry: &str, key: &str) -> Result<Option<Credentials>, Error> {
    let Some(auths) = &config.auths else {
        return Ok(None);
    };
    // Old programs wrote the URL of an API version for the host.
    let by_host = || {
        auths
            .iter()
            .find(|(name, _)| host_of(name) == host_of(key))
            .map(|(_, auth)| auth)
    };
    match auths.get(key).or_else(by_host) {
        Some(stored) => stored_credentials(stored).map_err(|()| Error::Entry {
            registry: registry.to_owned(),
        }),
        None => Ok(None),
    }
}

fn host_of(key: &str) -> &str {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

fn stored_credentials(stored: &StoredAuth) -> Result<Option<Credentials>, ()> {
    if !stored.identitytoken.is_empty() {
        return Ok(Some(Credentials::IdentityToken(stored.identitytoken.clone())));
    }
    if !stored.registrytoken.is_empty() {
        return Ok(Some(Credentials::RegistryToken(stored.registrytoken.clone())));
    }
    let (username, password) = if stored.auth.is_empty() {
        (stored.username.clone(), stored.password.clone())
    } else {
        let text = STANDARD.decode(stored.auth.trim()).map_err(|_| ())?;
        let text = String::from_utf8(text).map_err(|_| ())?;
        let (username, password) = text.split_once(':').ok_or(())?;
        // Old programs filled up with zeros.
        (username.to_owned(), password.trim_end_matches('\0').to_owned())
    };
    if username.is_empty() {
        return Ok(None);
    }
    Ok(Some(Credentials::Password { username, password }))
}

impl From<Credentials> for DockerCredentials {
    fn from(credentials: Credentials) -> Self {
        let mut shown = Self::default();
        match credentials {
            Credentials::Password { username, password } => {
                shown.username = Some(username);
                shown.password = Some(password);
            }
            Credentials::IdentityToken(token) => shown.identitytoken = Some(token),
            Credentials::RegistryToken(token) => shown.registrytoken = Some(token),
        }
        shown
    }
}

/// Secrets stay out of logs.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credentials::Password { .. } => "Password { .. }",
            Credentials::IdentityToken(_) => "IdentityToken(..)",
            Credentials::RegistryToken(_) => "RegistryToken(..)",
        })
    }
}

#[cfg(test)]
mod tests;
