//! The cluster's entries in the kubeconfig.

use std::time::Duration;

use crate::cluster::Error;
use crate::cluster::context::Context;
use crate::cluster::steps::{self, Running};
use crate::event::{Outcome, Step, StepKind};
use crate::kubeconfig::{Entry, Merged};
use crate::profile;

/// Longer than somebody else's lock is waited for.
const LIMIT: Duration = Duration::from_secs(30);

/// Puts the entry into the kubeconfig; with `switch` its context becomes the current one.
pub(in crate::cluster) async fn merge(
    cx: &Context<'_>,
    entry: &Entry,
    switch: bool,
) -> Result<Merged, Error> {
    let location = cx.setup.kubeconfig.clone();
    let first = location.files().first();
    let file = first.map(|file| file.display().to_string()).unwrap_or_default();
    let (entry, state_dir, name) = (entry.clone(), cx.setup.state_dir.clone(), cx.name.clone());
    let work = async |_: &Running| {
        // It waits for other processes' locks and for the disk.
        let merging = tokio::task::spawn_blocking(move || {
            let merged = location.merge(&entry, switch);
            // Where it cannot be noted, deployments trust the cluster as one of this machine that ratectl has not made.
            drop(profile::remember_own(&state_dir, &name, &entry));
            merged
        });
        let merged = steps::joined(merging.await)?;
        let outcome = if merged.changed {
            Outcome::Repaired
        } else {
            Outcome::Unchanged
        };
        Ok((outcome, merged))
    };
    cx.steps
        .run(Step::new(StepKind::Kubeconfig, file), LIMIT, work)
        .await
}
