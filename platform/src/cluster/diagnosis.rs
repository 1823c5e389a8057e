//! Why a step failed, in one sentence, and the last lines of the container it was about.

use std::time::Duration;

use super::{Error, Name};
use crate::docker::{self, Cause, Engine, logs};
use crate::event::{Step, StepKind};
use crate::port_owner;

/// Lines of a log that are shown.
const LINES: usize = 20;
/// Lines of a log that are searched for what k3s died of.
const SEARCHED: usize = 100;
/// Nobody waits longer for an explanation.
const LIMIT: Duration = Duration::from_secs(3);

/// The error of a step, with cause and log.
pub(super) async fn of_step(engine: &Engine, cluster: &Name, step: &Step, error: Error) -> Error {
    match error {
        Error::Docker(error) if is_lost(&error) => Error::Docker(error),
        Error::Docker(error) => {
            let cause = sentence(engine, &error).await;
            Error::Step {
                step: step.clone(),
                cause,
                log: log_of(engine, cluster, step).await,
                source: Some(Box::new(error)),
            }
        }
        Error::Timeout {
            step,
            limit,
            waiting_for,
            log,
        } if log.is_empty() => {
            let log = log_of(engine, cluster, &step).await;
            Error::Timeout {
                step,
                limit,
                waiting_for,
                log,
            }
        }
        other => other,
    }
}

/// Whether the engine itself is out of reach, so that nothing can be found out from it.
fn is_lost(error: &docker::Error) -> bool {
    matches!(
        error,
        docker::Error::Unreachable { .. } | docker::Error::Gone { .. } | docker::Error::Endpoint(_)
    )
}

/// One sentence for what the engine refused.
async fn sentence(engine: &Engine, error: &docker::Error) -> String {
    match error.cause() {
        Some(Cause::PortTaken { port: Some(port), .. }) => {
            let owner = port_user(engine, *port).await;
            let by = owner.map_or_else(String::new, |owner| format!(" by {owner}"));
            format!("port {port} is taken{by}")
        }
        Some(Cause::Other) | None => error.to_string(),
        Some(cause) => cause.to_string(),
    }
}

/// Who uses a port: a container, or a process of this machine.
async fn port_user(engine: &Engine, port: u16) -> Option<String> {
    let container = tokio::time::timeout(LIMIT, docker::publisher(engine, port))
        .await
        .ok()
        .flatten();
    container
        .map(|name| format!("container {name}"))
        .or_else(|| port_owner::find(port).map(|owner| owner.to_string()))
}

/// The last lines of the container that a step is about.
async fn log_of(engine: &Engine, cluster: &Name, step: &Step) -> Vec<String> {
    let container = match step.kind {
        StepKind::Node | StepKind::NodeReady | StepKind::Registry => step.subject.clone(),
        StepKind::Api
        | StepKind::Dns
        | StepKind::ServiceAccount
        | StepKind::RegistryFromNode
        | StepKind::RegistryHosting => cluster.server(0),
        _ => return Vec::new(),
    };
    log(engine, &container, LINES).await
}

/// The last lines of a container; none when it is gone.
async fn log(engine: &Engine, container: &str, lines: usize) -> Vec<String> {
    match tokio::time::timeout(LIMIT, logs::tail(engine, container, lines)).await {
        Ok(Ok(lines)) => lines,
        _ => Vec::new(),
    }
}

/// The error of a node that has ended, or ends again and again.
pub(super) async fn of_node(engine: &Engine, name: &str, what_happened: &str) -> Error {
    let mut log = log(engine, name, SEARCHED).await;
    let cause = match cause_in(&log) {
        Some(cause) => format!("{what_happened}: {cause}"),
        None => what_happened.to_owned(),
    };
    log.drain(..log.len().saturating_sub(LINES));
    Error::Step {
        step: Step::new(StepKind::Node, name),
        cause,
        log,
        source: None,
    }
}

/// What k3s died of, by the last fatal line of its log.
fn cause_in(log: &[String]) -> Option<String> {
    let fatal = log.iter().rev().find(|line| line.contains("level=fatal"))?;
    let message = fatal
        .split_once("msg=")
        .map_or(fatal.as_str(), |(_, message)| message);
    let message = message.trim_matches('"').replace("\\\"", "\"");
    let known = [
        ("no space left on device", "no space is left on the engine's disk"),
        ("cgroup", "the machine's cgroups are not as Kubernetes needs them"),
        (
            "operation not permitted",
            "it lacks privileges: the engine does not let containers be fully privileged",
        ),
        (
            "permission denied",
            "it lacks privileges: the engine does not let containers be fully privileged",
        ),
        ("too many open files", "the machine's inotify limits are used up"),
    ];
    let lower = message.to_lowercase();
    let meaning = known.iter().find(|(words, _)| lower.contains(words));
    Some(meaning.map_or_else(
        || message.clone(),
        |(_, meaning)| format!("{meaning} ({message})"),
    ))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("level=info msg=\"fine\"", None ; "nothing fatal")]
    #[test_case("time=\"x\" level=fatal msg=\"flag provided but not defined: -x\"", Some("flag provided but not defined: -x") ; "its own words")]
    #[test_case(
        "level=fatal msg=\"failed to find memory cgroup (v2)\"",
        Some("the machine's cgroups are not as Kubernetes needs them (failed to find memory cgroup (v2))") ; "cgroups"
    )]
    #[test_case(
        "level=fatal msg=\"write /x: No space left on device\"",
        Some("no space is left on the engine's disk (write /x: No space left on device)") ; "disk"
    )]
    fn what_a_node_died_of_is_in_its_last_fatal_line(line: &str, cause: Option<&str>) {
        let log = ["level=fatal msg=\"older\"".to_owned(), line.to_owned()];
        let log = if cause.is_none() { &log[1..] } else { &log[..] };
        assert_eq!(cause_in(log).as_deref(), cause);
    }
}
