//! Waiting until what was applied runs, and saying why when it does not.
//!
//! [`wait`] watches every object that has a rollout, judges it by the rules of [`kubernetes::rollout`](crate::kubernetes::rollout), and looks at
//! the pods and warnings around those that are not done. What no waiting mends ends the wait at once; what may pass gets
//! time; what only time can tell ends it at the limit, with the same diagnosis.

mod beside;
mod command;
mod create;
mod diagnosis;
mod error;
mod evidence;
mod examine;
mod finding;
mod image;
mod log;
mod pod;
mod scene;
mod schedule;
mod surroundings;
mod target;
mod wait;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::event::{Events, Outcome, Stage, Step, StepKind};
use crate::kubernetes::Cluster;
use crate::manifest::Object;

pub use beside::Beside;
pub use diagnosis::{Diagnosis, Kind};
pub use error::Error;

/// How long, and how patiently.
#[derive(Clone, Debug)]
pub struct Options {
    /// After this long it has timed out.
    pub limit: Duration,
    /// Whether to end before that when waiting does not help. Without it only what is over, such as a failed Job, ends it.
    pub fail_fast: bool,
    /// What else goes on at the same time.
    pub beside: Beside,
}

/// Waits until everything in `objects` that has a rollout runs as it was last asked to. The objects are as they were applied;
/// one that names no namespace is looked for in `default`. Reports one step, whose subject is the component; nothing when
/// there is nothing to wait for.
///
/// # Errors
/// When waiting does not help any more, when `limit` has passed, when the API server refuses, or when cancelled.
pub async fn wait(
    cluster: &Cluster,
    component: &str,
    objects: &[Object],
    options: &Options,
    events: &Events,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let targets = target::targets(objects);
    if targets.is_empty() {
        return Ok(());
    }
    let stage = Stage::begin(events, Step::new(StepKind::Rollout, component), options.limit);
    let outcome = Box::pin(wait::wait(cluster, component, targets, options, &stage, cancel)).await;
    match &outcome {
        Ok(()) => drop(stage.done(Outcome::Verified)),
        // Dropped without an end it is told as given up.
        Err(Error::Cancelled) => {}
        Err(error) => stage.failed(error.brief()),
    }
    outcome
}

#[cfg(test)]
mod tests;
