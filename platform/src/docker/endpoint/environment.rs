//! What of a process's environment says where the engine and its settings are.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::proxies::Proxies;

/// The variables that matter, as a value; an empty variable counts as not set, as for Docker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `DOCKER_HOST`.
    pub docker_host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub docker_context: Option<String>,
    /// `DOCKER_CONFIG`: the folder of `config.json`.
    pub docker_config: Option<PathBuf>,
    /// Whether `DOCKER_TLS_VERIFY` asks for TLS.
    pub tls_verify: bool,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `PATH`, where credential helpers are looked for.
    pub path: Option<OsString>,
    /// `HTTPS_PROXY` and its kin.
    pub proxies: Proxies,
}

impl Environment {
    /// That of this process.
    pub fn of_process() -> Self {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        let text = |name| set(name).map(|value| value.to_string_lossy().into_owned());
        Self {
            docker_host: text("DOCKER_HOST"),
            docker_context: text("DOCKER_CONTEXT"),
            docker_config: set("DOCKER_CONFIG").map(PathBuf::from),
            tls_verify: set("DOCKER_TLS_VERIFY").is_some(),
            home: set("HOME").map(PathBuf::from),
            path: set("PATH"),
            proxies: Proxies::of_process(),
        }
    }

    /// The folder of Docker's settings; `None` without `DOCKER_CONFIG` and `HOME`.
    pub fn config_folder(&self) -> Option<PathBuf> {
        let default = || self.home.as_deref().map(|home: &Path| home.join(".docker"));
        self.docker_config.clone().or_else(default)
    }
}
