//! Errors about profiles: where something would have gone, and how to make it go where it should.

use platform::profile;

use super::of;
use crate::{error::Error, exit::Exit};

impl From<profile::Error> for Error {
    fn from(error: profile::Error) -> Self {
        use profile::Error as E;
        match error {
            // Their own rules fit.
            E::Kubeconfig(error) => error.into(),
            E::Kubernetes(error) => error.into(),
            error => {
                let (exit, hints) = (exit(&error), hints(&error));
                hints.into_iter().fold(of(exit, error, None), Error::hint)
            }
        }
    }
}

fn exit(error: &profile::Error) -> Exit {
    use profile::{Error as E, Origin};
    match error {
        error if error.is_refusal() => Exit::Refused,
        E::Unknown {
            origin: Origin::Flag, ..
        }
        | E::Undecided { .. } => Exit::Usage,
        E::NoCluster { .. } | E::Credentials { .. } => Exit::Unreachable,
        E::State { .. } => Exit::Failure,
        _ => Exit::Configuration,
    }
}

/// What to do next, in the order in which it helps.
fn hints(error: &profile::Error) -> Vec<String> {
    use profile::{Error as E, Origin};
    match error {
        E::Unknown {
            origin: Origin::Used(_),
            ..
        } => vec!["`ratectl use PROFILE` sets another, `ratectl use --clear` none".to_owned()],
        E::Undecided { .. } => {
            vec!["say one with `--profile`, or for all commands with `ratectl use PROFILE`".to_owned()]
        }
        E::NoCluster { .. } => vec!["`ratectl create-cluster` makes it".to_owned()],
        E::NoContext { context, .. } => vec![
            NOTHING_SENT.to_owned(),
            format!(
                "`kubectl config get-contexts` shows which there are; `--kubeconfig FILE` names a file that has {context}"
            ),
        ],
        E::NoServer { found, .. } => vec![
            NOTHING_SENT.to_owned(),
            format!("if {found} is the one, write `server: {found}` into the profile"),
        ],
        E::OtherServer { found, .. } => vec![
            NOTHING_SENT.to_owned(),
            format!(
                "put the kubeconfig right; only if the cluster has moved, write `server: {found}` into the profile"
            ),
        ],
        E::NotOurs { .. } => vec![
            NOTHING_SENT.to_owned(),
            "`ratectl start-cluster` writes the context of this project's cluster anew".to_owned(),
        ],
        E::FarAway { found, .. } => vec![
            NOTHING_SENT.to_owned(),
            "`ratectl start-cluster` writes the context of this project's cluster anew".to_owned(),
            format!("if {found} is the one, write `server: {found}` into the profile"),
        ],
        E::OtherCluster { profile, .. } => vec![
            ASKED_ONLY.to_owned(),
            format!(
                "only if the cluster was made anew on purpose: `ratectl use {profile} --forget`, or another `uid:` in the profile"
            ),
        ],
        E::ClusterOf { profile, uid, .. } => vec![
            ASKED_ONLY.to_owned(),
            format!("only if both profiles mean one cluster: write `uid: {uid}` into profile {profile}"),
        ],
        E::OtherRegistry { .. } => vec![
            "nothing has been changed or pushed".to_owned(),
            "write the `registry:` that is meant into the profile".to_owned(),
        ],
        E::Credentials { context, .. } => vec![format!(
            "`kubectl --context {context} get namespaces` signs in where the program has questions"
        )],
        E::Unknown { .. } | E::State { .. } | E::Unusable { .. } | E::Kubeconfig(_) | E::Kubernetes(_) => {
            Vec::new()
        }
    }
}

const NOTHING_SENT: &str = "nothing has been sent";
const ASKED_ONLY: &str = "nothing has been sent but the question which cluster it is";
