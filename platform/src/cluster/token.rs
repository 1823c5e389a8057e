//! The secret with which nodes join.

use super::{Error, Name};
use crate::event::{Step, StepKind};
use crate::random;

/// 128 bits that nobody can guess, from the kernel.
pub(super) fn random(cluster: &Name) -> Result<String, Error> {
    random::digits().map_err(|source| Error::Step {
        step: Step::new(StepKind::Node, cluster.server(0)),
        cause: "the kernel gives no random numbers for its secret".to_owned(),
        log: Vec::new(),
        source: Some(Box::new(source)),
    })
}
