//! What Kubernetes itself has to say yes to, and what we tell it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Target;
use crate::cluster::Error;
use crate::cluster::context::Context;
use crate::cluster::steps::Running;
use crate::docker::dns::{self, Question, Reply, Unasked};
use crate::event::{Outcome, Step, StepKind};
use crate::kubernetes::Cluster;

/// Limits of the steps; a busy machine of two cores stays far below them.
const NODE_LIMIT: Duration = Duration::from_mins(3);
const DNS_LIMIT: Duration = Duration::from_mins(3);
const ACCOUNT_LIMIT: Duration = Duration::from_mins(1);
const HOSTING_LIMIT: Duration = Duration::from_secs(30);
/// How long a `StorageClass` is waited for; whoever has removed it did so on purpose.
const STORAGE_WITHIN: Duration = Duration::from_secs(15);
/// How often the DNS is asked by one command in the node.
const TRIES: u32 = 20;
/// Between two such commands.
const POLL: Duration = Duration::from_millis(100);
/// How long after the endpoint the node's rules for it may come; kube-proxy writes them at most once a second.
const RULES_WITHIN: Duration = Duration::from_secs(15);

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
        let published = CancellationToken::new();
        let publishing = async {
            cluster.dns_ready(|reason| running.waiting(reason)).await;
            running.waiting("the cluster's DNS is ready, and the node does not reach it yet");
            published.cancel();
        };
        tokio::join!(publishing, answers_in_node(cx, cluster, target, &published));
        Ok((Outcome::Verified, ()))
    };
    cx.steps.run(step, DNS_LIMIT, work).await
}

/// Waits until the DNS answers at its Service's address: what is published as an endpoint is of use to pods only when the node's
/// rules for Services lead there. Asked from early on, so that this costs no time of its own.
///
/// Before there are such rules, questions leave the machine, and some networks answer whatever is asked: only an address counts. A
/// cluster whose names end otherwise has none; that it has published its DNS is then all that can be told.
async fn answers_in_node(
    cx: &Context<'_>,
    cluster: &Cluster,
    target: &Target,
    published: &CancellationToken,
) {
    let Some(server) = cluster.dns_address().await else {
        return;
    };
    let questions = [Question {
        server: Some(server),
        name: "kubernetes.default.svc.cluster.local".to_owned(),
    }];
    let asking = async {
        loop {
            let replies = dns::ask(cx.engine(), &target.server.id, &questions, TRIES).await;
            match replies.first() {
                Some(Ok(Reply::Addresses(found))) if !found.is_empty() => return,
                Some(Err(Unasked::NoProgram)) | None => return,
                _ => tokio::time::sleep(POLL).await,
            }
        }
    };
    let long_published = async {
        published.cancelled().await;
        tokio::time::sleep(RULES_WITHIN).await;
    };
    tokio::select! {
        () = asking => {}
        () = long_published => {}
    }
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

/// Waits for the `StorageClass` that k3s makes some moments after the DNS: a volume that is claimed before it is there leaves the pod unscheduled,
/// for the scheduler does not look again when it comes.
pub(super) async fn storage(cluster: &Cluster, target: &Target) -> Result<(), Error> {
    if target.ours && target.storage {
        let _ = tokio::time::timeout(STORAGE_WITHIN, cluster.default_storage()).await;
    }
    Ok(())
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
