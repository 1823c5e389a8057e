//! The kubeconfig that a server writes, as this machine can use it.

use super::node::KUBECONFIG;
use super::{Error, Name};
use crate::docker::{Engine, archive};
use crate::kubeconfig::Entry;

/// The kubeconfig entry that the container `server` has written, with the API server at `url`; `None` if it has not yet.
pub(crate) async fn entry(
    engine: &Engine,
    server: &str,
    name: &Name,
    url: &str,
) -> Result<Option<Entry>, Error> {
    let yaml = archive::get(engine, server, KUBECONFIG).await?;
    let Some(yaml) = yaml.filter(|yaml| !yaml.is_empty()) else {
        return Ok(None);
    };
    Ok(Some(Entry::from_node(&yaml, name, url)?))
}
