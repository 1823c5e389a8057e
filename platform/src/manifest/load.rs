//! All manifests of a component: its folder, what is downloaded, what charts make, and the overlays in effect.

use std::path::{Path, PathBuf};

use super::file::{self, Written};
use super::overlay::Objects;
use super::{Error, Object};
use crate::chart::{self, Helm};
use crate::download::Cache;
use crate::project::deployment::{Chart, Deployment, Download};

/// The objects of a component with `overlays` in effect, laid over each other in this order.
///
/// Files of the folder, downloads and charts are the base, in which no object may be twice. Each overlay is the subfolder of its name, if there is one.
/// Objects that are namespaced for sure and name no namespace get the component's; see [`Object::needs_namespace`] for the others.
///
/// # Errors
/// The first thing that is wrong, with file, line and column; a download or chart that cannot be had.
pub async fn load(deployment: &Deployment, overlays: &[String], cache: &Cache) -> Result<Vec<Object>, Error> {
    let in_effect = |overlay: &Option<String>| overlay.as_ref().is_none_or(|name| overlays.contains(name));
    let namespace = deployment.namespace.as_deref();
    let folder = deployment.manifests.as_deref();
    let mut base = match folder {
        Some(folder) => read_folder(folder)?,
        None => Vec::new(),
    };
    for download in deployment.downloads.iter().filter(|it| in_effect(&it.overlay)) {
        base.extend(read_download(download, cache).await?);
    }
    for chart in deployment.charts.iter().filter(|it| in_effect(&it.overlay)) {
        let helm = Helm::standard(folder);
        base.extend(read_chart(&helm, chart, namespace, cache).await?);
    }
    let mut objects = Objects::base(base, namespace)?;
    let mut found = false;
    for overlay in overlays {
        let Some(folder) = folder.map(|folder| folder.join(overlay)) else {
            continue;
        };
        if folder.is_dir() {
            found = true;
            objects.lay(read_folder(&folder)?)?;
        }
    }
    let objects = objects.finish();
    match folder {
        Some(folder) if objects.is_empty() && !found => Err(Error::Empty {
            folder: folder.to_owned(),
        }),
        _ => Ok(objects),
    }
}

/// The objects that a component's own folder and its overlays make: what one talks to. Downloads and charts (CRDs, controllers) are
/// had only where the folder makes no sense without them.
///
/// # Errors
/// As [`load`].
pub async fn load_own(
    deployment: &Deployment,
    overlays: &[String],
    cache: &Cache,
) -> Result<Vec<Object>, Error> {
    let own = Deployment {
        downloads: Vec::new(),
        charts: Vec::new(),
        ..deployment.clone()
    };
    match Box::pin(load(&own, overlays, cache)).await {
        Ok(objects) => Ok(objects),
        Err(_) => Box::pin(load(deployment, overlays, cache)).await,
    }
}

fn read_folder(folder: &Path) -> Result<Vec<Written>, Error> {
    let mut written = Vec::new();
    for path in paths(folder)? {
        written.extend(file::read(&path)?);
    }
    Ok(written)
}

async fn read_download(download: &Download, cache: &Cache) -> Result<Vec<Written>, Error> {
    let place = cache.get(&download.url, &download.sha256).await;
    let place = place.map_err(|source| Error::Download {
        url: download.url.clone(),
        source: Box::new(source),
    })?;
    let text = std::fs::read_to_string(&place).map_err(|source| Error::Read { path: place, source })?;
    file::parse(download.url.clone(), text)
}

async fn read_chart(
    helm: &Helm,
    chart: &Chart,
    namespace: Option<&str>,
    cache: &Cache,
) -> Result<Vec<Written>, Error> {
    let text = chart::render(helm, chart, namespace, cache).await;
    let text = text.map_err(|source| Error::Chart {
        name: chart.name.clone(),
        source: Box::new(source),
    })?;
    file::parse(format!("chart {}", chart.name), text)
}

/// The manifests directly in a folder, by name.
fn paths(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |source| Error::Read {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && matches!(extension, Some("yaml" | "yml" | "json")) && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests;
