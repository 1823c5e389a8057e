//! From a cluster that was looked up to its Kubernetes API, without asking any kubeconfig.

use crate::causes::chain;
use crate::cluster::{Found, Name, State, access};
use crate::docker::Engine;
use crate::kubeconfig::Entry;
use crate::kubernetes;

/// A connection to the API server of a running server.
///
/// # Errors
/// With one sentence when no server runs, or what it has written cannot be used.
pub(crate) async fn connect(engine: &Engine, found: &Found) -> Result<kubernetes::Cluster, String> {
    let entry = entry(engine, found).await?;
    kubernetes::Cluster::connect(&entry).map_err(|error| chain(&error))
}

async fn entry(engine: &Engine, found: &Found) -> Result<Entry, String> {
    let name = Name::try_from(found.name.clone()).map_err(|error| error.to_string())?;
    let server = found.servers().find(|server| server.state == State::Running);
    let server = server.ok_or("no server runs")?;
    let url = found.api_url().ok_or("the API server publishes no port")?;
    let entry = access::entry(engine, &server.id, &name, &url).await;
    let entry = entry.map_err(|error| chain(&error))?;
    entry.ok_or_else(|| format!("{} has not written its kubeconfig yet", server.name))
}
