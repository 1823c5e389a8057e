//! Whether a Docker engine answers, who named it, and which others there are.

use std::path::PathBuf;
use std::time::Duration;

use super::Finding;
use super::machine::Kind;
use super::scene::Scene;
use crate::docker::{Endpoint, Source};

pub(super) const CHECK: &str = "engine";

/// A socket that accepts a connection does so at once.
const SOCKET_LIMIT: Duration = Duration::from_millis(300);

/// The engine that is used, and the others.
struct Facts {
    endpoint: Option<Endpoint>,
    /// Version and machine of the engine, or why it does not answer.
    answer: Result<String, String>,
    /// Sockets that accept a connection, with whose they are, without the one in use.
    others: Vec<(String, &'static str)>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let (reached, mut others) = tokio::join!(scene.engine(), others());
    let (endpoint, answer) = match reached {
        Ok(reached) => {
            let machine = &reached.machine;
            let place = match machine.kind {
                Kind::Here => "on this machine",
                Kind::DockerDesktop => "in Docker Desktop",
                Kind::Colima => "in colima",
                Kind::Elsewhere => "on another machine",
            };
            let told = format!(
                "version {} {place}, {}",
                machine.info.version, machine.info.operating_system
            );
            (Some(reached.engine.endpoint().clone()), Ok(told))
        }
        Err(unreached) => (unreached.endpoint.clone(), Err(unreached.why.clone())),
    };
    if let Some(endpoint) = &endpoint {
        others.retain(|(address, _)| !same_socket(address, &endpoint.address));
    }
    vec![judge(&Facts {
        endpoint,
        answer,
        others,
    })]
}

fn judge(facts: &Facts) -> Finding {
    let place = facts
        .endpoint
        .as_ref()
        .map_or_else(|| "the engine that was named".to_owned(), Endpoint::to_string);
    let others: Vec<String> = facts
        .others
        .iter()
        .map(|(address, whose)| format!("{address} ({whose})"))
        .collect();
    match &facts.answer {
        Ok(told) if others.is_empty() => Finding::ok(CHECK, format!("{place} answers: {told}")),
        Ok(told) => Finding::ok(
            CHECK,
            format!("{place} answers: {told}; there is also {}", others.join(", ")),
        ),
        Err(why) => Finding::error(CHECK, format!("{place} does not answer: {why}"), fix(facts)),
    }
}

fn fix(facts: &Facts) -> String {
    if let Some((address, whose)) = facts.others.first() {
        return format!("an engine listens at {address} ({whose}): `export DOCKER_HOST={address}`");
    }
    let source = facts.endpoint.as_ref().map(|endpoint| &endpoint.source);
    match source {
        Some(Source::Flag) => "name another with --docker-host, or leave it out".to_owned(),
        Some(Source::Environment) => "`unset DOCKER_HOST`, or set it to an engine that runs".to_owned(),
        Some(Source::Context(_)) => {
            "`docker context use default`, or start the engine of that context".to_owned()
        }
        Some(Source::Default) | None => start(std::env::consts::OS).to_owned(),
    }
}

/// How an engine is started on this operating system.
fn start(system: &str) -> &'static str {
    match system {
        "macos" => "start Docker Desktop with `open -a Docker`, or colima with `colima start`",
        _ => {
            "`sudo systemctl start docker`; if access is denied, `sudo usermod -aG docker $USER` and log in again; \
             where no engine is installed, see https://docs.docker.com/engine/install/"
        }
    }
}

fn same_socket(one: &str, other: &str) -> bool {
    let real = |address: &str| {
        let path = address.strip_prefix("unix://")?;
        Some(std::fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path)))
    };
    real(one) == real(other)
}

/// Sockets of engines that people have, and that accept a connection.
async fn others() -> Vec<(String, &'static str)> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let mut found: Vec<(String, &'static str)> = Vec::new();
    for (path, whose) in known(&home, runtime.as_deref()) {
        let address = format!("unix://{}", path.display());
        let connected = tokio::time::timeout(SOCKET_LIMIT, tokio::net::UnixStream::connect(&path)).await;
        if matches!(connected, Ok(Ok(_))) && !found.iter().any(|(seen, _)| same_socket(seen, &address)) {
            found.push((address, whose));
        }
    }
    found
}

fn known(home: &std::path::Path, runtime: Option<&std::path::Path>) -> Vec<(PathBuf, &'static str)> {
    let mut known = vec![
        (PathBuf::from("/var/run/docker.sock"), "Docker"),
        (home.join(".docker/run/docker.sock"), "Docker Desktop"),
        (home.join(".docker/desktop/docker.sock"), "Docker Desktop"),
        (home.join(".colima/default/docker.sock"), "colima"),
        (home.join(".config/colima/default/docker.sock"), "colima"),
        (home.join(".orbstack/run/docker.sock"), "OrbStack"),
        (home.join(".rd/docker.sock"), "Rancher Desktop"),
        (PathBuf::from("/run/podman/podman.sock"), "Podman"),
    ];
    if let Some(runtime) = runtime {
        known.push((runtime.join("docker.sock"), "rootless Docker"));
        known.push((runtime.join("podman/podman.sock"), "rootless Podman"));
    }
    known
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    fn facts(source: Source, answer: Result<&str, &str>, others: &[&str]) -> Facts {
        let address = "unix:///nope".to_owned();
        Facts {
            endpoint: Some(Endpoint { address, source }),
            answer: answer.map(str::to_owned).map_err(str::to_owned),
            others: others
                .iter()
                .map(|address| ((*address).to_owned(), "colima"))
                .collect(),
        }
    }

    #[test]
    fn an_engine_that_answers_is_named_with_who_named_it() {
        let finding = judge(&facts(
            Source::Environment,
            Ok("version 29.0.1 on this machine, Debian"),
            &[],
        ));
        assert_eq!(finding.verdict, Verdict::Ok);
        assert_eq!(
            finding.summary,
            "unix:///nope (from DOCKER_HOST) answers: version 29.0.1 on this machine, Debian"
        );
    }

    #[test_case(Source::Flag, "--docker-host"; "named by the flag")]
    #[test_case(Source::Environment, "unset DOCKER_HOST"; "named by the environment")]
    #[test_case(Source::Context("lima".to_owned()), "docker context use default"; "named by a context")]
    fn the_fix_is_for_whoever_named_it(source: Source, expected: &str) {
        let finding = judge(&facts(source, Err("no such file"), &[]));
        assert_eq!(finding.verdict, Verdict::Error);
        assert!(
            finding.summary.ends_with("does not answer: no such file"),
            "{finding:?}"
        );
        assert!(finding.fix.as_deref().unwrap().contains(expected), "{finding:?}");
    }

    #[test]
    fn another_engine_that_listens_is_the_first_thing_to_try() {
        let finding = judge(&facts(Source::Default, Err("no such file"), &["unix:///c.sock"]));
        let fix = "an engine listens at unix:///c.sock (colima): `export DOCKER_HOST=unix:///c.sock`";
        assert_eq!(finding.fix.as_deref(), Some(fix));
    }

    #[test]
    fn each_system_has_its_way_to_start_one() {
        assert!(start("macos").contains("colima start"));
        assert!(start("linux").contains("systemctl start docker"));
    }
}
