//! Earlier deployments of a component, and the way back to one.

use std::time::Duration;

use super::component::namespace;
use super::plan::named;
use super::{Cause, Error, ROLLOUT_WITHIN, Setup};
use crate::apply::{self, Applier, RolledBack};
use crate::inventory::Inventory;
use crate::rollout;

/// What the cluster remembers of a component: its objects and its last revisions.
///
/// # Errors
/// When there is no such component, or it was never deployed.
pub async fn history(setup: &Setup, component: &str) -> Result<Inventory, Error> {
    let name = named(&setup.project, component)?.name.as_str();
    let applier = Applier::new(&setup.target.cluster, apply::Options::new(&setup.project.name));
    let found = applier
        .history(name, namespace(&setup.project, name), &setup.cancel)
        .await;
    found.map_err(|error| Error::Component {
        operation: "look up",
        component: name.to_owned(),
        cause: error.into(),
    })
}

/// How to go back.
#[derive(Clone, Debug, Default)]
pub struct Return {
    /// To this revision; `None` for the one before the newest.
    pub to: Option<u64>,
    /// Only says what would change.
    pub dry_run: bool,
    /// How long the rollout may take.
    pub timeout: Option<Duration>,
    /// The command, for the history.
    pub why: String,
    /// Who gave it.
    pub by: Option<String>,
}

/// Applies an earlier revision's objects again, as a new revision, and waits until they run. Secrets stay as they are.
///
/// # Errors
/// When there is no such component or revision, or when it cannot be applied or does not run.
pub async fn rollback(setup: &Setup, component: &str, back: &Return) -> Result<RolledBack, Error> {
    let component = named(&setup.project, component)?;
    let name = component.name.as_str();
    let wait = component
        .deployment
        .as_ref()
        .and_then(|deployment| deployment.wait);
    let limit = back.timeout.or(wait).unwrap_or(ROLLOUT_WITHIN);
    rolled_back(setup, name, back, limit)
        .await
        .map_err(|cause| Error::Component {
            operation: "roll back",
            component: name.to_owned(),
            cause,
        })
}

async fn rolled_back(setup: &Setup, name: &str, back: &Return, limit: Duration) -> Result<RolledBack, Cause> {
    let options = apply::Options {
        dry_run: back.dry_run,
        why: back.why.clone(),
        by: back.by.clone(),
        ..apply::Options::new(&setup.project.name)
    };
    let Setup {
        target,
        events,
        cancel,
        ..
    } = setup;
    let applier = Applier::new(&target.cluster, options);
    let namespace = namespace(&setup.project, name);
    let done = applier.rollback(name, namespace, back.to, events, cancel).await?;
    if !back.dry_run {
        let options = rollout::Options {
            limit,
            fail_fast: true,
            beside: rollout::Beside::default(),
        };
        rollout::wait(
            &target.cluster,
            name,
            &done.applied.objects,
            &options,
            events,
            cancel,
        )
        .await?;
    }
    Ok(done)
}
