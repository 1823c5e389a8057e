//! Whether the engine runs without root or maps users, which changes what a node may do.

use super::{Finding, scene::Scene};
use crate::docker::Info;

pub(super) const CHECK: &str = "rootless";

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    match scene.reached(CHECK).await {
        Ok(reached) => vec![judge(&reached.machine.info)],
        Err(skipped) => skipped,
    }
}

fn judge(info: &Info) -> Finding {
    if info.rootless {
        return Finding::warning(
            CHECK,
            "the engine runs without root: the node needs cgroup v2 with delegation and kubelet's \
             KubeletInUserNamespace, and is not tried with here",
            "use an engine that runs as root, `docker context use default`",
        );
    }
    if info.user_namespaces {
        return Finding::ok(
            CHECK,
            "the engine runs as root and maps users; nodes are started outside that mapping",
        );
    }
    Finding::ok(CHECK, "the engine runs as root, without user namespaces")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    #[test_case(false, false => Verdict::Ok; "a plain engine")]
    #[test_case(false, true => Verdict::Ok; "mapped users")]
    #[test_case(true, false => Verdict::Warning; "rootless")]
    fn security(rootless: bool, user_namespaces: bool) -> Verdict {
        let info = Info {
            rootless,
            user_namespaces,
            ..Info::default()
        };
        judge(&info).verdict
    }
}
