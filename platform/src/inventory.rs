//! What of a component is in a cluster: one `ConfigMap` beside its objects, and no other memory.
//!
//! It names every object that was applied, before it is applied: whatever ends a run, nothing of ours is ever unknown. The last few
//! revisions are kept with the objects as they were rendered, Secrets excepted, so that one can go back to them.

mod entry;
mod error;
mod revision;
mod store;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use entry::Entry;
pub use error::Error;
pub use revision::Revision;
pub(crate) use store::{Store, Stored};
pub(crate) use text::decode;

use crate::manifest::Id;

/// Revisions that are kept.
const KEPT: usize = 5;

/// The name of the `ConfigMap` in which a component's inventory lies, in the component's namespace.
pub fn name(project: &str, component: &str) -> String {
    format!("ratectl-{project}-{component}")
}

/// What is known of a component in a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    /// The project.
    pub project: String,
    /// The component.
    pub component: String,
    /// What was applied, or was about to be.
    #[serde(skip)]
    pub entries: BTreeMap<Id, Entry>,
    /// The last few, oldest first.
    #[serde(skip)]
    pub revisions: Vec<Revision>,
}

impl Inventory {
    /// Nothing yet.
    pub fn new(project: &str, component: &str) -> Self {
        Self {
            project: project.to_owned(),
            component: component.to_owned(),
            ..Self::default()
        }
    }

    /// The newest revision.
    pub fn current(&self) -> Option<&Revision> {
        self.revisions.last()
    }

    /// What is ours and not wanted any more.
    pub fn stale(&self) -> impl Iterator<Item = &Id> {
        let stale = self.entries.iter().filter(|(_, entry)| entry.stale);
        stale.map(|(id, _)| id)
    }

    /// Adds a revision under the next number, and lets the oldest go when there are too many.
    pub(crate) fn add(&mut self, mut revision: Revision) {
        revision.number = self.current().map_or(1, |current| current.number + 1);
        self.revisions.push(revision);
        let over = self.revisions.len().saturating_sub(KEPT);
        self.revisions.drain(..over);
    }
}

#[cfg(test)]
mod tests;
