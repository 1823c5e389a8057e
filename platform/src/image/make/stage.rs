//! A step of making an image: one with an end.

use std::time::Duration;

use crate::event::{Stage, Step, StepKind};
use crate::image::{Error, Setup};

/// A step that may take so long.
pub(super) struct Limited<'a> {
    /// What is told of it.
    pub(super) stage: Stage,
    component: &'a str,
    limit: Duration,
}

impl<'a> Limited<'a> {
    pub(super) fn begin(setup: &Setup, kind: StepKind, component: &'a str, limit: Duration) -> Self {
        Self {
            stage: Stage::begin(&setup.events, Step::new(kind, component), limit),
            component,
            limit,
        }
    }

    /// Does a part of it. When that fails, the step has.
    pub(super) async fn run<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let left = self.limit.saturating_sub(self.stage.elapsed());
        let result = match tokio::time::timeout(left, work).await {
            Ok(result) => result,
            Err(_) => Err(Error::TimedOut {
                operation: format!("make the image of {}", self.component),
                limit: self.limit,
            }),
        };
        if let Err(error) = &result {
            self.stage.failed(error.to_string());
        }
        result
    }
}
