//! From a cluster that was looked up to its Kubernetes API, without asking any kubeconfig.

use crate::causes::chain;
use crate::cluster::{Found, Name, State};
use crate::docker::{Engine, archive};
use crate::kubeconfig::Entry;
use crate::kubernetes;

/// Where a node writes its kubeconfig.
const KUBECONFIG: &str = "/output/kubeconfig.yaml";

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
    let (host, port) = found.api().ok_or("the API server publishes no port")?;
    let yaml = archive::get(engine, &server.id, KUBECONFIG)
        .await
        .map_err(|error| chain(&error))?;
    let yaml = yaml.ok_or_else(|| format!("{} has not written its kubeconfig yet", server.name))?;
    Entry::from_node(&yaml, &name, &format!("https://{host}:{port}")).map_err(|error| chain(&error))
}
