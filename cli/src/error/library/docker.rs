//! Errors about the Docker engine.

use platform::docker::{self, Cause, Source, Unreachable, endpoint::Error as EndpointError};

use super::of;
use crate::{error::Error, exit::Exit};

const START: &str =
    "start the engine: `sudo systemctl start docker` on Linux, Docker Desktop, or `colima start`";
const NAME: &str = "name another engine with `--docker-host URL`, DOCKER_HOST or `docker context use NAME`";
const INSTALL: &str = "no engine yet? https://docs.docker.com/engine/install";
const GROUP: &str =
    "join the group that may use it: `sudo usermod -aG docker $USER`, then log out and in again";

impl From<docker::Error> for Error {
    fn from(error: docker::Error) -> Self {
        let (exit, hints) = verdict(&error);
        let mapped = of(exit, error, None);
        hints.into_iter().fold(mapped, Error::hint)
    }
}

/// The exit code for an engine's error, and what to do about it.
pub(super) fn verdict(error: &docker::Error) -> (Exit, Vec<String>) {
    use docker::Error as E;
    let said = |words: &[&str]| words.iter().map(ToString::to_string).collect();
    match error {
        E::Endpoint(error) => of_endpoint(error),
        E::Unreachable { endpoint, source } => (Exit::Unreachable, of_unreachable(&endpoint.source, source)),
        E::Gone { .. } => (
            Exit::Unreachable,
            said(&["once the engine runs again, the same command goes on from what is there"]),
        ),
        E::Silent { .. } => (
            Exit::TimedOut,
            said(&[
                "see whether `docker info` answers; `sudo systemctl restart docker` helps an engine that hangs",
            ]),
        ),
        E::Refused { cause, .. } => (Exit::Failure, said(&of_cause(cause))),
        E::Credentials(_) => (
            Exit::Configuration,
            said(&["`docker login REGISTRY` writes them anew"]),
        ),
        E::Reference(_) => (Exit::Configuration, Vec::new()),
        E::Malformed { .. } | E::TooLarge { .. } => (Exit::Failure, Vec::new()),
    }
}

fn of_endpoint(error: &EndpointError) -> (Exit, Vec<String>) {
    use EndpointError as E;
    match error {
        E::Address { source_of_it, .. } => {
            let exit = match source_of_it {
                Source::Flag => Exit::Usage,
                _ => Exit::Configuration,
            };
            (exit, Vec::new())
        }
        E::Unsupported { transport, .. } => (Exit::Unreachable, vec![transport.instead()]),
        E::NoContext { .. } => (
            Exit::Configuration,
            vec!["`docker context ls` lists them; `--docker-host URL` does without".to_owned()],
        ),
        E::Context { .. } | E::ConfigFile(_) => (
            Exit::Configuration,
            vec!["put it right, or do without it by `--docker-host URL`".to_owned()],
        ),
    }
}

fn of_unreachable(source: &Source, why: &Unreachable) -> Vec<String> {
    use Unreachable as U;
    let words: &[&str] = match (why, source) {
        (U::NoSocket { .. }, Source::Default) => &[START, NAME, INSTALL],
        (U::NoSocket { .. } | U::Refused, _) => &[START, NAME],
        (U::Denied { .. }, _) => &[GROUP],
        (
            U::NotASocket { .. }
            | U::Connect { .. }
            | U::NotDocker { .. }
            | U::Broken { .. }
            | U::Client { .. },
            _,
        ) => &[NAME],
        (U::Silent { .. }, _) => &[
            "see whether `docker info` answers; an engine that hangs has to be restarted",
            NAME,
        ],
        (U::TooOld { .. }, _) => &["update the engine to 20.10 or later", NAME],
        (U::TooNew { .. }, _) => &["update ratectl", NAME],
    };
    words.iter().map(ToString::to_string).collect()
}

/// What to do about a refusal, whatever was asked.
fn of_cause(cause: &Cause) -> Vec<&'static str> {
    match cause {
        Cause::PortForbidden { .. } => vec!["choose a port from 1024 on, or let a rootful engine do it"],
        Cause::NoSuchAddress => vec!["`ip address` shows those of this machine"],
        Cause::NoSuchImage | Cause::NotInRegistry | Cause::PullRefused => vec![
            "check the image's name; `docker login REGISTRY` lets the engine fetch what is not public",
            "an image that is only on this machine has to be in the engine: `docker load` or `docker build`",
        ],
        Cause::RateLimited => {
            vec!["`docker login` raises the limit; a mirror avoids it (`mirrors:` in ratectl.yaml)"]
        }
        Cause::RegistryUnreachable => vec![
            "the engine needs the network for that, and its own proxy settings: `docker info | grep -i proxy`",
            "without a network the image has to be in the engine already: `docker load` or `docker build`",
        ],
        Cause::WrongPlatform => vec!["choose an image for this machine's processor with `--image REF`"],
        Cause::DiskFull => {
            vec!["`docker system df` shows what takes the space, `docker system prune` makes some"]
        }
        Cause::NotPrivileged => {
            vec!["nodes need privileged containers: use a rootful engine without user namespaces"]
        }
        Cause::Cgroup => vec!["`ratectl doctor` looks at the machine's cgroups"],
        Cause::NoAddresses => vec!["`docker network prune` removes networks nobody uses"],
        Cause::Firewall => vec!["`sudo systemctl restart docker` makes the engine's firewall rules anew"],
        _ => Vec::new(),
    }
}
