//! Charts: rendered by `helm template`, which is given a chart that lies here and asks neither the network nor a cluster.

mod error;
mod helm;
mod oci;

use std::path::{Path, PathBuf};

pub use error::Error;
pub use helm::Helm;

use crate::download::Cache;
use crate::project::deployment::Chart;

/// The objects of a chart as YAML. `namespace` is that of a chart that names none.
///
/// # Errors
/// When the chart cannot be had, or `helm` cannot be found or refuses it.
pub async fn render(
    helm: &Helm,
    chart: &Chart,
    namespace: Option<&str>,
    cache: &Cache,
) -> Result<String, Error> {
    let place = obtain(chart, cache).await?;
    let namespace = chart.namespace.as_deref().or(namespace).unwrap_or("default");
    helm.template(chart, &place, namespace).await
}

/// What `sha256` would be of a chart in a registry that is given by its version alone; `None` for any other, offline, and when the registry
/// does not answer.
pub async fn unwritten_sum(chart: &Chart, cache: &Cache) -> Option<String> {
    let name = chart.chart.strip_prefix("oci://")?;
    let version = chart.version.as_deref()?;
    if chart.sha256.is_some() || cache.offline {
        return None;
    }
    oci::resolve(name, version).await.ok()
}

/// Where the chart lies: its folder, or its archive in the cache.
///
/// # Errors
/// When it is not pinned or cannot be fetched.
pub async fn obtain(chart: &Chart, cache: &Cache) -> Result<PathBuf, Error> {
    if !chart.chart.contains("://") {
        let folder = Path::new(&chart.chart);
        return if folder.exists() {
            Ok(folder.to_owned())
        } else {
            Err(Error::Missing {
                path: folder.to_owned(),
            })
        };
    }
    let unpinned = || Error::Unpinned {
        chart: chart.chart.clone(),
    };
    let oci = chart.chart.strip_prefix("oci://");
    let got = match (oci, &chart.sha256, &chart.version) {
        (Some(name), Some(sha256), _) => oci::get(name, sha256, cache).await,
        // The version of a chart in a registry does not move either, but only the registry knows what it is.
        (Some(name), None, Some(version)) if !cache.offline => match oci::resolve(name, version).await {
            Ok(sha256) => oci::get(name, &sha256, cache).await,
            Err(error) => Err(error),
        },
        (None, Some(sha256), _) => cache.get(&chart.chart, sha256).await,
        _ => return Err(unpinned()),
    };
    got.map_err(|source| Error::Download(Box::new(source)))
}
