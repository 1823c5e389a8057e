//! What the parts of one operation on one cluster share.

use super::steps::Steps;
use super::{Name, Setup};
use crate::docker::Engine;

/// One operation on one cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub(super) setup: &'a Setup,
    pub(super) steps: &'a Steps,
    pub(super) name: &'a Name,
}

impl Context<'_> {
    /// The engine that runs the containers.
    pub(super) fn engine(&self) -> &Engine {
        &self.setup.engine
    }
}
