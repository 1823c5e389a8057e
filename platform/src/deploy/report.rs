//! What a deployment has done.

use serde::Serialize;

use super::urls::Url;
use crate::apply::Change;
use crate::event::Outcome;
use crate::image::{Made, Planned};
use crate::manifest::Id;
use crate::streams::Difference;

/// A deployment that came to its end.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    /// The profile.
    pub profile: String,
    /// Its kubeconfig context.
    pub context: String,
    /// Nothing was changed; all of this is what would be.
    pub dry_run: bool,
    /// Each component, in the order of their needs.
    pub components: Vec<ComponentReport>,
    /// Components that were named and have nothing to do here, each with the reason.
    pub idle: Vec<(String, String)>,
    /// Where the system answers.
    pub urls: Vec<Url>,
    /// Milliseconds in all.
    pub after_ms: u64,
}

/// What became of a component.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentReport {
    /// Its name.
    pub component: String,
    /// Whether it was asked for; else it is a need that was missing.
    pub asked: bool,
    /// Its image, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageReport>,
    /// Its objects.
    pub changes: Vec<Change>,
    /// Its streams and consumers, where they are made through the JetStream API.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<Difference>,
    /// Objects in the cluster that are ours and not in the manifests any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prunable: Vec<Id>,
    /// What a person should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Milliseconds since the deployment began.
    pub after_ms: u64,
}

/// What became of a component's image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageReport {
    /// As pods name it, with the digest.
    pub reference: String,
    /// Whether it was built.
    pub outcome: Outcome,
    /// Why it was built.
    pub why: String,
    /// Milliseconds of compiling and packing.
    pub build_ms: u64,
    /// Milliseconds of pushing.
    pub push_ms: u64,
}

impl ComponentReport {
    /// Whether anything was, or in a dry run would be, changed.
    pub fn is_changed(&self) -> bool {
        let objects = self.changes.iter().any(|change| change.verdict.is_written());
        objects || self.streams.iter().any(Difference::differs)
    }
}

impl Deployed {
    /// Whether anything was, or in a dry run would be, changed.
    pub fn is_changed(&self) -> bool {
        self.components.iter().any(ComponentReport::is_changed)
    }
}

impl From<Made> for ImageReport {
    fn from(made: Made) -> Self {
        Self {
            reference: made.reference,
            outcome: made.outcome,
            why: made.why,
            build_ms: made.build_ms,
            push_ms: made.push_ms,
        }
    }
}

impl From<Planned> for ImageReport {
    fn from(planned: Planned) -> Self {
        let outcome = if planned.digest.is_some() {
            Outcome::Unchanged
        } else {
            Outcome::Built
        };
        Self {
            reference: planned.reference,
            outcome,
            why: planned.why,
            build_ms: 0,
            push_ms: 0,
        }
    }
}
