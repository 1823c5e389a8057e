//! Control groups: the kubelet needs them, and newer ones only the second version.

use super::{Finding, scene::Scene};
use crate::docker::Info;

pub(super) const CHECK: &str = "cgroups";

/// From this minor version of Kubernetes 1 on the kubelet refuses cgroup v1 unless told otherwise.
const REFUSES_V1: u64 = 35;
/// Where root delegates controllers to users.
const DELEGATION: &str = "/etc/systemd/system/user@.service.d/delegate.conf";

struct Facts<'a> {
    info: &'a Info,
    /// The node image.
    image: String,
    /// The controllers delegated to this user, where the engine is rootless and here.
    delegated: Option<Vec<String>>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let reached = match scene.reached(CHECK).await {
        Ok(reached) => reached,
        Err(skipped) => return skipped,
    };
    let image = scene.wanted().await.image;
    let delegated = if reached.machine.info.rootless {
        super::blocking(delegated).await.flatten()
    } else {
        None
    };
    let info = &reached.machine.info;
    vec![judge(&Facts {
        info,
        image,
        delegated,
    })]
}

fn judge(facts: &Facts<'_>) -> Finding {
    let driver = &facts.info.cgroup_driver;
    match facts.info.cgroup_version {
        None => Finding::warning(
            CHECK,
            format!("the engine does not tell its version of cgroups; driver {driver}"),
            "use a Docker engine 20.10 or newer",
        ),
        Some(1) => version_one(driver, &facts.image),
        Some(version) => match missing(facts) {
            Some(missing) => Finding::error(
                CHECK,
                format!("cgroup v{version}, and the rootless engine lacks the controllers {missing}"),
                format!(
                    "`sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu cpuset io \
                     memory pids\\n' | sudo tee {DELEGATION} && sudo systemctl daemon-reload`, then log in again"
                ),
            ),
            None => Finding::ok(CHECK, format!("cgroup v{version}, driver {driver}")),
        },
    }
}

fn version_one(driver: &str, image: &str) -> Finding {
    let fix = "boot the engine's machine with `systemd.unified_cgroup_hierarchy=1`, or keep a node image of Kubernetes \
               1.34 or older";
    match kubernetes_minor(image) {
        Some(minor) if minor >= REFUSES_V1 => Finding::error(
            CHECK,
            format!("cgroup v1, driver {driver}: the kubelet of {image} refuses it"),
            fix,
        ),
        _ => Finding::warning(
            CHECK,
            format!(
                "cgroup v1, driver {driver}: works with {image}, and not from Kubernetes 1.{REFUSES_V1} on"
            ),
            fix,
        ),
    }
}

fn missing(facts: &Facts<'_>) -> Option<String> {
    let delegated = facts.delegated.as_ref()?;
    let lacks = |controller: &&str| !delegated.iter().any(|has| has == controller);
    let missing: Vec<&str> = ["cpu", "cpuset", "memory", "pids"]
        .into_iter()
        .filter(lacks)
        .collect();
    (!missing.is_empty()).then(|| missing.join(", "))
}

/// The minor version in a tag such as `v1.34.4-k3s1`.
fn kubernetes_minor(image: &str) -> Option<u64> {
    let (_, tag) = image.rsplit_once(':')?;
    let rest = tag.trim_start_matches('v').strip_prefix("1.")?;
    rest.split(['.', '-', '+']).next()?.parse().ok()
}

fn delegated() -> Option<Vec<String>> {
    let user = rustix::process::getuid().as_raw();
    let path = format!("/sys/fs/cgroup/user.slice/user-{user}.slice/user@{user}.service/cgroup.controllers");
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    const ALL: &[&str] = &["cpu", "cpuset", "io", "memory", "pids"];

    #[test_case(Some(2), "rancher/k3s:v1.34.4-k3s1", None => Verdict::Ok; "version 2")]
    #[test_case(Some(1), "rancher/k3s:v1.34.4-k3s1", None => Verdict::Warning; "version 1 and a kubelet that takes it")]
    #[test_case(Some(1), "rancher/k3s:v1.35.0-k3s1", None => Verdict::Error; "version 1 and a kubelet that refuses it")]
    #[test_case(Some(1), "registry:5000/k3s", None => Verdict::Warning; "an image without a version")]
    #[test_case(None, "rancher/k3s:v1.34.4-k3s1", None => Verdict::Warning; "an engine that does not tell")]
    #[test_case(Some(2), "rancher/k3s:v1.34.4-k3s1", Some(ALL) => Verdict::Ok; "rootless with delegation")]
    #[test_case(Some(2), "rancher/k3s:v1.34.4-k3s1", Some(&["memory", "pids"]) => Verdict::Error; "rootless without")]
    fn cgroups(version: Option<u8>, image: &str, delegated: Option<&[&str]>) -> Verdict {
        let info = Info {
            cgroup_version: version,
            ..Info::default()
        };
        let delegated = delegated.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let image = image.to_owned();
        judge(&Facts {
            info: &info,
            image,
            delegated,
        })
        .verdict
    }

    #[test_case("rancher/k3s:v1.34.4-k3s1" => Some(34); "a tag of k3s")]
    #[test_case("kindest/node:v1.35.0" => Some(35); "a plain version")]
    #[test_case("localhost:5000/k3s" => None; "a port is no version")]
    #[test_case("k3s:latest" => None; "no version at all")]
    fn version_of(image: &str) -> Option<u64> {
        kubernetes_minor(image)
    }
}
