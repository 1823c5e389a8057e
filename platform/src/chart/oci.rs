//! Charts that a registry keeps: the archive is a layer, and its digest is the SHA-256 that may be written down.

use std::path::PathBuf;

use serde::Deserialize;

use crate::docker::endpoint::Environment;
use crate::download::{Cache, Error, Part};
use crate::image::registry::Repository;

/// The media type of a chart's archive.
const ARCHIVE: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
}

/// The chart `name` (`registry.example/charts/kgateway`), whose archive has that SHA-256: the one that is here, or else fetched.
pub(super) async fn get(name: &str, sha256: &str, cache: &Cache) -> Result<PathBuf, Error> {
    let url = format!("oci://{name}");
    let fetch = async |part: &mut Part| {
        let repository = repository(name)?;
        let reading = repository.open(&format!("sha256:{sha256}")).await;
        let mut reading = reading.map_err(|error| unanswered(name, error))?;
        while let Some(bytes) = reading.next().await.map_err(|error| unanswered(name, error))? {
            part.write(&bytes).await?;
        }
        Ok(())
    };
    cache.get_by(&url, sha256, fetch).await
}

/// The SHA-256 of the archive of that version.
pub(super) async fn resolve(name: &str, version: &str) -> Result<String, Error> {
    // A tag knows no `+`.
    let tag = version.replace('+', "_");
    let manifest = repository(name)?.manifest(&tag).await;
    let manifest = manifest.map_err(|error| unanswered(name, error))?;
    let manifest = manifest.ok_or_else(|| Error::Refused {
        url: format!("oci://{name}:{tag}"),
        status: 404,
    })?;
    let document: Option<Manifest> = serde_json::from_slice(&manifest.content).ok();
    let layers = document.map(|document| document.layers).unwrap_or_default();
    let archive = layers.into_iter().find(|layer| layer.media_type == ARCHIVE);
    let digest = archive.and_then(|layer| layer.digest.strip_prefix("sha256:").map(str::to_owned));
    digest.ok_or_else(|| Error::Url {
        url: format!("oci://{name}:{tag}"),
        reason: "it is no chart",
    })
}

fn repository(name: &str) -> Result<Repository, Error> {
    let (registry, path) = name.split_once('/').ok_or_else(|| Error::Url {
        url: format!("oci://{name}"),
        reason: "it names no chart in a registry",
    })?;
    Repository::of(registry, path, Environment::of_process()).map_err(|error| unanswered(name, error))
}

fn unanswered(name: &str, error: crate::image::Error) -> Error {
    Error::Unanswered {
        url: format!("oci://{name}"),
        source: Box::new(error),
    }
}
