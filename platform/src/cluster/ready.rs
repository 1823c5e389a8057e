//! Ready means ready: what has to be so before a cluster is called usable, each a step of its own.

mod registry;
mod target;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::node::KUBECONFIG;
use super::steps::Running;
use super::{Error, Spec};
use crate::docker::archive;
use crate::event::{Outcome, Step, StepKind};
use crate::kubeconfig::{Entry, Merged};
use crate::kubernetes;
pub(super) use target::{RegistryTarget, Target};

/// Limits of the steps; a busy machine of two cores stays far below them.
const API_LIMIT: Duration = Duration::from_mins(3);
const NODE_LIMIT: Duration = Duration::from_mins(3);
const DNS_LIMIT: Duration = Duration::from_mins(3);
const ACCOUNT_LIMIT: Duration = Duration::from_mins(1);
const KUBECONFIG_LIMIT: Duration = Duration::from_secs(30);
/// What an API server that is well takes much less than.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How often a node is asked for its kubeconfig.
const POLL: Duration = Duration::from_millis(100);
/// How often it is looked whether a node has written another kubeconfig than the one it had.
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// Waits until the cluster is usable; `registry_runs` tells when its registry's container was started.
pub(super) async fn wait(
    cx: &Context<'_>,
    target: &Target,
    registry_runs: &CancellationToken,
) -> Result<Entry, Error> {
    let (entry, cluster) = api(cx, target).await?;
    let nodes =
        futures_util::future::try_join_all(target.nodes.iter().map(|node| node_ready(cx, &cluster, node)));
    let registry = async {
        registry_runs.cancelled().await;
        registry::from_node(cx, target).await?;
        Ok(())
    };
    tokio::try_join!(nodes, dns(cx, &cluster, target), account(cx, &cluster), registry)?;
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
    let disabled = |argument: &str| {
        let what = argument.strip_prefix("--disable=").unwrap_or(argument);
        what.split(',').any(|what| what == "coredns")
    };
    !spec.args.iter().any(|entry| disabled(&entry.argument))
}

/// Waits until the registry answers, asked from this machine.
pub(super) async fn registry_from_host(cx: &Context<'_>, registry: &RegistryTarget) -> Result<(), Error> {
    registry::from_host(cx, registry).await
}

/// The entry is read as soon as the node has written it, and asked with until the API server answers.
async fn api(cx: &Context<'_>, target: &Target) -> Result<(Entry, kubernetes::Cluster), Error> {
    let step = Step::new(StepKind::Api, target.url.clone());
    let work = async |running: &Running| {
        let mut entry = first_entry(cx, target, running).await?;
        loop {
            let cluster = kubernetes::Cluster::connect(&entry)?;
            tokio::select! {
                () = cluster.api_ready(|reason| running.waiting(reason)) => return Ok((Outcome::Verified, (entry, cluster))),
                // A node that was stopped has that of its last life until it writes another.
                changed = other_entry(cx, target, &entry) => entry = changed,
            }
        }
    };
    cx.steps.run(step, API_LIMIT, work).await
}

async fn first_entry(cx: &Context<'_>, target: &Target, running: &Running) -> Result<Entry, Error> {
    loop {
        match entry(cx, target).await {
            Ok(Some(entry)) => return Ok(entry),
            Ok(None) => running.waiting(format!("{} has not written {KUBECONFIG} yet", target.server.name)),
            // While it is being written it is not whole.
            Err(Error::Kubeconfig(error)) => running.waiting(error.to_string()),
            Err(error) => return Err(error),
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn other_entry(cx: &Context<'_>, target: &Target, known: &Entry) -> Entry {
    loop {
        tokio::time::sleep(SECOND_LOOK).await;
        match entry(cx, target).await {
            Ok(Some(entry)) if entry != *known => return entry,
            // What is wrong with the container is told by those who watch it.
            _ => {}
        }
    }
}

/// The kubeconfig entry that the first server has written; `None` if it has not yet.
pub(super) async fn entry(cx: &Context<'_>, target: &Target) -> Result<Option<Entry>, Error> {
    let yaml = archive::get(cx.engine(), &target.server.id, KUBECONFIG).await?;
    let Some(yaml) = yaml.filter(|yaml| !yaml.is_empty()) else {
        return Ok(None);
    };
    Ok(Some(Entry::from_node(&yaml, cx.name, &target.url)?))
}

async fn node_ready(cx: &Context<'_>, cluster: &kubernetes::Cluster, node: &str) -> Result<(), Error> {
    let step = Step::new(StepKind::NodeReady, node);
    let work = async |running: &Running| {
        cluster
            .nodes_ready(&[node.to_owned()], |reason| running.waiting(reason))
            .await;
        Ok((Outcome::Verified, ()))
    };
    cx.steps.run(step, NODE_LIMIT, work).await
}

async fn dns(cx: &Context<'_>, cluster: &kubernetes::Cluster, target: &Target) -> Result<(), Error> {
    if !target.dns {
        return Ok(());
    }
    let step = Step::new(StepKind::Dns, "coredns");
    let work = async |running: &Running| {
        cluster.dns_ready(|reason| running.waiting(reason)).await;
        Ok((Outcome::Verified, ()))
    };
    cx.steps.run(step, DNS_LIMIT, work).await
}

async fn account(cx: &Context<'_>, cluster: &kubernetes::Cluster) -> Result<(), Error> {
    let step = Step::new(StepKind::ServiceAccount, "default");
    let work = async |running: &Running| {
        cluster.service_account(|reason| running.waiting(reason)).await;
        Ok((Outcome::Verified, ()))
    };
    cx.steps.run(step, ACCOUNT_LIMIT, work).await
}

/// Puts the entry into the kubeconfig.
pub(super) async fn merge(cx: &Context<'_>, entry: &Entry, switch: bool) -> Result<Merged, Error> {
    let location = cx.setup.kubeconfig.clone();
    let file = location
        .files()
        .first()
        .map(|file| file.display().to_string())
        .unwrap_or_default();
    let step = Step::new(StepKind::Kubeconfig, file);
    let entry = entry.clone();
    let work = async |_: &Running| {
        // It waits for other processes' locks and for the disk.
        let merging = tokio::task::spawn_blocking(move || location.merge(&entry, switch));
        let merged = super::steps::joined(merging.await)?;
        let outcome = if merged.changed {
            Outcome::Repaired
        } else {
            Outcome::Unchanged
        };
        Ok((outcome, merged))
    };
    cx.steps.run(step, KUBECONFIG_LIMIT, work).await
}
