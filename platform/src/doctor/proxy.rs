//! Proxies in the environment: what belongs to the cluster has to go past them.

use super::{Finding, scene::Scene};
use crate::no_proxy::NoProxy;

pub(super) const CHECK: &str = "proxy";

/// Proxy variables; programs read either spelling.
const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Addresses of pods, of Services and below the cluster's domain: an example of each, and what exempts all of its kind.
pub(super) const CLUSTER_HOSTS: [(&str, &str); 4] = [
    ("10.42.0.1", "10.42.0.0/16"),
    ("10.43.0.1", "10.43.0.0/16"),
    ("kubernetes.default.svc", ".svc"),
    ("kubernetes.default.svc.cluster.local", ".cluster.local"),
];

struct Facts {
    /// Variables that are set, with values.
    proxies: Vec<(String, String)>,
    no_proxy: String,
    registry: Option<String>,
}

pub(super) fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let proxies = PROXIES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), variable(name)?)))
        .collect();
    let no_proxy = variable("NO_PROXY")
        .or_else(|| variable("no_proxy"))
        .unwrap_or_default();
    vec![judge(&Facts {
        proxies,
        no_proxy,
        registry: scene.registry_name(),
    })]
}

fn judge(facts: &Facts) -> Finding {
    if facts.proxies.is_empty() {
        return Finding::ok(CHECK, "no proxy is set in the environment");
    }
    let proxies: Vec<String> = facts
        .proxies
        .iter()
        .map(|(name, value)| format!("{name}={}", without_password(value)))
        .collect();
    let proxies = proxies.join(" ");
    let missing = missing(&facts.no_proxy, &CLUSTER_HOSTS, facts.registry.as_deref());
    if missing.is_empty() {
        return Finding::ok(CHECK, format!("{proxies}; NO_PROXY lets the cluster past it"));
    }
    let missing = missing.join(",");
    let list = [facts.no_proxy.trim_end_matches(','), &missing]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(",");
    Finding::warning(
        CHECK,
        format!("{proxies}, and NO_PROXY does not let {missing} past it"),
        format!("`export NO_PROXY={list} no_proxy={list}`"),
    )
}

/// What has to be added to a `NO_PROXY` so that `hosts` and the registry go past the proxy.
pub(super) fn missing(no_proxy: &str, hosts: &[(&str, &str)], registry: Option<&str>) -> Vec<String> {
    let exceptions = NoProxy::parse(no_proxy);
    let registry = registry.map(|name| (name, name));
    hosts
        .iter()
        .copied()
        .chain(registry)
        .filter(|(host, _)| !exceptions.exempts(host))
        .map(|(_, entry)| entry.to_owned())
        .collect()
}

/// A proxy's URL without user and password.
pub(super) fn without_password(url: &str) -> String {
    let (scheme, rest) = url
        .split_once("://")
        .map_or(("", url), |(scheme, rest)| (scheme, rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if scheme.is_empty() {
        host.to_owned()
    } else {
        format!("{scheme}://{host}")
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    const ALL: &str = "10.42.0.0/16,10.43.0.0/16,.svc,.cluster.local,dev-registry";

    fn found(proxy: Option<&str>, no_proxy: &str) -> Finding {
        let proxies = proxy.map(|url| ("HTTPS_PROXY".to_owned(), url.to_owned()));
        judge(&Facts {
            proxies: proxies.into_iter().collect(),
            no_proxy: no_proxy.to_owned(),
            registry: Some("dev-registry".to_owned()),
        })
    }

    #[test_case(None, "" => Verdict::Ok; "no proxy")]
    #[test_case(Some("http://proxy:3128"), ALL => Verdict::Ok; "everything exempt")]
    #[test_case(Some("http://proxy:3128"), "10.0.0.0/8,svc,cluster.local,dev-registry" => Verdict::Ok; "exempt by wider entries")]
    #[test_case(Some("http://proxy:3128"), "" => Verdict::Warning; "nothing exempt")]
    fn environment(proxy: Option<&str>, no_proxy: &str) -> Verdict {
        found(proxy, no_proxy).verdict
    }

    #[test]
    fn the_fix_keeps_what_is_exempt_and_adds_what_is_missing() {
        let finding = found(
            Some("http://me:secret@proxy:3128"),
            "example.org,10.42.0.0/15,.svc,.cluster.local",
        );
        assert_eq!(
            finding.summary,
            "HTTPS_PROXY=http://proxy:3128, and NO_PROXY does not let dev-registry past it"
        );
        let list = "example.org,10.42.0.0/15,.svc,.cluster.local,dev-registry";
        assert_eq!(
            finding.fix.unwrap(),
            format!("`export NO_PROXY={list} no_proxy={list}`")
        );
    }
}
