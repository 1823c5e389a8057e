//! Deployments: components from their sources to running pods.
//!
//! A [`Plan`] says which components, and what each waits for. Then all go to work side by side: the image is built (or found built) and
//! pushed at once; when everything that is needed runs, the manifests are applied with the image's digest, and the rollout is watched.
//! What is as it should be is looked at and left alone, so every deployment can be repeated, also one that was interrupted.

mod compare;
mod component;
mod error;
mod past;
mod plan;
mod remove;
mod render;
mod report;
mod restart;
mod salt;
mod scale;
mod side_by_side;
mod streams;
mod there;
mod urls;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::docker::OnDemand;
use crate::download::Cache;
use crate::event::{Events, millis};
use crate::profile::Target;
use crate::project::Project;
use crate::project::deployment::StreamsBy;

pub use compare::{Action, Changes, ObjectChange, diff};
pub use error::{Cause, Error, Failed, Skipped};
pub use past::{Return, history, rollback};
pub use plan::{ALL, Part, Plan, PlanError, deployable, expected, named};
pub use remove::{Undeployed, undeploy};
pub use render::{Rendered, render};
pub use report::{ComponentReport, Deployed, ImageReport};
pub use restart::restart;
pub use scale::scale;
pub use streams::{Connected, Way, definitions, drift, jetstream, way};
pub use urls::{Url, urls};

use component::Work;
use side_by_side::Ending;

/// How long a component's rollout may take if nobody says otherwise.
const ROLLOUT_WITHIN: Duration = Duration::from_mins(5);

/// What every operation on a system in a cluster works with.
#[derive(Debug)]
pub struct Setup {
    /// The system.
    pub project: Project,
    /// Where it goes: verified, the only cluster that is touched.
    pub target: Target,
    /// The engine that builds images, but for those of Cargo.
    pub engine: OnDemand,
    /// Where is kept what is remembered between runs.
    pub state_dir: PathBuf,
    /// What was downloaded.
    pub cache: Cache,
    /// Where progress is reported.
    pub events: Events,
    /// Ends everything soon; nothing has to be rolled back, the next run goes on from there.
    pub cancel: CancellationToken,
}

/// How to deploy.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of a command, each by itself"
)]
pub struct Options {
    /// Components or aliases; [`ALL`] or none for every one.
    pub components: Vec<String>,
    /// Ask the API server what would change, and change nothing.
    pub dry_run: bool,
    /// Take fields that belong to others.
    pub force_conflicts: bool,
    /// Delete what was deployed before and is not in the manifests any more.
    pub prune: bool,
    /// Wait until everything runs.
    pub wait: bool,
    /// How long each rollout may take; `None` for what the component says.
    pub timeout: Option<Duration>,
    /// Whether a rollout that cannot succeed is given up before its time.
    pub fail_fast: bool,
    /// The command, for the history.
    pub why: String,
    /// Who gave it.
    pub by: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            components: Vec::new(),
            dry_run: false,
            force_conflicts: false,
            prune: false,
            wait: true,
            timeout: None,
            fail_fast: true,
            why: String::new(),
            by: None,
        }
    }
}

impl Setup {
    /// Who makes the streams here.
    pub fn streams_by(&self) -> StreamsBy {
        self.project.streams_by(&self.target.profile)
    }

    /// The overlays that are in effect, in the order in which they are laid over the manifests.
    pub fn overlays(&self) -> Vec<String> {
        self.project.overlays(&self.target.profile)
    }

    /// The plan for these components, with the needs that the cluster lacks.
    ///
    /// # Errors
    /// When there is no such component, or the cluster cannot be asked.
    pub async fn plan(&self, names: &[String]) -> Result<Plan<'_>, Error> {
        let all = names.is_empty() || names.iter().any(|name| name == ALL);
        let there = if all {
            // Everything comes along anyway.
            BTreeSet::new()
        } else {
            self.deployed().await?
        };
        Ok(Plan::of(&self.project, self.streams_by(), names, |name| {
            there.contains(name)
        })?)
    }

    /// The components that were deployed here.
    async fn deployed(&self) -> Result<BTreeSet<String>, Error> {
        let asking = there::components(&self.project, &self.target.cluster);
        Ok(self.unless_cancelled(asking).await??)
    }

    /// Waits for `work`, but no longer than until the first Ctrl-C.
    async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Cancelled),
            done = work => Ok(done),
        }
    }
}

/// Deploys the components, and those that they need and the cluster lacks.
///
/// # Errors
/// What could not be begun; or else [`Error::Failed`] after everything that does not depend on what failed was done.
pub async fn deploy(setup: &Setup, options: &Options) -> Result<Deployed, Error> {
    let began = Instant::now();
    let plan = setup.plan(&options.components).await?;
    let work = Work::new(setup, options, &plan);
    let endings = side_by_side::run(&plan, async |part, needs| work.deploy(part, needs).await).await;
    if setup.cancel.is_cancelled() {
        return Err(Error::Cancelled);
    }
    let mut components = Vec::new();
    let (mut failed, mut skipped) = (Vec::new(), Vec::new());
    for (name, ending) in endings {
        let component = name.to_owned();
        match ending {
            Ending::Done(report) => components.push(report),
            Ending::Failed(cause) => failed.push(Failed { component, cause }),
            Ending::Skipped(because) => skipped.push(Skipped { component, because }),
        }
    }
    if !failed.is_empty() {
        return Err(Error::Failed { failed, skipped });
    }
    Ok(Deployed {
        profile: setup.target.profile.name.clone(),
        context: setup.target.context.clone(),
        dry_run: options.dry_run,
        urls: if options.dry_run {
            Vec::new()
        } else {
            work.urls(&plan).await
        },
        idle: plan
            .idle
            .iter()
            .map(|(name, why)| ((*name).to_owned(), why.clone()))
            .collect(),
        components,
        after_ms: millis(began.elapsed()),
    })
}
