//! Whether the engine runs without root or maps users, which changes what a node may do.

use super::machine::Machine;
use super::{Finding, scene::Scene};

pub(super) const CHECK: &str = "rootless";

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    match scene.reached(CHECK).await {
        Ok(reached) => vec![judge(&reached.machine)],
        Err(skipped) => skipped,
    }
}

fn judge(machine: &Machine) -> Finding {
    if machine.has("rootless") {
        return Finding::warning(
            CHECK,
            "the engine runs without root: the node needs cgroup v2 with delegation and kubelet's \
             KubeletInUserNamespace, and is not tried with here",
            "use an engine that runs as root, `docker context use default`",
        );
    }
    if machine.has("userns") {
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

    #[test_case(&[] => Verdict::Ok; "a plain engine")]
    #[test_case(&["userns"] => Verdict::Ok; "mapped users")]
    #[test_case(&["seccomp", "rootless"] => Verdict::Warning; "rootless")]
    fn security(options: &[&str]) -> Verdict {
        let security = options.iter().map(|option| (*option).to_owned()).collect();
        judge(&Machine {
            security,
            ..Machine::default()
        })
        .verdict
    }
}
