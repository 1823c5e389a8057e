//! Errors about making images.

use platform::image;

use super::{docker, of};
use crate::{error::Error, exit::Exit};

const LOGIN: &str = "`docker login REGISTRY` gives ratectl and the engine credentials: `config.json`, a `credsStore` or `credHelpers`";
const RUNS: &str =
    "see whether it runs: `ratectl status` for a cluster's own; `registry:` of the profile names another";

impl From<image::Error> for Error {
    fn from(error: image::Error) -> Self {
        use image::Error as E;
        if let E::Docker(error) = error {
            let (exit, hints) = docker::verdict(&error);
            // What the engine refuses here is the image.
            let exit = if exit == Exit::Failure { Exit::Build } else { exit };
            return hints.into_iter().fold(of(exit, error, None), Error::hint);
        }
        let exit = match &error {
            E::Cancelled { .. } => Exit::Interrupted,
            E::TimedOut { .. } => Exit::TimedOut,
            E::Registry { status: None, .. } => Exit::Unreachable,
            E::Credentials(_) => Exit::Configuration,
            _ => Exit::Build,
        };
        let log = match &error {
            E::Build { log, .. } => log.clone(),
            _ => Vec::new(),
        };
        let hint = hint(&error);
        let told = of(exit, error, hint);
        if log.is_empty() {
            told
        } else {
            told.excerpt("the last lines of the build", log)
        }
    }
}

/// What to do about it, where anything helps that the words do not say.
pub(super) fn hint(error: &image::Error) -> Option<&'static str> {
    use image::Error as E;
    match error {
        E::Build { message: said, .. } | E::Push { reason: said, .. } if is_refusal(said) => Some(LOGIN),
        E::Registry {
            status: Some(401 | 403),
            ..
        }
        | E::Credentials(_) => Some(LOGIN),
        E::Registry { status: None, .. } => Some(RUNS),
        E::Push { reason, .. } if reason.to_lowercase().contains("connection refused") => Some(RUNS),
        E::Context { .. } => {
            Some("what a build does not need can be left out of its context: `.dockerignore`")
        }
        E::Git { .. } => Some(
            "git has to be in PATH and must not have to ask: keep passwords in its credential helper, keys in an SSH agent",
        ),
        E::Cargo { .. } => {
            Some("`cargo` has to be in PATH; the same command in the project's folder says more")
        }
        E::TimedOut { .. } => Some("the next deploy goes on from what is built already"),
        _ => None,
    }
}

/// Whether a registry does not know us, in the words of builders and engines.
fn is_refusal(said: &str) -> bool {
    let said = said.to_lowercase();
    [
        "401 unauthorized",
        "403 forbidden",
        "access denied",
        "access to the resource is denied",
        "authentication required",
        "authorization failed",
        "insufficient_scope",
        "no basic auth credentials",
        "unauthorized:",
    ]
    .iter()
    .any(|words| said.contains(words))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn build(message: &str) -> image::Error {
        image::Error::Build {
            component: "web".to_owned(),
            step: None,
            line: None,
            message: message.to_owned(),
            exit_code: None,
            log: Vec::new(),
        }
    }

    fn registry(status: Option<u16>) -> image::Error {
        image::Error::Registry {
            operation: "look for web:1".to_owned(),
            registry: "registry.example".to_owned(),
            reason: "no".to_owned(),
            status,
        }
    }

    fn push(reason: &str) -> image::Error {
        image::Error::Push {
            reference: "registry.example/web".to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test_case(&build("Get \"https://r.example/v2/a/manifests/1\": no basic auth credentials") => Some(LOGIN); "the classic builder without a password")]
    #[test_case(&build("r.example/a:1: failed to resolve: unexpected status code: 401 Unauthorized") => Some(LOGIN); "BuildKit with a wrong one")]
    #[test_case(&build("pull access denied for a, repository does not exist or may require 'docker login'") => Some(LOGIN); "an image that is none or private")]
    #[test_case(&build("executor failed running [make]: exit code: 2") => None; "a command that fails")]
    #[test_case(&push("unauthorized: authentication required") => Some(LOGIN); "pushing without a password")]
    #[test_case(&push("dial tcp 127.0.0.1:5000: connect: connection refused") => Some(RUNS); "pushing where nobody listens")]
    #[test_case(&registry(Some(401)) => Some(LOGIN); "a registry that knows nobody")]
    #[test_case(&registry(Some(500)) => None; "a registry in trouble")]
    #[test_case(&registry(None) => Some(RUNS); "no registry")]
    fn an_error_has_the_hint(error: &image::Error) -> Option<&'static str> {
        hint(error)
    }

    #[test]
    fn a_registry_that_does_not_answer_is_unreachable_and_one_that_refuses_is_not() {
        assert_eq!(Error::from(registry(None)).exit(), Exit::Unreachable);
        assert_eq!(Error::from(registry(Some(403))).exit(), Exit::Build);
    }
}
