//! Errors of the libraries, each with its exit code and a hint: the one place that decides whose fault it is.

mod bundle;
mod cluster;
mod deploy;
mod docker;
mod forward;
mod image;
mod manifests;
mod profile;
mod rollout;

use platform::{dev, nats_server, project, streams};
use proxy::{ProxyError, config::ConfigError};
use runtime::http::BindError;

use super::Error;
use crate::exit::Exit;

impl From<project::Error> for Error {
    fn from(error: project::Error) -> Self {
        let hint = match &error {
            project::Error::NotFound { .. } => {
                Some("run this in a project's folder, or name one with `-C DIR` or `--project FILE`")
            }
            project::Error::Read { .. } | project::Error::Invalid { .. } => None,
        };
        of(Exit::Configuration, error, hint)
    }
}

impl From<streams::Error> for Error {
    fn from(error: streams::Error) -> Self {
        use streams::Error as E;
        let (exit, hint) = match &error {
            E::Read { .. } | E::NoFiles { .. } | E::Definition(_) | E::NoStream { .. } => {
                (Exit::Configuration, None)
            }
            E::Connect { .. } => (
                Exit::Unreachable,
                Some("start a server with `ratectl dev`, or name another with `--nats URL`"),
            ),
            E::NoJetStream { .. } | E::Unanswered { .. } | E::Malformed { .. } | E::Listen { .. } => {
                (Exit::Unreachable, None)
            }
            E::SignIn { .. } => (Exit::Configuration, None),
            E::Refused { .. } | E::NotTaken { .. } => (Exit::Apply, None),
            E::Immutable { .. } => (
                Exit::Apply,
                Some("`ratectl streams diff` shows every field; nothing has been changed"),
            ),
        };
        of(exit, error, hint)
    }
}

impl From<nats_server::Error> for Error {
    fn from(error: nats_server::Error) -> Self {
        use nats_server::Error as E;
        let (exit, hint) = match &error {
            E::Run { .. } | E::NotNats { .. } | E::TooOld { .. } => (Exit::Configuration, None),
            E::Folder { .. } => (Exit::Failure, None),
            E::Unobtainable { .. } => (
                Exit::Failure,
                Some("`ratectl dev --nats URL` uses a server that runs already"),
            ),
        };
        of(exit, error, hint)
    }
}

impl From<dev::Error> for Error {
    fn from(error: dev::Error) -> Self {
        use dev::Error as E;
        match error {
            E::Locked { .. } => of(Exit::Refused, error, Some("use that one, or stop it first")),
            E::StillEnding { .. } => of(Exit::Refused, error, Some("wait a moment and try again")),
            // Their own rules fit; what was being done is clear from the command.
            E::NatsServer(error) => error.into(),
            E::Streams(error) => error.into(),
            E::NatsPort { .. } => of(
                Exit::Failure,
                error,
                Some("choose another with `--nats-port N`, or leave it out"),
            ),
            E::DataDir { .. } | E::NatsNotReady { .. } => of(Exit::Failure, error, None),
        }
    }
}

impl From<ProxyError> for Error {
    fn from(error: ProxyError) -> Self {
        let exit = match &error {
            ProxyError::Prefix(_) => Exit::Configuration,
            ProxyError::Connect(_) | ProxyError::Subscribe { .. } => Exit::Unreachable,
        };
        of(exit, error, None)
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        of(Exit::Configuration, error, None)
    }
}

impl From<BindError> for Error {
    fn from(error: BindError) -> Self {
        of(Exit::Failure, error, None)
    }
}

/// The library's words and causes, an exit code, and a hint where one helps.
fn of(exit: Exit, error: impl std::error::Error + Send + Sync + 'static, hint: Option<&str>) -> Error {
    let mut mapped = Error::new(exit, error.to_string());
    if let Some(hint) = hint {
        mapped = mapped.hint(hint);
    }
    mapped.caused_by(error)
}
