//! Errors about clusters, and about the kubeconfig and the Kubernetes they need.

use platform::{
    cluster::{self, k3d_file, spec},
    docker::{self, Cause},
    event::{Step, StepKind},
    kubeconfig, kubernetes,
};
use serde_json::json;

use super::{docker::verdict, of};
use crate::{error::Error, exit::Exit};

impl From<spec::Error> for Error {
    fn from(error: spec::Error) -> Self {
        let exit = match error.origin {
            spec::Origin::Flag(_) => Exit::Usage,
            spec::Origin::File { .. } | spec::Origin::Default => Exit::Configuration,
        };
        of(exit, error, None)
    }
}

impl From<k3d_file::Error> for Error {
    fn from(error: k3d_file::Error) -> Self {
        of(Exit::Configuration, error, None)
    }
}

impl From<kubernetes::Error> for Error {
    fn from(error: kubernetes::Error) -> Self {
        let exit = match &error {
            kubernetes::Error::Request { .. } => Exit::Unreachable,
            kubernetes::Error::Entry { .. } | kubernetes::Error::Malformed { .. } => Exit::Failure,
        };
        of(exit, error, None)
    }
}

impl From<kubeconfig::Error> for Error {
    fn from(error: kubeconfig::Error) -> Self {
        use kubeconfig::Error as E;
        let (exit, hint) = match &error {
            E::Malformed { .. } | E::NotAFile { .. } | E::TooLarge { .. } => (
                Exit::Configuration,
                Some("put it right, or use another with `--kubeconfig FILE`"),
            ),
            E::Io { .. } => (Exit::Failure, Some("use another with `--kubeconfig FILE`")),
            E::Locked { .. } | E::Restless { .. } => (Exit::Refused, None),
            E::Node { .. } => (Exit::Failure, None),
        };
        of(exit, error, hint)
    }
}

impl From<cluster::Error> for Error {
    fn from(error: cluster::Error) -> Self {
        use cluster::Error as E;
        match error {
            E::Differs { name, differences } => differs(&name, &differences),
            E::Docker(error) => error.into(),
            E::Kubeconfig(error) => error.into(),
            E::Kubernetes(error) => error.into(),
            E::Step {
                ref step,
                ref log,
                ref source,
                ..
            } => {
                let source = source.as_ref().and_then(|source| source.downcast_ref());
                let (exit, hints) = of_step(step, source);
                let excerpt = (last_lines_of(step), log.clone());
                let mapped = of(exit, error, None).excerpt(excerpt.0, excerpt.1);
                hints.into_iter().fold(mapped, Error::hint)
            }
            E::Timeout {
                ref step, ref log, ..
            } => {
                let excerpt = (last_lines_of(step), log.clone());
                of(
                    Exit::TimedOut,
                    error,
                    Some("`ratectl doctor` looks for what slows it down; what this run made is removed, so the next begins anew"),
                )
                .excerpt(excerpt.0, excerpt.1)
            }
            other => of_guard(other),
        }
    }
}

/// What was refused, or is not there.
fn of_guard(error: cluster::Error) -> Error {
    use cluster::Error as E;
    let (exit, hint) = match &error {
        E::Foreign { .. } => (
            Exit::Refused,
            Some(
                "leave it to whoever made it, or add `--force` (to `create-cluster` together with `--recreate`)"
                    .to_owned(),
            ),
        ),
        E::Locked { .. } => (
            Exit::Refused,
            Some("wait until it is done, or leave out `--no-wait`".to_owned()),
        ),
        E::Taken { .. } => (
            Exit::Refused,
            Some("choose another name for the cluster or its registry".to_owned()),
        ),
        E::NotFound { name, others } => {
            let there = match others.as_slice() {
                [] => "there is none at all".to_owned(),
                others => format!("there are {}", others.join(", ")),
            };
            (
                Exit::Failure,
                Some(format!("{there}; `ratectl create-cluster {name}` makes it")),
            )
        }
        E::Incomplete { name } => (
            Exit::Failure,
            Some(format!("`ratectl create-cluster {name}` repairs what it made, `ratectl delete-cluster {name} --force` removes the rest")),
        ),
        E::NoNetwork { network, .. } => (
            Exit::Configuration,
            Some(format!("make it with `docker network create {network}`, or do without `network`")),
        ),
        E::LockFile { .. } => (
            Exit::Failure,
            Some("the folder has to be yours; XDG_STATE_HOME names another".to_owned()),
        ),
        E::Cancelled => (Exit::Interrupted, None),
        _ => (Exit::Failure, None),
    };
    of(exit, error, hint.as_deref())
}

fn differs(name: &cluster::Name, differences: &[cluster::Difference]) -> Error {
    let lines = differences
        .iter()
        .map(|one| format!("{} is {}, wanted {}", one.what, one.is, one.wanted))
        .collect();
    Error::new(
        Exit::Refused,
        format!("cluster {name} is there and differs from what is wanted; nothing has been changed"),
    )
    .excerpt("differences", lines)
    .detail("differences", json!(differences))
    .hint("keep it by asking for what it is, or add `--recreate` to delete it and make it anew")
}

fn last_lines_of(step: &Step) -> String {
    match step.kind {
        StepKind::Node | StepKind::NodeReady | StepKind::Registry => {
            format!("last lines of {}", step.subject)
        }
        _ => "last lines of the server".to_owned(),
    }
}

/// The exit code for a step that failed because of what the engine said, and what to do.
fn of_step(step: &Step, source: Option<&docker::Error>) -> (Exit, Vec<String>) {
    let Some(source) = source else {
        let node = matches!(step.kind, StepKind::Node | StepKind::NodeReady | StepKind::Api);
        let hint =
            "`ratectl doctor` looks at what a node needs of this machine; its image has to be one of k3s";
        return (Exit::Failure, Vec::from_iter(node.then(|| hint.to_owned())));
    };
    let (exit, mut hints) = verdict(source);
    let (exit, hint) = match (source.cause(), step.kind) {
        (Some(Cause::PortTaken { .. }), StepKind::Registry) => (
            exit,
            "choose another port with `--registry-port N`; 0 takes any free one",
        ),
        (Some(Cause::PortTaken { .. }), _) => (
            exit,
            "choose another port with `--port HOST:NODE` or `--api-port N`",
        ),
        // What has our name and not our labels is somebody else's.
        (Some(Cause::NameTaken { .. }), _) => (
            Exit::Refused,
            "it belongs to no cluster: remove or rename it, or choose another name for the cluster or its registry",
        ),
        _ => return (exit, hints),
    };
    hints.push(hint.to_owned());
    (exit, hints)
}

#[cfg(test)]
mod tests;
