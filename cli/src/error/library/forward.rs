//! Errors of what goes through the cluster to a running system: forwards and load.

use platform::{forward, load, watch};

use super::of;
use crate::{error::Error, exit::Exit};

impl From<forward::Error> for Error {
    fn from(error: forward::Error) -> Self {
        use forward::Error as E;
        let (exit, hint) = match error {
            E::Kubernetes(error) => return error.into(),
            E::Taken { ref address, .. } => {
                let hint = format!(
                    "choose another port, such as `{}:REMOTE`, or `:REMOTE` for any free one",
                    next_port(address.port())
                );
                return of(Exit::Failure, error, None).hint(hint);
            }
            E::Listen { ref source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => (
                Exit::Failure,
                Some("ports below 1024 are for root; put another before a colon, such as `8080:80`"),
            ),
            E::Listen { .. } => (Exit::Failure, None),
            E::NotFound { .. } => (
                Exit::Failure,
                Some(
                    "`ratectl deploy` puts components into the cluster; -n names the namespace of anything else",
                ),
            ),
            E::NoPort { .. } | E::NoPods { .. } | E::NothingToForward { .. } => (Exit::Usage, None),
            E::GivenUp { .. } => (Exit::TimedOut, None),
        };
        of(exit, error, hint)
    }
}

/// A port that is more likely to be free.
fn next_port(taken: u16) -> u16 {
    if taken < 55_535 {
        taken + 10_000
    } else {
        taken - 10_000
    }
}

impl From<load::Error> for Error {
    fn from(error: load::Error) -> Self {
        use load::Error as E;
        match error {
            E::NoK6 { .. } => {
                let hint = format!("`{}` makes one, in `go env GOBIN` or ~/go/bin", load::INSTALL);
                of(Exit::Configuration, error, None).hint(hint)
            }
            E::NoScenario { ref known, .. } => {
                let hint = match known.as_slice() {
                    [] => "the folder has no scenario at all".to_owned(),
                    known => format!("there are {}", known.join(", ")),
                };
                of(Exit::Usage, error, None).hint(hint)
            }
            E::Failed { ref lines, .. } => {
                let lines = lines.clone();
                of(Exit::Failure, error, None).excerpt("last lines of k6", lines)
            }
            E::Folder { .. } => of(Exit::Configuration, error, None),
            E::Start { .. } | E::Summary { .. } => of(Exit::Failure, error, None),
        }
    }
}

impl From<watch::Error> for Error {
    fn from(error: watch::Error) -> Self {
        use watch::Error as E;
        match error {
            E::Watch { .. } => of(
                Exit::Failure,
                error,
                Some(
                    "Linux limits what may be watched; `ratectl doctor` looks at fs.inotify.max_user_watches",
                ),
            ),
            E::Nothing => of(Exit::Usage, error, None),
        }
    }
}
