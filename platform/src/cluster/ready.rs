//! Ready means ready: what has to be so before a cluster is called usable, each a step of its own.

mod api;
mod gates;
mod merge;
mod registry;
mod starts;
mod target;

use std::time::Duration;

use futures_util::future::try_join_all;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::{Error, Spec};
use crate::kubeconfig::Entry;
use crate::kubernetes;

pub(super) use api::entry;
pub(super) use merge::merge;
pub(super) use target::{RegistryTarget, Target};

/// What an API server that is well takes much less than.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Waits until the cluster is usable; `registry_runs` tells when its registry's container was started.
pub(super) async fn wait(
    cx: &Context<'_>,
    target: &Target,
    registry_runs: &CancellationToken,
) -> Result<Entry, Error> {
    let (entry, cluster) = api::ready(cx, target).await?;
    let cluster = cluster.started(starts::of(cx, &target.nodes).await?);
    let nodes = target
        .nodes
        .iter()
        .map(|node| gates::node(cx, &cluster, node, target.uncordon));
    let registry = async {
        registry_runs.cancelled().await;
        registry::from_node(cx, target).await
    };
    tokio::try_join!(
        try_join_all(nodes),
        gates::host_alias(&cluster, target),
        gates::dns(cx, &cluster, target),
        gates::service_account(cx, &cluster),
        gates::storage(&cluster, target),
        gates::hosting(cx, &cluster, target),
        registry,
    )?;
    Ok(entry)
}

/// Whether an API server answers at once.
pub(super) async fn answers(entry: &Entry) -> bool {
    match kubernetes::Cluster::connect(entry) {
        Ok(cluster) => cluster.probe_api(AT_ONCE).await.is_ok(),
        Err(_) => false,
    }
}

/// Whether the nodes' arguments leave the cluster its DNS.
pub(super) fn has_dns(spec: &Spec) -> bool {
    has(spec, "coredns")
}

/// Whether the nodes' arguments leave the cluster k3s's own `StorageClass`.
pub(super) fn has_storage(spec: &Spec) -> bool {
    has(spec, "local-storage")
}

fn has(spec: &Spec, part: &str) -> bool {
    let disabled = |argument: &str| {
        let what = argument.strip_prefix("--disable=").unwrap_or(argument);
        what.split(',').any(|what| what == part)
    };
    !spec.args.iter().any(|entry| disabled(&entry.argument))
}

/// Waits until the registry answers, asked from this machine.
pub(super) async fn registry_from_host(cx: &Context<'_>, registry: &RegistryTarget) -> Result<(), Error> {
    registry::from_host(cx, registry).await
}
