//! Docker contexts, as the docker CLI stores them: `contexts/meta/<sha256 of the name>/meta.json`.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{Environment, Error};
use crate::docker::config_file;
use crate::docker::error::one_line;
use crate::plain_line::plain_line;

/// What a context says about its engine.
#[derive(Debug)]
pub(super) struct Context {
    /// The address.
    pub(super) host: String,
    /// Whether certificates belong to it.
    pub(super) tls: bool,
}

/// The part of `config.json` that is about contexts.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    current_context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    #[serde(default)]
    name: String,
    #[serde(default)]
    endpoints: Endpoints,
}

#[derive(Default, Deserialize)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEndpoint {
    #[serde(default)]
    host: String,
}

/// The context that `docker context use` has chosen.
pub(super) fn current(environment: &Environment) -> Result<Option<String>, Error> {
    let Some(folder) = environment.config_folder() else {
        return Ok(None);
    };
    let settings: Settings = config_file::read(&folder)?;
    Ok(settings.current_context.filter(|name| !name.is_empty()))
}

/// The context of this name.
pub(super) fn load(name: &str, environment: &Environment) -> Result<Context, Error> {
    let folder = environment.config_folder().unwrap_or_default().join("contexts");
    let id = hex(&Sha256::digest(name.as_bytes()));
    let path = folder.join("meta").join(&id).join("meta.json");
    let broken = |reason: String| Error::Context {
        name: plain_line(name),
        path: path.clone(),
        reason: one_line(&reason),
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(Error::NoContext {
                name: plain_line(name),
                known: known(&folder),
            });
        }
        Err(error) => return Err(broken(error.to_string())),
    };
    let meta: Meta = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
    let host = meta
        .endpoints
        .docker
        .map(|docker| docker.host)
        .unwrap_or_default();
    if host.is_empty() {
        return Err(broken("it names no Docker endpoint".to_owned()));
    }
    let tls = folder.join("tls").join(&id).join("docker").is_dir();
    Ok(Context { host, tls })
}

/// The names of the contexts that are there, for the message when one is not.
fn known(folder: &Path) -> Vec<String> {
    let name = |path: PathBuf| {
        let text = fs::read_to_string(path.join("meta.json")).ok()?;
        let meta: Meta = serde_json::from_str(&text).ok()?;
        (!meta.name.is_empty()).then(|| plain_line(&meta.name))
    };
    let mut names = vec![super::DEFAULT_CONTEXT.to_owned()];
    if let Ok(entries) = fs::read_dir(folder.join("meta")) {
        names.extend(entries.flatten().filter_map(|entry| name(entry.path())));
    }
    names.sort();
    names
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
