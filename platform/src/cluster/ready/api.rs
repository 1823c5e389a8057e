//! The Kubernetes API server, and the kubeconfig that the first server writes for it.

use std::time::Duration;

use super::Target;
use crate::cluster::context::Context;
use crate::cluster::node::KUBECONFIG;
use crate::cluster::steps::Running;
use crate::cluster::{Error, access};
use crate::event::{Outcome, Step, StepKind};
use crate::kubeconfig::Entry;
use crate::kubernetes;

/// A busy machine of two cores stays far below it.
const LIMIT: Duration = Duration::from_mins(3);
/// How often a node is asked for its kubeconfig.
const POLL: Duration = Duration::from_millis(100);
/// How often it is looked whether a node has written another kubeconfig than the one it had.
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// Waits until the API server answers, asked with the entry as soon as the node has written it.
pub(super) async fn ready(cx: &Context<'_>, target: &Target) -> Result<(Entry, kubernetes::Cluster), Error> {
    let step = Step::new(StepKind::Api, target.url.clone());
    let work = async |running: &Running| {
        let mut entry = first_entry(cx, target, running).await?;
        loop {
            let cluster = kubernetes::Cluster::connect(&entry)?;
            tokio::select! {
                () = cluster.api_ready(|reason| running.waiting(reason)) => {}
                // A node that was stopped has that of its last life until it writes another.
                changed = other_entry(cx, target, &entry) => {
                    entry = changed;
                    continue;
                }
            }
            // The certificates in it may have been renewed while those of before are still good.
            let last = if target.uncordon {
                self::entry(cx, target).await?
            } else {
                None
            };
            return Ok(match last.filter(|last| *last != entry) {
                Some(last) => (
                    Outcome::Verified,
                    (last.clone(), kubernetes::Cluster::connect(&last)?),
                ),
                None => (Outcome::Verified, (entry, cluster)),
            });
        }
    };
    cx.steps.run(step, LIMIT, work).await
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
pub(in crate::cluster) async fn entry(cx: &Context<'_>, target: &Target) -> Result<Option<Entry>, Error> {
    access::entry(cx.engine(), &target.server.id, cx.name, &target.url).await
}
