//! A round trip through the cluster's registry: pushed from here, read back here and in a node, deleted again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Finding;
use super::scene::{Inside, Scene};
use crate::causes::chain;
use crate::cluster::State;
use crate::cluster::spec::REGISTRY_INTERNAL_PORT;
use crate::docker::dns;
use crate::docker::exec;
use crate::registry::{PROBE_REPOSITORY, Placed, Registry};

pub(super) const CHECK: &str = "registry";

/// For the questions asked from inside a node.
const NODE_LIMIT: Duration = Duration::from_millis(2200);
/// The exit code with which the script says that the node has nothing to ask with.
const HAS_NOTHING: i64 = 125;
/// Fetches the path `$3` from the host `$1`, port `$2`, with what a node has.
const FETCH: &str = r#"
if command -v wget > /dev/null; then exec wget -q -T 1 -O - "http://$1:$2$3"; fi
if command -v curl > /dev/null; then exec curl -sf -m 1 "http://$1:$2$3"; fi
[ -n "$BASH_VERSION" ] || exit 125
exec 3<> "/dev/tcp/$1/$2" && printf 'GET %s HTTP/1.0\r\nHost: %s:%s\r\n\r\n' "$3" "$1" "$2" >&3 && timeout 1 cat <&3
"#;

/// What came of the round trip.
struct Facts {
    registry: String,
    /// Where it is called from this machine.
    address: String,
    cluster: String,
    pushed: Result<(), String>,
    /// What the node read; `None` when it was not asked.
    in_node: Option<Result<bool, Unread>>,
    deleted: Result<(), String>,
}

/// Why the node did not read anything.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Unread {
    NoProgram,
    /// The node was too slow, or could not be asked for another reason.
    Unknown(String),
    Failed(String),
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let found = match scene.found(CHECK).await {
        Ok(found) => found,
        Err(skipped) => return skipped,
    };
    let Some(container) = found.registries.first() else {
        return vec![Finding::skipped(CHECK, "the cluster has no registry")];
    };
    if container.state != State::Running {
        return vec![Finding::skipped(
            CHECK,
            format!("{} does not run", container.name),
        )];
    }
    let Some(port) = container.registry_port() else {
        return vec![Finding::skipped(
            CHECK,
            format!("{} publishes no port", container.name),
        )];
    };
    // `localhost` may lead to ::1 first, where nobody listens.
    let registry = Registry::at(format!("127.0.0.1:{port}"));
    let content = content();
    let (pushed, in_node, deleted) = match registry.place(&content).await {
        Err(error) => (Err(chain(&error)), None, Ok(())),
        Ok(placed) => {
            let pushed = registry.read_back(&placed).await.map_err(|error| chain(&error));
            let in_node = match scene.inside(CHECK).await {
                Ok(inside) => Some(fetch(&inside, &container.name, &placed, &content).await),
                Err(_) => None,
            };
            let deleted = registry.remove(&placed).await.map_err(|error| chain(&error));
            (pushed, in_node, deleted)
        }
    };
    judge(&Facts {
        registry: container.name.clone(),
        address: format!("localhost:{port}"),
        cluster: found.name.clone(),
        pushed,
        in_node,
        deleted,
    })
}

/// Something that no earlier round trip has pushed.
fn content() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!(
        "ratectl doctor, process {}, {} ns",
        std::process::id(),
        now.as_nanos()
    )
}

async fn fetch(inside: &Inside<'_>, registry: &str, placed: &Placed, content: &str) -> Result<bool, Unread> {
    let port = REGISTRY_INTERNAL_PORT.to_string();
    let path = format!("/v2/{PROBE_REPOSITORY}/blobs/{}", placed.blob);
    let command = ["sh", "-c", FETCH, "sh", registry, &port, &path];
    match exec::run(inside.engine, &inside.node.name, &command, NODE_LIMIT).await {
        Ok(output) if output.stdout.ends_with(content) => Ok(true),
        Ok(output) if output.code == HAS_NOTHING => Err(Unread::NoProgram),
        Ok(output) if output.code == 0 => Ok(false),
        Ok(output) => {
            let said = output.stderr.lines().last().map(str::to_owned);
            Err(Unread::Failed(
                said.unwrap_or_else(|| format!("exit code {}", output.code)),
            ))
        }
        Err(error) => Err(Unread::Unknown(dns::why(&error))),
    }
}

fn judge(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![from_host(facts)];
    if facts.pushed.is_ok()
        && let Some(in_node) = &facts.in_node
    {
        findings.push(from_node(facts, in_node));
    }
    findings
}

fn from_host(facts: &Facts) -> Finding {
    let Facts {
        registry,
        address,
        cluster,
        pushed,
        deleted,
        ..
    } = facts;
    if let Err(why) = pushed {
        let fix = format!("`docker logs --tail 50 {registry}` may tell why; `docker restart {registry}`");
        return Finding::error(CHECK, why, fix);
    }
    if let Err(why) = deleted {
        let fix = format!(
            "`ratectl delete-cluster {cluster} && ratectl create-cluster {cluster}` makes one with \
             REGISTRY_STORAGE_DELETE_ENABLED=true; its volume stays"
        );
        return Finding::warning(CHECK, format!("{why}; so it never shrinks"), fix);
    }
    Finding::ok(
        CHECK,
        format!("pushed to {address}, read back by digest and deleted again"),
    )
}

fn from_node(facts: &Facts, in_node: &Result<bool, Unread>) -> Finding {
    let Facts {
        registry, cluster, ..
    } = facts;
    let fix = format!("`ratectl create-cluster {cluster}` connects the registry to the cluster's network");
    match in_node {
        Ok(true) => Finding::ok(
            CHECK,
            format!("the node reads the same from {registry}:{REGISTRY_INTERNAL_PORT}"),
        ),
        Ok(false) => Finding::error(
            CHECK,
            format!("the node reads something else from {registry}"),
            fix,
        ),
        Err(Unread::NoProgram) => Finding::skipped(CHECK, "the node has no program to ask the registry with"),
        Err(Unread::Unknown(why)) => Finding::warning(
            CHECK,
            format!("whether the node can read from {registry} is not found out: {why}"),
            "try again",
        ),
        Err(Unread::Failed(why)) => {
            Finding::error(CHECK, format!("the node cannot read from {registry}: {why}"), fix)
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    fn judged(
        pushed: Result<(), &str>,
        in_node: Option<Result<bool, Unread>>,
        deleted: Result<(), &str>,
    ) -> Vec<Verdict> {
        let findings = judge(&Facts {
            registry: "dev-registry".to_owned(),
            address: "localhost:5000".to_owned(),
            cluster: "dev".to_owned(),
            pushed: pushed.map_err(str::to_owned),
            in_node,
            deleted: deleted.map_err(str::to_owned),
        });
        findings.iter().map(|finding| finding.verdict).collect()
    }

    #[test_case(Ok(()), Some(Ok(true)), Ok(()) => vec![Verdict::Ok, Verdict::Ok]; "both ways")]
    #[test_case(Ok(()), None, Ok(()) => vec![Verdict::Ok]; "the node does not run")]
    #[test_case(Err("refused"), None, Ok(()) => vec![Verdict::Error]; "nobody answers")]
    #[test_case(Ok(()), Some(Ok(true)), Err("405") => vec![Verdict::Warning, Verdict::Ok]; "without deletes")]
    #[test_case(Ok(()), Some(Ok(false)), Ok(()) => vec![Verdict::Ok, Verdict::Error]; "another registry in the node")]
    #[test_case(Ok(()), Some(Err(Unread::NoProgram)), Ok(()) => vec![Verdict::Ok, Verdict::Skipped]; "nothing to ask with")]
    #[test_case(Ok(()), Some(Err(Unread::Unknown("slow".to_owned()))), Ok(()) => vec![Verdict::Ok, Verdict::Warning]; "a slow node")]
    #[test_case(Ok(()), Some(Err(Unread::Failed("no route".to_owned()))), Ok(()) => vec![Verdict::Ok, Verdict::Error]; "out of reach")]
    fn round_trip(
        pushed: Result<(), &str>,
        in_node: Option<Result<bool, Unread>>,
        deleted: Result<(), &str>,
    ) -> Vec<Verdict> {
        judged(pushed, in_node, deleted)
    }
}
