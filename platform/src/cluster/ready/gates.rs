//! What Kubernetes itself has to say yes to, and what we tell it.

use std::time::Duration;

use super::Target;
use crate::cluster::Error;
use crate::cluster::context::Context;
use crate::cluster::steps::Running;
use crate::event::{Outcome, Step, StepKind};
use crate::kubernetes::Cluster;

/// Limits of the steps; a busy machine of two cores stays far below them.
const NODE_LIMIT: Duration = Duration::from_mins(3);
const DNS_LIMIT: Duration = Duration::from_mins(3);
const ACCOUNT_LIMIT: Duration = Duration::from_mins(1);
const HOSTING_LIMIT: Duration = Duration::from_secs(30);

pub(super) async fn node(
    cx: &Context<'_>,
    cluster: &Cluster,
    node: &str,
    uncordon: bool,
) -> Result<(), Error> {
    let step = Step::new(StepKind::NodeReady, node);
    let names = [node.to_owned()];
    let work = async |running: &Running| {
        cluster
            .nodes_ready(&names, |reason| running.waiting(reason))
            .await;
        if uncordon && cluster.uncordon(node).await? {
            return Ok((Outcome::Repaired, ()));
        }
        Ok((Outcome::Verified, ()))
    };
    cx.steps.run(step, NODE_LIMIT, work).await
}

pub(super) async fn dns(cx: &Context<'_>, cluster: &Cluster, target: &Target) -> Result<(), Error> {
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

/// Lets pods find this machine by its name; as early as can be, for DNS reads it when it starts.
pub(super) async fn host_alias(cluster: &Cluster, target: &Target) -> Result<(), Error> {
    if let Some(address) = target.gateway.filter(|_| target.ours && target.dns) {
        cluster.ensure_host_alias(address).await?;
    }
    Ok(())
}

pub(super) async fn service_account(cx: &Context<'_>, cluster: &Cluster) -> Result<(), Error> {
    let step = Step::new(StepKind::ServiceAccount, "default");
    let work = async |running: &Running| {
        cluster.service_account(|reason| running.waiting(reason)).await;
        Ok((Outcome::Verified, ()))
    };
    cx.steps.run(step, ACCOUNT_LIMIT, work).await
}

/// Tells other tools about the registry.
pub(super) async fn hosting(cx: &Context<'_>, cluster: &Cluster, target: &Target) -> Result<(), Error> {
    let Some(registry) = target.registry.as_ref().filter(|_| target.ours) else {
        return Ok(());
    };
    let step = Step::new(StepKind::RegistryHosting, "kube-public/local-registry-hosting");
    let work = async |_: &Running| Ok((cluster.write_hosting(&registry.hosting()).await?, ()));
    cx.steps.run(step, HOSTING_LIMIT, work).await
}
