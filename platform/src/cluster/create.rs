//! Makes a cluster what it should be.

mod build;
mod vanished;

use tokio::time::Instant;

use super::context::Context;
use super::found::{self, Container, Found};
use super::plan::{self, Plan};
use super::ready::{self, RegistryTarget, Target};
use super::report::Usable;
use super::rollback::{self, Before};
use super::steps::{self, Steps};
use super::{CreateOptions, Error, Setup, Spec, compare, delete, lock, network, volume};
use crate::event::{Outcome, millis};
use crate::kubeconfig::{Entry, Merged};

/// Makes a cluster what `spec` says: what is missing is made, what is stopped is started, what is right stays as it is.
///
/// When that fails, or is cancelled, what this call has made is taken back; what was there before stays.
///
/// # Errors
/// [`Error::Differs`] when the cluster is there and is another one, unless it may be made anew; otherwise what failed, with the cause.
pub async fn create(setup: &Setup, spec: &Spec, options: &CreateOptions) -> Result<Usable, Error> {
    let began = Instant::now();
    let steps = Steps::new(setup, &spec.name, options.timeout);
    let cx = Context {
        setup,
        steps: &steps,
        name: &spec.name,
    };
    let _lock = lock::take(&cx, "create-cluster", options.wait_for_lock).await?;
    let containers = look(&cx).await?;
    match Box::pin(attempt(&cx, spec, options, &containers, began)).await {
        // An engine may still be at a removal that was asked for before: by a run that was killed, or left by its second Ctrl-C.
        Err(_) if !options.recreate && vanished::any(&cx, &containers).await => {
            let containers = look(&cx).await?;
            Box::pin(attempt(&cx, spec, options, &containers, began)).await
        }
        outcome => outcome,
    }
}

async fn look(cx: &Context<'_>) -> Result<Vec<Container>, Error> {
    let listing = async { Ok(found::containers(cx.engine()).await?) };
    cx.steps.unless_cancelled(listing).await
}

/// One go at it, from what was found.
async fn attempt(
    cx: &Context<'_>,
    spec: &Spec,
    options: &CreateOptions,
    containers: &[Container],
    began: Instant,
) -> Result<Usable, Error> {
    let found = found::clusters(containers.to_vec())
        .into_iter()
        .find(|found| found.name == spec.name.as_str());
    let spec = &match &found {
        Some(found) => compare::in_its_words(found, spec),
        None => spec.clone(),
    };
    let plan = plan::of(spec, containers, found.as_ref(), options)?;
    let network = found.as_ref().and_then(Found::network);
    let connected = network.is_none_or(|(network, _)| plan.all_on(network));
    if let (true, Some(found)) = (plan.all_run() && connected, &found)
        && let Some(usable) = unchanged(cx, found, options.switch_context, began).await?
    {
        return Ok(usable);
    }
    let (outcome, entry) = match &found {
        Some(found)
            if found.made_by() != super::Maker::Ratectl
                && plan.delete.is_none()
                && !plan.others.is_empty() =>
        {
            Box::pin(super::start::bring_up(cx, found)).await?
        }
        _ => Box::pin(make(cx, spec, &plan, containers)).await?,
    };
    let merged = ready::merge(cx, &entry, options.switch_context).await?;
    report(cx, outcome, &entry, merged, began).await
}

/// Deletes what differs, makes what is missing, and takes it back if that fails.
async fn make(
    cx: &Context<'_>,
    spec: &Spec,
    plan: &Plan,
    containers: &[Container],
) -> Result<(Outcome, Entry), Error> {
    if let Some(found) = &plan.delete {
        delete::containers(cx, found).await?;
    }
    let before = before(cx, containers).await?;
    let everything = build::Build::new(cx, spec, plan)?;
    let built = Box::pin(everything.run()).await;
    if built.is_err() {
        rollback::undo(cx, &before).await;
    }
    Ok((outcome(plan), built?))
}

fn outcome(plan: &Plan) -> Outcome {
    match plan {
        plan if plan.delete.is_some() || plan.all_new() => Outcome::Created,
        plan if plan.makes() => Outcome::Repaired,
        plan if plan.all_run() => Outcome::Verified,
        _ => Outcome::Started,
    }
}

async fn before(cx: &Context<'_>, containers: &[Container]) -> Result<Before, Error> {
    let look = async {
        let own = cx.name.context();
        let (network, volumes) = tokio::try_join!(
            network::find(cx.engine(), &own, cx.name),
            volume::of_cluster(cx.engine(), cx.name)
        )?;
        Ok(Before {
            containers: containers.iter().map(|container| container.id.clone()).collect(),
            network: network.is_some(),
            volumes: volumes.into_iter().map(|volume| volume.name).collect(),
        })
    };
    cx.steps.unless_cancelled(look).await
}

/// The answer at once, if everything that can be seen at a glance is as wanted.
async fn unchanged(
    cx: &Context<'_>,
    found: &Found,
    switch: bool,
    began: Instant,
) -> Result<Option<Usable>, Error> {
    let Some(target) = Target::of(found) else {
        return Ok(None);
    };
    let glance = async {
        let Ok(Some(entry)) = ready::entry(cx, &target).await else {
            return Ok(None);
        };
        let location = cx.setup.kubeconfig.clone();
        let asked = entry.clone();
        let looked =
            tokio::task::spawn_blocking(move || Ok((location.holds(&asked)?, location.current_context()?)));
        let looked: Result<(bool, Option<String>), crate::kubeconfig::Error> = steps::joined(looked.await);
        let (holds, current) = looked?;
        let is_current = current.as_deref() == Some(cx.name.context().as_str());
        let as_wanted = holds && (is_current || !switch) && ready::answers(&entry).await;
        Ok(as_wanted.then_some((entry, current)))
    };
    let Some((entry, current_context)) = cx.steps.unless_cancelled(glance).await? else {
        return Ok(None);
    };
    let file = cx.setup.kubeconfig.files().first().cloned().unwrap_or_default();
    let merged = Merged {
        file,
        changed: false,
        current_context,
    };
    Ok(Some(usable(cx, found, Outcome::Unchanged, &entry, merged, began)))
}

/// What there is now.
pub(super) async fn report(
    cx: &Context<'_>,
    outcome: Outcome,
    entry: &Entry,
    merged: Merged,
    began: Instant,
) -> Result<Usable, Error> {
    let found = cx
        .steps
        .unless_cancelled(async { Ok(found::find(cx.engine(), cx.name).await?) })
        .await?;
    Ok(usable(
        cx,
        &found.unwrap_or_default(),
        outcome,
        entry,
        merged,
        began,
    ))
}

fn usable(
    cx: &Context<'_>,
    found: &Found,
    outcome: Outcome,
    entry: &Entry,
    merged: Merged,
    began: Instant,
) -> Usable {
    let mut ports: Vec<_> = found
        .nodes
        .iter()
        .chain(&found.others)
        .flat_map(|node| node.ports.clone())
        .collect();
    ports.sort();
    let registry = found.registry().and_then(RegistryTarget::of);
    Usable {
        name: cx.name.clone(),
        outcome,
        context: entry.name.clone(),
        current_context: merged.current_context.as_deref() == Some(entry.name.as_str()),
        server: entry.server.clone(),
        kubeconfig: merged.file,
        registry: registry.map(|registry| registry.names()),
        ports,
        after_ms: millis(began.elapsed()),
    }
}
