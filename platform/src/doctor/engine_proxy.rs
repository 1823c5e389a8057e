//! The engine's own proxies: pulls and pushes go through them, unless the registry is exempt.

use super::machine::{Kind, Machine};
use super::proxy::{missing, without_password};
use super::{Finding, scene::Scene};

pub(super) const CHECK: &str = "engine-proxy";

struct Facts<'a> {
    machine: &'a Machine,
    registry: Option<String>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    match scene.reached(CHECK).await {
        Ok(reached) => vec![judge(&Facts {
            machine: &reached.machine,
            registry: scene.registry_name(),
        })],
        Err(skipped) => skipped,
    }
}

fn judge(facts: &Facts<'_>) -> Finding {
    let Machine { kind, info } = facts.machine;
    let Some(proxy) = [&info.https_proxy, &info.http_proxy]
        .into_iter()
        .find(|proxy| !proxy.is_empty())
    else {
        return Finding::ok(CHECK, "the engine uses no proxy");
    };
    let proxy = without_password(proxy);
    let missing = missing(&info.no_proxy, &[], facts.registry.as_deref());
    if missing.is_empty() {
        return Finding::ok(
            CHECK,
            format!("the engine uses {proxy}; the registry goes past it"),
        );
    }
    let missing = missing.join(",");
    let list = [info.no_proxy.as_str(), &missing]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(",");
    let fix = match kind {
        Kind::DockerDesktop => format!("Docker Desktop: Settings, Resources, Proxies: bypass for {list}"),
        _ => format!(
            "\"no-proxy\": \"{list}\" under \"proxies\" in the engine's daemon.json, and restart the engine"
        ),
    };
    Finding::warning(CHECK, format!("the engine uses {proxy}, also for {missing}"), fix)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::docker::Info;
    use crate::doctor::Verdict;

    #[test_case("", "", Some("dev-registry") => Verdict::Ok; "no proxy")]
    #[test_case("http://proxy:1", "dev-registry", Some("dev-registry") => Verdict::Ok; "exempt")]
    #[test_case("http://proxy:1", "", None => Verdict::Ok; "no registry")]
    #[test_case("http://proxy:1", "localhost", Some("dev-registry") => Verdict::Warning; "not exempt")]
    fn engine(proxy: &str, no_proxy: &str, registry: Option<&str>) -> Verdict {
        let machine = Machine {
            info: Info {
                https_proxy: proxy.to_owned(),
                no_proxy: no_proxy.to_owned(),
                ..Info::default()
            },
            ..Machine::default()
        };
        judge(&Facts {
            machine: &machine,
            registry: registry.map(str::to_owned),
        })
        .verdict
    }
}
