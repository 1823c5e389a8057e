//! Takes back what an operation that did not succeed has made, and nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use super::context::Context;
use super::found::{self, Role};
use super::{container, network, volume};
use crate::event::{Outcome, Step, StepKind};

/// Nobody waits longer for an end.
const LIMIT: Duration = Duration::from_secs(10);

/// What there was before.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    /// Ids of containers.
    pub(super) containers: BTreeSet<String>,
    /// The cluster's own network was there, or it joins another.
    pub(super) network: bool,
    /// Names of volumes.
    pub(super) volumes: BTreeSet<String>,
}

/// Removes what is there and was not before. What cannot be removed is left to the next run, which repairs or deletes it.
pub(super) async fn undo(cx: &Context<'_>, before: &Before) {
    let steps = cx.steps.clearing(LIMIT);
    let cx = Context { steps: &steps, ..*cx };
    // An engine that is gone or too slow keeps what it has.
    drop(tokio::time::timeout(LIMIT, take_back(&cx, before)).await);
}

async fn take_back(cx: &Context<'_>, before: &Before) {
    // What is being made at this moment has to be there before it can be looked for.
    cx.steps.settled().await;
    let Ok(containers) = found::containers(cx.engine()).await else {
        return;
    };
    let new = containers.iter().filter(|container| {
        container.cluster() == Some(cx.name.as_str()) && !before.containers.contains(&container.id)
    });
    let removals = new.map(|made| async {
        let kind = if made.role == Role::Registry {
            StepKind::Registry
        } else {
            StepKind::Node
        };
        if container::remove(cx.steps, cx.engine(), &made.id, &made.name)
            .await
            .is_ok()
        {
            cx.steps
                .done(Step::new(kind, made.name.clone()), Outcome::Removed);
        }
    });
    futures_util::future::join_all(removals).await;
    tokio::join!(take_back_network(cx, before), take_back_volumes(cx, before));
}

async fn take_back_network(cx: &Context<'_>, before: &Before) {
    let name = cx.name.context();
    if before.network {
        return;
    }
    if let Ok(Some(made)) = network::find(cx.engine(), &name, cx.name).await
        && !made.external
        && network::remove(cx.steps, cx.engine(), &made.id, &name)
            .await
            .is_ok()
    {
        cx.steps
            .done(Step::new(StepKind::Network, name), Outcome::Removed);
    }
}

async fn take_back_volumes(cx: &Context<'_>, before: &Before) {
    let Ok(volumes) = volume::of_cluster(cx.engine(), cx.name).await else {
        return;
    };
    for made in volumes
        .into_iter()
        .filter(|made| !before.volumes.contains(&made.name))
    {
        if volume::remove(cx.steps, cx.engine(), &made.name).await.is_ok() {
            cx.steps
                .done(Step::new(StepKind::Volume, made.name), Outcome::Removed);
        }
    }
}
