//! Brings objects into a cluster by server-side apply, and knows afterwards what is ours there.
//!
//! An [`Applier`] serves one run: it asks once which kinds the cluster serves. [`Applier::apply`] first looks at everything that is there
//! already, with a dry run where that may change something; when nothing would change that is the end, and nothing was written. Otherwise the objects
//! that differ are applied layer by layer, and the component's [`inventory`](crate::inventory) says what belongs to it.

mod act;
pub(crate) mod api;
mod claims;
mod compare;
mod conflict;
mod definition;
mod differences;
mod digest;
mod empty;
mod error;
mod history;
mod item;
mod job;
pub(crate) mod kinds;
mod look;
mod namespace;
mod owned;
mod problem;
mod record;
mod remove;
mod run;
mod secret;
mod spared;
mod takeover;
mod withdraw;

use std::sync::Arc;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

pub use conflict::{Conflict, Owner};
pub use differences::Difference;
pub(crate) use digest::hash;
pub use error::Error;
pub use history::RolledBack;
pub use problem::{Failure, Fault, Problem};
pub use remove::{Kept, Removal, Removed};
pub(crate) use run::cause;
pub use spared::is_spared;

use crate::event::{Events, Outcome, StepKind};
use crate::inventory::Inventory;
use crate::kubernetes::Cluster;
use crate::manifest::{Id, Object};
use run::{Of, Run};

/// Requests that are under way at the same time.
const AT_ONCE: usize = 16;

/// How objects are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub struct Options {
    /// The project's name: it is part of the inventories' names.
    pub project: String,
    /// Who we are to the API server; `ratectl`.
    pub manager: String,
    /// Takes fields that belong to others.
    pub force_conflicts: bool,
    /// With `force_conflicts`: takes also what helm and kubectl alone have set, so that what is not in the manifests vanishes.
    pub take_over: bool,
    /// Changes nothing: the API server says what would be changed.
    pub dry_run: bool,
    /// Deletes an object and makes it anew where a field of it cannot be changed, if that loses no data.
    pub recreate: bool,
    /// The command, for the history.
    pub why: String,
    /// Who gave it, such as `ann@laptop`.
    pub by: Option<String>,
}

impl Options {
    /// Everything careful, for this project.
    pub fn new(project: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            manager: "ratectl".to_owned(),
            force_conflicts: false,
            take_over: false,
            dry_run: false,
            recreate: false,
            why: String::new(),
            by: None,
        }
    }
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was not there.
    Created,
    /// It was there and was changed.
    Configured,
    /// It was deleted and made anew, as it could not be changed.
    Recreated,
    /// It was as wanted; nothing was written.
    Unchanged,
    /// It was ours, is not wanted any more, and was deleted.
    Pruned,
}

impl Verdict {
    /// Whether something was written.
    pub fn is_written(self) -> bool {
        self != Self::Unchanged
    }
}

/// An object and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The object.
    #[serde(flatten)]
    pub id: Id,
    /// What became of it.
    pub verdict: Verdict,
}

/// What an apply has done; with [`Options::dry_run`], what it would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// Every object, in the order in which they are applied.
    pub changes: Vec<Change>,
    /// The objects as they were applied: each with its namespace.
    #[serde(skip)]
    pub objects: Vec<Object>,
    /// What is ours in the cluster and not wanted any more.
    pub prunable: Vec<Id>,
    /// The number of the component's revision afterwards; `None` in a dry run that finds none.
    pub revision: Option<u64>,
    /// What a person should know, each a sentence.
    pub notes: Vec<String>,
}

impl Applied {
    /// Whether anything was written.
    pub fn is_changed(&self) -> bool {
        self.changes.iter().any(|change| change.verdict.is_written())
    }
}

/// Applies objects to one cluster. Clones share what they know about the cluster.
#[derive(Clone)]
pub struct Applier {
    shared: Arc<Shared>,
}

struct Shared {
    api: api::Api,
    cluster: String,
    options: Options,
    kinds: kinds::Kinds,
}

impl Applier {
    /// An applier for one run. Asks nothing yet.
    pub fn new(cluster: &Cluster, options: Options) -> Self {
        let shared = Shared {
            api: api::Api::new(cluster.client().clone()),
            cluster: cluster.name().to_owned(),
            options,
            kinds: kinds::Kinds::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Applies a component's objects; those that name no namespace go into `namespace`, which is made if it is missing.
    ///
    /// # Errors
    /// When objects are refused, the API server does not answer, or `cancel` was cancelled. Each says what was done before.
    pub async fn apply(
        &self,
        component: &str,
        namespace: &str,
        objects: Vec<Object>,
        events: &Events,
        cancel: &CancellationToken,
    ) -> Result<Applied, Error> {
        let of = Of { component, namespace };
        let run = Run::begin(&self.shared, of, StepKind::Apply, events);
        run.to_end(cancel, run.work(objects), run::outcome).await
    }

    /// What [`apply`](Self::apply) would change, by a dry run of the API server. Writes nothing.
    ///
    /// # Errors
    /// As `apply` does.
    pub async fn differences(
        &self,
        component: &str,
        namespace: &str,
        objects: Vec<Object>,
        cancel: &CancellationToken,
    ) -> Result<Vec<Difference>, Error> {
        let (of, events) = (Of { component, namespace }, Events::silent());
        let run = Run::begin(&self.shared, of, StepKind::Apply, &events);
        run.to_end(cancel, run.differences(objects), |_| Outcome::Verified)
            .await
    }

    /// Remembers, after a rollout, which Jobs have succeeded: those are not run again when the cluster has removed them. Asks nothing
    /// when the apply has made no Job.
    ///
    /// # Errors
    /// When the API server does not answer.
    pub async fn settle(&self, component: &str, namespace: &str, applied: &Applied) -> Result<(), Error> {
        let is_job = |change: &Change| change.id.kind == "Job" && change.verdict.is_written();
        if self.shared.options.dry_run || !applied.changes.iter().any(is_job) {
            return Ok(());
        }
        let (of, events) = (Of { component, namespace }, Events::silent());
        let run = Run::begin(&self.shared, of, StepKind::Apply, &events);
        run.to_end(&CancellationToken::new(), run.settle(), |()| Outcome::Verified)
            .await
    }

    /// Removes what is ours and was not wanted any more at the last apply.
    ///
    /// # Errors
    /// When the API server does not answer or refuses, or something does not go in time.
    pub async fn prune(
        &self,
        component: &str,
        namespace: &str,
        removal: Removal,
        events: &Events,
        cancel: &CancellationToken,
    ) -> Result<Removed, Error> {
        let of = Of { component, namespace };
        let run = Run::begin(&self.shared, of, StepKind::Remove, &removal.told(events));
        run.to_end(cancel, run.prune(removal), remove::outcome).await
    }

    /// Removes a component: everything that its inventory names, and its namespace if that is ours and empty then.
    ///
    /// # Errors
    /// When nothing is known of the component, the API server does not answer or refuses, or something does not go in time.
    pub async fn undeploy(
        &self,
        component: &str,
        namespace: &str,
        removal: Removal,
        events: &Events,
        cancel: &CancellationToken,
    ) -> Result<Removed, Error> {
        let of = Of { component, namespace };
        let run = Run::begin(&self.shared, of, StepKind::Remove, &removal.told(events));
        run.to_end(cancel, run.undeploy(removal), remove::outcome).await
    }

    /// What is known of a component: its objects and its last revisions.
    ///
    /// # Errors
    /// When nothing is, or the API server does not answer.
    pub async fn history(
        &self,
        component: &str,
        namespace: &str,
        cancel: &CancellationToken,
    ) -> Result<Inventory, Error> {
        let (of, events) = (Of { component, namespace }, Events::silent());
        let run = Run::begin(&self.shared, of, StepKind::Apply, &events);
        run.to_end(cancel, run.history(), |_| Outcome::Verified).await
    }

    /// Applies the objects of revision `to` again; without a number, those of the one before the newest. Secrets stay as they are.
    ///
    /// # Errors
    /// When there is no such revision, and as [`apply`](Self::apply) does.
    pub async fn rollback(
        &self,
        component: &str,
        namespace: &str,
        to: Option<u64>,
        events: &Events,
        cancel: &CancellationToken,
    ) -> Result<RolledBack, Error> {
        let of = Of { component, namespace };
        let mut run = Run::begin(&self.shared, of, StepKind::Apply, events);
        run.keep_secrets = true;
        let outcome = |back: &RolledBack| run::outcome(&back.applied);
        run.to_end(cancel, run.rollback(to), outcome).await
    }
}

impl std::fmt::Debug for Applier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Applier")
            .field("cluster", &self.shared.cluster)
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}
