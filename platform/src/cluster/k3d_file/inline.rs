//! `registries.config`: what k3d hands to k3s as `registries.yaml`, of which the mirrors are understood.

use std::path::Path;

use serde::Deserialize;

use super::refused::Refused;
use crate::cluster::spec::{Invalid, Mirror, text};
use crate::project::yaml::{Complaint, Ordered, Spanned, complaint};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    mirrors: Option<Ordered<Entry>>,
    configs: Option<Spanned<Refused>>,
    auths: Option<Spanned<Refused>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    endpoint: Option<Vec<Spanned<String>>>,
    rewrite: Option<Spanned<Refused>>,
}

/// Why a node gets no secrets.
const SECRETS: &str = "credentials and certificates for registries are not handed to nodes";

/// The mirrors, from the text itself or from the file it names (relative to `folder`).
pub(super) fn mirrors(config: &str, folder: &Path) -> Result<Vec<(String, Mirror)>, Invalid> {
    // The contents have a colon behind a key; a path in one line has none with a blank or line end behind it.
    let is_content = config.contains('\n') || config.trim_end().ends_with(':') || config.contains(": ");
    if is_content {
        return parse(config)
            .map_err(|(place, message)| Invalid::new(format!("in line {} of it: {message}", place.line())));
    }
    let file = folder.join(config);
    let content = std::fs::read_to_string(&file)
        .map_err(|error| Invalid::new(format!("cannot read {}: {error}", file.display())))?;
    parse(&content).map_err(|(place, message)| {
        Invalid::new(format!(
            "{}:{}:{}: {message}",
            file.display(),
            place.line(),
            place.column()
        ))
    })
}

fn parse(content: &str) -> Result<Vec<(String, Mirror)>, Complaint> {
    let config: Option<Config> = serde_saphyr::from_str(content).map_err(|error| complaint(&error))?;
    let Some(config) = config else {
        return Ok(Vec::new());
    };
    for (key, value) in [("configs", &config.configs), ("auths", &config.auths)] {
        Refused::complain(key, value.as_ref(), SECRETS)?;
    }
    let mut mirrors = Vec::new();
    for (host, entry) in config.mirrors.map_or_else(Vec::new, |mirrors| mirrors.0) {
        let place = host.referenced;
        let host = text::mirrored_host(&host.value).map_err(|error| (place, error.to_string()))?;
        let Some(Entry { endpoint, rewrite }) = entry else {
            continue;
        };
        Refused::complain("rewrite", rewrite.as_ref(), "names of images stay as they are")?;
        let mut urls = Vec::new();
        for url in endpoint.unwrap_or_default() {
            let checked = text::registry_url(&url.value);
            urls.push(checked.map_err(|error| (url.referenced, error.to_string()))?);
        }
        if !urls.is_empty() {
            mirrors.push((host, Mirror::Endpoints(urls)));
        }
    }
    Ok(mirrors)
}
