//! Deletes a cluster with everything that belongs to it.

use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::Instant;

use super::context::Context;
use super::found::{self, Container, Found, Role};
use super::report::{Deleted, Kept};
use super::steps::{Running, Steps, joined};
use super::{DeleteOptions, Error, Maker, Name, Setup, container, lock, network, start, volume};
use crate::docker::Cause;
use crate::event::{Outcome, Step, StepKind, millis};
use crate::profile;

/// For one container, network or volume; a large node takes its time to be cleared away.
const LIMIT: Duration = Duration::from_mins(2);
const KUBECONFIG_LIMIT: Duration = Duration::from_secs(30);

/// What was removed and what was not.
#[derive(Debug, Default)]
struct Tally {
    removed: Vec<String>,
    kept: Vec<Kept>,
}

/// Deletes a cluster: containers with their volumes, network, volume for images, kubeconfig entries. The registry's data stay unless
/// everything is asked for. Where there is no cluster, what is left of one goes, and that there was nothing is no error.
///
/// # Errors
/// [`Error::Foreign`] for a cluster that we did not make, unless that is asked for; otherwise what failed, with the cause.
pub async fn delete(setup: &Setup, name: &Name, options: &DeleteOptions) -> Result<Deleted, Error> {
    let began = Instant::now();
    let steps = Steps::new(setup, name, options.timeout);
    let cx = Context {
        setup,
        steps: &steps,
        name,
    };
    let _lock = lock::take(&cx, "delete-cluster", options.wait_for_lock).await?;
    let everything = steps
        .unless_cancelled(async { Ok(found::containers(cx.engine()).await?) })
        .await?;
    let found = found::clusters(everything.clone())
        .into_iter()
        .find(|found| found.name == name.as_str());
    let found = found.unwrap_or_default();
    if found.containers().next().is_some() {
        let maker = found.made_by();
        if maker != Maker::Ratectl && !options.force {
            return Err(Error::Foreign {
                name: name.clone(),
                maker,
            });
        }
    }
    let mut tally = Tally {
        removed: containers(&cx, &found).await?,
        kept: Vec::new(),
    };
    own_network(&cx, &found, &everything, &mut tally).await?;
    volumes(&cx, &found, options.all, &mut tally).await?;
    let (kubeconfigs, was_current_context) = kubeconfig(&cx).await?;
    let nothing = tally.removed.is_empty() && kubeconfigs.is_empty();
    Ok(Deleted {
        name: name.clone(),
        outcome: if nothing {
            Outcome::Unchanged
        } else {
            Outcome::Removed
        },
        removed: tally.removed,
        kept: tally.kept,
        kubeconfigs,
        was_current_context,
        after_ms: millis(began.elapsed()),
    })
}

/// Removes all containers of a cluster, side by side; answers their names.
pub(super) async fn containers(cx: &Context<'_>, found: &Found) -> Result<Vec<String>, Error> {
    let each = found.containers().map(|there| async move {
        let step = Step::new(start::kind(there), there.name.clone());
        let work = async |_: &Running| {
            container::remove(cx.steps, cx.engine(), &there.id, &there.name).await?;
            Ok((Outcome::Removed, format!("container {}", there.name)))
        };
        cx.steps.run(step, LIMIT, work).await
    });
    try_join_all(each).await
}

/// Removes the cluster's own network, unless somebody else's containers are on it.
async fn own_network(
    cx: &Context<'_>,
    found: &Found,
    everything: &[Container],
    tally: &mut Tally,
) -> Result<(), Error> {
    let own = cx.name.context();
    let labelled = found
        .network()
        .filter(|(_, external)| !external)
        .map(|(name, _)| name.to_owned());
    let name = labelled.unwrap_or(own);
    let found_network = cx
        .steps
        .unless_cancelled(async { Ok(network::find(cx.engine(), &name, cx.name).await?) })
        .await?;
    let Some(there) = found_network else { return Ok(()) };
    let external = found
        .network()
        .is_some_and(|(labelled, external)| labelled == name && external);
    // Without a container that says so, only our own label tells whose it is.
    if external || there.external && found.network().is_none() {
        return Ok(());
    }
    let step = Step::new(StepKind::Network, name.clone());
    let work = async |_: &Running| {
        // Registries of other clusters only visit.
        let visitors = everything
            .iter()
            .filter(|visitor| visitor.role == Role::Registry && visitor.networks.contains_key(&name));
        for visitor in visitors.filter(|visitor| visitor.cluster() != Some(cx.name.as_str())) {
            network::leave(cx.steps, cx.engine(), &there.id, &visitor.id).await?;
        }
        let others = network::members(cx.engine(), &there.id).await?;
        if !others.is_empty() {
            return Ok((Outcome::Unchanged, Some(others)));
        }
        network::remove(cx.steps, cx.engine(), &there.id, &name).await?;
        Ok((Outcome::Removed, None))
    };
    match cx.steps.run(step, LIMIT, work).await? {
        None => tally.removed.push(format!("network {name}")),
        Some(others) => tally.kept.push(Kept {
            what: format!("network {name}"),
            why: format!("it is used by {}", others.join(", ")),
        }),
    }
    Ok(())
}

async fn volumes(cx: &Context<'_>, found: &Found, all: bool, tally: &mut Tally) -> Result<(), Error> {
    let there = cx
        .steps
        .unless_cancelled(async { Ok(volume::of_cluster(cx.engine(), cx.name).await?) })
        .await?;
    let registries = |name: &str| found.registries.iter().any(|registry| registry.name == name);
    for there in there {
        let data = there.data || registries(&there.name);
        if data && !all {
            tally.kept.push(Kept {
                what: format!("volume {}", there.name),
                why: "the registry's images are in it".to_owned(),
            });
            continue;
        }
        let step = Step::new(StepKind::Volume, there.name.clone());
        let work = async |_: &Running| match volume::remove(cx.steps, cx.engine(), &there.name).await {
            Ok(()) => Ok((Outcome::Removed, true)),
            Err(error) if matches!(error.cause(), Some(Cause::InUse)) => Ok((Outcome::Unchanged, false)),
            Err(error) => Err(error.into()),
        };
        let what = format!("volume {}", there.name);
        if cx.steps.run(step, LIMIT, work).await? {
            tally.removed.push(what);
        } else {
            tally.kept.push(Kept {
                what,
                why: "a container of somebody else uses it".to_owned(),
            });
        }
    }
    Ok(())
}

async fn kubeconfig(cx: &Context<'_>) -> Result<(Vec<PathBuf>, bool), Error> {
    let location = cx.setup.kubeconfig.clone();
    let file = location
        .files()
        .first()
        .map(|file| file.display().to_string())
        .unwrap_or_default();
    let (state_dir, name) = (cx.setup.state_dir.clone(), cx.name.clone());
    let work = async |_: &Running| {
        // It waits for other processes' locks and for the disk.
        let removing = tokio::task::spawn_blocking(move || {
            let removed = location.remove(&name);
            // A note that stays is of a context that is gone.
            drop(profile::forget_own(&state_dir, &name));
            removed
        });
        let removed = joined(removing.await)?;
        let outcome = if removed.files.is_empty() {
            Outcome::Unchanged
        } else {
            Outcome::Removed
        };
        Ok((outcome, (removed.files, removed.was_current)))
    };
    cx.steps
        .run(Step::new(StepKind::Kubeconfig, file), KUBECONFIG_LIMIT, work)
        .await
}
