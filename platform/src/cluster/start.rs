//! Starts a cluster that is stopped, and waits until it is usable again.

use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::container::{self, Join};
use super::context::Context;
use super::found::{Container, Found, Role};

use super::network::{self, Network};
use super::plan::{self, Action};
use super::ready::{self, Target};
use super::report::Usable;
use super::steps::{Running, Steps};
use super::watch::Watched;
use super::{Error, Name, Setup, StartOptions, create, entrypoint, find_or_fail, lock, watch};
use crate::docker::archive::{self, File};
use crate::event::{Outcome, Step, StepKind};
use crate::kubeconfig::Entry;

/// For one container.
const LIMIT: Duration = Duration::from_mins(2);
const NETWORK_LIMIT: Duration = Duration::from_secs(30);

/// Starts a cluster, ours or k3d's, and verifies addresses, DNS and registry anew: the engine may have given others meanwhile.
///
/// # Errors
/// [`Error::NotFound`] when there is none; otherwise what failed, with the cause.
pub async fn start(setup: &Setup, name: &Name, options: &StartOptions) -> Result<Usable, Error> {
    let began = Instant::now();
    let steps = Steps::new(setup, name, options.timeout);
    let cx = Context {
        setup,
        steps: &steps,
        name,
    };
    let _lock = lock::take(&cx, "start-cluster", options.wait_for_lock).await?;
    let found = find_or_fail(&cx).await?;
    let (outcome, entry) = Box::pin(bring_up(&cx, &found)).await?;
    let merged = ready::merge(&cx, &entry, options.switch_context).await?;
    create::report(&cx, outcome, &entry, merged, began).await
}

/// Starts what is there and waits until it is usable.
pub(super) async fn bring_up(cx: &Context<'_>, found: &Found) -> Result<(Outcome, Entry), Error> {
    let plan = plan::foreign(found);
    let no_api = || Error::Incomplete {
        name: cx.name.clone(),
    };
    let mut target = Target::of(found).ok_or_else(no_api)?;
    let network = network_of(cx, found).await?;
    target.gateway = network.and_then(|network| network.gateway);
    let outcome = if plan.all_run() {
        Outcome::Verified
    } else {
        Outcome::Started
    };
    let (first, rest): (Vec<Action>, Vec<Action>) = plan.others.into_iter().partition(is_first);
    containers(cx, &first).await?;
    let nodes: Vec<Watched> = found.nodes.iter().map(Watched::of).collect();
    let (servers, agents) = nodes.split_at(found.servers().count());
    let (registry_runs, usable_now) = (CancellationToken::new(), CancellationToken::new());
    registry_runs.cancel();
    let registry = async {
        match &target.registry {
            Some(registry) => ready::registry_from_host(cx, registry).await,
            None => Ok(()),
        }
    };
    let others = async {
        containers(cx, &rest).await?;
        watch::until(cx.engine(), agents, &usable_now).await
    };
    let usable = async {
        let wait = Box::pin(ready::wait(cx, &target, &registry_runs));
        let entry = watch::unless_trouble(cx.engine(), servers, wait).await?;
        usable_now.cancel();
        Ok(entry)
    };
    let ((), (), entry) = tokio::try_join!(others, registry, usable)?;
    Ok((outcome, entry))
}

/// Servers before agents, registries before both.
fn is_first(action: &Action) -> bool {
    action
        .container()
        .is_some_and(|container| matches!(container.role, Role::Registry | Role::Server))
}

/// The network of a cluster; one that somebody has cleared away is made anew, and its containers are put on it.
async fn network_of(cx: &Context<'_>, found: &Found) -> Result<Option<Network>, Error> {
    let Some((name, external)) = found.network() else {
        return Ok(None);
    };
    let step = Step::new(StepKind::Network, name);
    let work = async |_: &Running| {
        if let Some(network) = network::find(cx.engine(), name, cx.name).await? {
            return Ok((Outcome::Unchanged, Some(network)));
        }
        if external || name != cx.name.context() {
            return Err(Error::NoNetwork {
                name: cx.name.clone(),
                network: name.to_owned(),
            });
        }
        let network = network::create(cx.steps, cx.engine(), cx.name).await?;
        for container in found.containers() {
            let join = Join {
                network: network.name.clone(),
                alias: container.name.clone(),
            };
            container::rejoin(cx.steps, cx.engine(), &container.id, join).await?;
        }
        Ok((Outcome::Repaired, Some(network)))
    };
    cx.steps.run(step, NETWORK_LIMIT, work).await
}

/// Starts containers side by side, each a step.
pub(super) async fn containers(cx: &Context<'_>, actions: &[Action]) -> Result<(), Error> {
    let each = actions
        .iter()
        .filter_map(|action| Some((action.container()?, action)))
        .map(|(container, action)| async move {
            let step = Step::new(kind(container), container.name.clone());
            let files = files(container);
            let work = async |_: &Running| Ok((one(cx, action, files).await?, ()));
            cx.steps.run(step, LIMIT, work).await
        });
    try_join_all(each).await?;
    Ok(())
}

/// What sort of step a container is.
pub(super) fn kind(container: &Container) -> StepKind {
    if container.role == Role::Registry {
        StepKind::Registry
    } else {
        StepKind::Node
    }
}

/// Our nodes get our entry point again: `k3d cluster start` puts its own in its place.
fn files(container: &Container) -> Vec<File> {
    let node = matches!(container.role, Role::Server | Role::Agent);
    let ours = container.labels.contains_key(super::labels::SPEC);
    if node && ours {
        vec![entrypoint::file()]
    } else {
        Vec::new()
    }
}

/// Makes one container run; `files` are put into it before.
pub(super) async fn one(cx: &Context<'_>, action: &Action, files: Vec<File>) -> Result<Outcome, Error> {
    match action {
        Action::Create | Action::Replace(_) => Ok(Outcome::Unchanged),
        Action::Keep(_) => Ok(Outcome::Verified),
        Action::Unpause(there) => {
            container::unpause(cx.steps, cx.engine(), &there.id, &there.name).await?;
            Ok(Outcome::Started)
        }
        Action::Start(there) => {
            if !files.is_empty() {
                archive::put(cx.engine(), &there.id, &files).await?;
            }
            container::start(cx.steps, cx.engine(), &there.id, &there.name).await?;
            Ok(Outcome::Started)
        }
    }
}
