//! Errors about deployments: which component, at which step, and what to do.

use platform::{
    apply,
    deploy::{self, Cause, PlanError, Skipped},
    inventory,
};
use serde_json::json;

use super::of;
use crate::{error::Error, exit::Exit};

impl From<deploy::Error> for Error {
    fn from(error: deploy::Error) -> Self {
        use deploy::Error as E;
        let message = error.to_string();
        match error {
            E::Plan(error) => error.into(),
            E::Kubernetes(error) => error.into(),
            E::Cancelled => Error::new(Exit::Interrupted, message),
            E::Component { cause, .. } => Error::from(cause).within(message),
            E::Failed { failed, skipped } => told(message, failed, &skipped),
        }
    }
}

/// The first failure decides how the program ends; the others are told below it.
fn told(message: String, failed: Vec<deploy::Failed>, skipped: &[Skipped]) -> Error {
    let names: Vec<&str> = failed.iter().map(|failed| failed.component.as_str()).collect();
    let (names, skipped) = (json!(names), json!(skipped));
    let mut failures = failed.into_iter();
    let mut told = match failures.next() {
        Some(first) => Error::from(first.cause).within(message),
        None => Error::new(Exit::Failure, message),
    };
    for other in failures {
        let error = Error::from(other.cause);
        let lines = std::iter::once(error.to_string()).chain(error.causes());
        told = told.excerpt(other.component, lines.collect()).and(&error);
    }
    told.detail("failed", names).detail("skipped", skipped)
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        let exit = match &error {
            PlanError::Unknown { .. } => Exit::Usage,
            PlanError::NotDeployable { .. } => Exit::Configuration,
        };
        of(exit, error, None)
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Image(error) => error.into(),
            Cause::Engine(error) => error.into(),
            Cause::NoRegistry { .. } => of(
                Exit::Configuration,
                cause,
                Some("give the profile a `registry:`, or the cluster one"),
            ),
            Cause::Manifest(error) => error.into(),
            Cause::Apply(error) => (*error).into(),
            Cause::Rollout(error) => error.into(),
            Cause::Definition(_) => of(Exit::Configuration, cause, None),
            Cause::Streams(error) => error.into(),
            Cause::Forward(error) => error.into(),
            Cause::Kubernetes(error) => error.into(),
            Cause::NotScaled { .. } => of(Exit::Usage, cause, None),
            Cause::Autoscaled { .. } => of(
                Exit::Refused,
                cause,
                Some("change its limits in the manifest, and deploy that"),
            ),
            Cause::NoRandomNumbers(_) => of(Exit::Failure, cause, None),
            Cause::Cancelled => of(Exit::Interrupted, cause, None),
        }
    }
}

impl From<apply::Error> for Error {
    fn from(error: apply::Error) -> Self {
        use apply::Error as E;
        match error {
            E::Refused { ref failures, .. } => {
                let next: Vec<String> = failures
                    .iter()
                    .filter_map(|failure| failure.next.clone())
                    .collect();
                let details = json!(failures);
                let told = next.into_iter().fold(of(Exit::Apply, error, None), Error::hint);
                told.detail("failures", details)
            }
            E::Unreachable { .. } => of(
                Exit::Unreachable,
                error,
                Some("the next deploy goes on from what is there"),
            ),
            E::Inventory(error) => error.into(),
            E::Cancelled { .. } => of(Exit::Interrupted, error, None),
        }
    }
}

impl From<inventory::Error> for Error {
    fn from(error: inventory::Error) -> Self {
        use inventory::Error as E;
        let exit = match &error {
            E::Request { .. } => Exit::Unreachable,
            E::Absent { .. } | E::NoRevision { .. } => Exit::Failure,
            E::Malformed { .. } | E::Changing { .. } => Exit::Apply,
        };
        of(exit, error, None)
    }
}
