//! One component: its image, its objects, its rollout.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use contract::definition::Definitions;
use tokio::sync::Mutex;

use super::plan::{Part, Plan, deployable};
use super::render::{Rendered, render, unpinned_charts};
use super::side_by_side::{Needs, Stop};
use super::streams::jetstream;
use super::urls::{Url, urls};
use super::{Cause, ComponentReport, ImageReport, Options, ROLLOUT_WITHIN, Setup, salt};
use crate::apply::{self, Applied, Applier, Change, Removal, Verdict};
use crate::download::Cache;
use crate::event::{Outcome, Stage, Step, StepKind, millis};
use crate::image;
use crate::manifest::{self, Object};
use crate::profile::Target;
use crate::project::Project;
use crate::rollout::{self, Beside};
use crate::streams::{self, Difference};

/// How long making the streams may take; the server may have been started just now.
const STREAMS_WITHIN: Duration = Duration::from_mins(1);
/// The namespace of components that name none.
pub(super) const NAMESPACE: &str = "default";

/// What the components of one deployment share.
pub(super) struct Work<'a> {
    setup: &'a Setup,
    options: &'a Options,
    applier: Applier,
    began: Instant,
    /// The components that are under way, as each of them sees it.
    beside: BTreeMap<&'a str, Beside>,
    /// What was rendered so far, by component.
    rendered: Mutex<BTreeMap<String, Vec<Object>>>,
}

impl<'a> Work<'a> {
    /// Asks nobody anything yet.
    pub(super) fn new(setup: &'a Setup, options: &'a Options, plan: &Plan<'a>) -> Self {
        let applying = apply::Options {
            force_conflicts: options.force_conflicts,
            dry_run: options.dry_run,
            why: options.why.clone(),
            by: options.by.clone(),
            ..apply::Options::new(&setup.project.name)
        };
        Self {
            setup,
            options,
            applier: Applier::new(&setup.target.cluster, applying),
            began: Instant::now(),
            beside: beside(plan),
            rendered: Mutex::default(),
        }
    }
}

impl Work<'_> {
    /// Deploys a component when everything that it needs runs.
    pub(super) async fn deploy(
        &self,
        part: &Part<'_>,
        needs: Needs<'_>,
    ) -> Result<ComponentReport, Stop<Cause>> {
        let deployed = self.work(part, needs).await;
        if let Some(beside) = self.beside.get(part.name) {
            beside.leave();
        }
        deployed
    }

    async fn work(&self, part: &Part<'_>, mut needs: Needs<'_>) -> Result<ComponentReport, Stop<Cause>> {
        // Nobody has to run for an image to be built.
        let image = async { Ok(self.image(part).await?) };
        let (image, ()) = tokio::try_join!(image, needs.met())?;
        let rendered = self.render(part, image.as_ref()).await?;
        let mut applied = self.apply(part, rendered.objects).await?;
        applied
            .notes
            .extend(unpinned_charts(self.setup, part.deployment).await);
        let streams = self.streams(part.name, &rendered.definitions).await?;
        if self.options.wait && !self.options.dry_run {
            self.rollout(part, &applied.objects).await?;
            let namespace = part.deployment.namespace.as_deref().unwrap_or(NAMESPACE);
            let settling = self.applier.settle(part.name, namespace, &applied);
            settling.await.map_err(Cause::from)?;
        }
        Ok(ComponentReport {
            component: part.name.to_owned(),
            asked: part.asked,
            image,
            changes: applied.changes,
            streams,
            prunable: applied.prunable,
            notes: applied.notes,
            after_ms: millis(self.began.elapsed()),
        })
    }

    /// Builds and pushes the image, unless the registry has it; in a dry run only looks.
    async fn image(&self, part: &Part<'_>) -> Result<Option<ImageReport>, Cause> {
        let Some(image) = &part.deployment.image else {
            return Ok(None);
        };
        let setup = image_setup(self.setup)?;
        let profile = cargo_profile(self.setup);
        if self.options.dry_run {
            let planned = image::find(&setup, part.name, image, profile).await?;
            return Ok(Some(planned.into()));
        }
        let made = image::make(&setup, part.name, image, profile).await?;
        Ok(Some(made.into()))
    }

    async fn render(&self, part: &Part<'_>, image: Option<&ImageReport>) -> Result<Rendered, Cause> {
        let mut images = BTreeMap::new();
        if let (Some(built), Some(image)) = (image, &part.deployment.image) {
            images.insert(image.name.clone(), built.reference.clone());
        }
        let rendered = render(self.setup, part.name, part.deployment, &images).await?;
        let mut all = self.rendered.lock().await;
        all.insert(part.name.to_owned(), rendered.objects.clone());
        Ok(rendered)
    }

    async fn apply(&self, part: &Part<'_>, mut objects: Vec<Object>) -> Result<Applied, Cause> {
        let namespace = part.deployment.namespace.as_deref().unwrap_or(NAMESPACE);
        let Setup { events, cancel, .. } = self.setup;
        salt::mark(self.setup, namespace, &mut objects).await?;
        let mut applied = self
            .applier
            .apply(part.name, namespace, objects, events, cancel)
            .await?;
        if self.options.prune && !self.options.dry_run && !applied.prunable.is_empty() {
            let pruning = self
                .applier
                .prune(part.name, namespace, Removal::default(), events, cancel);
            let removed = pruning.await?;
            let pruned = removed.removed.into_iter().map(|id| Change {
                id,
                verdict: Verdict::Pruned,
            });
            applied.changes.extend(pruned);
            applied.prunable = removed.kept.into_iter().map(|kept| kept.id).collect();
        }
        Ok(applied)
    }

    /// Makes the streams, where that is for `ratectl` to do.
    async fn streams(&self, component: &str, definitions: &Definitions) -> Result<Vec<Difference>, Cause> {
        if definitions.streams.is_empty() && definitions.consumers.is_empty() {
            return Ok(Vec::new());
        }
        let step = Step::new(StepKind::Streams, component);
        let stage = Stage::begin(&self.setup.events, step, STREAMS_WITHIN);
        let made = self.made(definitions).await;
        match &made {
            Ok(made) if made.iter().any(Difference::differs) => stage.done(Outcome::Configured),
            Ok(_) => stage.done(Outcome::Unchanged),
            Err(Cause::Cancelled) => 0,
            Err(cause) => {
                stage.failed(cause.to_string());
                0
            }
        };
        made
    }

    async fn made(&self, definitions: &Definitions) -> Result<Vec<Difference>, Cause> {
        let connected = jetstream(self.setup).await?;
        if self.options.dry_run {
            return Ok(streams::diff(&connected.jetstream, definitions).await?);
        }
        Ok(streams::apply(&connected.jetstream, definitions, &self.setup.events).await?)
    }

    /// Where the system answers: the components of this deployment, and those that were deployed before.
    pub(super) async fn urls(&self, plan: &Plan<'_>) -> Vec<Url> {
        let mut all = self.rendered.lock().await.clone();
        let project = &self.setup.project;
        let is_idle = |name: &str| plan.idle.iter().any(|(idle, _)| *idle == name);
        let others = deployable(project).filter(|(it, _)| !all.contains_key(&it.name) && !is_idle(&it.name));
        let others: Vec<_> = others.collect();
        if !others.is_empty() {
            // Nothing is fetched, and nothing can fail, for the sake of a line: the work is done.
            let there = self.setup.deployed().await.unwrap_or_default();
            let cache = Cache {
                offline: true,
                ..self.setup.cache.clone()
            };
            for (component, deployment) in others.into_iter().filter(|(it, _)| there.contains(&it.name)) {
                let own = manifest::load_own(deployment, &self.setup.overlays(), &cache).await;
                all.extend(own.ok().map(|own| (component.name.clone(), own)));
            }
        }
        urls(&all.into_iter().collect::<Vec<_>>())
    }

    async fn rollout(&self, part: &Part<'_>, objects: &[Object]) -> Result<(), Cause> {
        let limit = self.options.timeout.or(part.deployment.wait);
        let options = rollout::Options {
            limit: limit.unwrap_or(ROLLOUT_WITHIN),
            fail_fast: self.options.fail_fast,
            beside: self.beside.get(part.name).cloned().unwrap_or_default(),
        };
        let Setup {
            target,
            events,
            cancel,
            ..
        } = self.setup;
        Ok(rollout::wait(&target.cluster, part.name, objects, &options, events, cancel).await?)
    }
}

fn beside<'a>(plan: &Plan<'a>) -> BTreeMap<&'a str, Beside> {
    let all = Beside::new(plan.parts.iter().map(|part| part.name.to_owned()));
    let seen = plan.parts.iter().map(|part| {
        let dependents = plan.dependents(part.name).into_iter().map(str::to_owned);
        (part.name, all.seen_by(part.name, dependents.collect()))
    });
    seen.collect()
}

/// The namespace of a component's objects that name none.
pub(super) fn namespace<'a>(project: &'a Project, component: &str) -> &'a str {
    let found = deployable(project).find(|(found, _)| found.name == component);
    let namespace = found.and_then(|(_, deployment)| deployment.namespace.as_deref());
    namespace.unwrap_or(NAMESPACE)
}

/// The Cargo profile of images that name none.
pub(super) fn cargo_profile(setup: &Setup) -> &str {
    setup.target.profile.cargo_profile.as_deref().unwrap_or("release")
}

/// What the image of a component is made with.
pub(super) fn image_setup(setup: &Setup) -> Result<image::Setup, Cause> {
    let Target {
        push: Some(push),
        pull,
        ..
    } = &setup.target
    else {
        return Err(Cause::NoRegistry {
            profile: setup.target.profile.name.clone(),
        });
    };
    Ok(image::Setup {
        engine: setup.engine.clone(),
        root: setup.project.root.clone(),
        state_dir: setup.state_dir.clone(),
        push: push.clone(),
        pull: pull.as_ref().unwrap_or(push).clone(),
        events: setup.events.clone(),
        cancel: setup.cancel.clone(),
    })
}
