//! Brings objects into a cluster by server-side apply, and knows afterwards what is ours there.
//!
//! An [`Applier`] serves one run: it asks once which kinds the cluster serves. [`Applier::apply`] first looks at everything that is there
//! already, with a dry run beside it; when nothing would change that is the end, and nothing was written. Otherwise the objects
//! that differ are applied layer by layer, and the component's [`inventory`](crate::inventory) says what belongs to it.

#[expect(dead_code, reason = "removal needs the rest")]
mod act;
#[expect(dead_code, reason = "removal needs the rest")]
mod api;
mod compare;
mod conflict;
mod definition;
mod differences;
mod error;
mod item;
mod job;
#[cfg_attr(not(test), expect(dead_code, reason = "removal needs the rest"))]
mod kinds;
mod look;
mod namespace;
#[expect(dead_code, reason = "removal needs the rest")]
mod order;
mod problem;
mod run;
mod stage;

use std::sync::Arc;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

pub use conflict::{Conflict, Owner};
pub use differences::Difference;
pub use error::Error;
pub use problem::{Failure, Fault, Problem};

use crate::event::Events;
use crate::kubernetes::Cluster;
use crate::manifest::{Id, Object};

/// Requests that are under way at the same time.
const AT_ONCE: usize = 16;

/// How objects are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The project's name: it is part of the inventories' names.
    pub project: String,
    /// Who we are to the API server; `ratectl`.
    pub manager: String,
    /// Takes fields that belong to others.
    pub force_conflicts: bool,
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
        run::apply(&self.shared, component, namespace, objects, events, cancel).await
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
        run::differences(&self.shared, component, namespace, objects, cancel).await
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
