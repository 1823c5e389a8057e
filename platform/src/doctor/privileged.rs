//! Whether a privileged container can run, as far as the engine tells without starting one.

use super::machine::Machine;
use super::{Finding, scene::Scene};

pub(super) const CHECK: &str = "privileged";

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    match scene.reached(CHECK).await {
        Ok(reached) => vec![judge(&reached.machine)],
        Err(skipped) => skipped,
    }
}

fn judge(machine: &Machine) -> Finding {
    if machine.os_type != "linux" {
        return Finding::error(
            CHECK,
            format!(
                "the engine runs {} containers, and a node is a Linux container",
                machine.os_type
            ),
            "switch Docker Desktop to Linux containers: `& \"$Env:ProgramFiles\\Docker\\Docker\\DockerCli.exe\" \
             -SwitchLinuxEngine`",
        );
    }
    if machine.has("rootless") {
        return Finding::warning(
            CHECK,
            "privileged containers get only what the engine's own user may do",
            "use an engine that runs as root, `docker context use default`",
        );
    }
    Finding::ok(
        CHECK,
        "nothing the engine tells speaks against privileged containers",
    )
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    #[test_case("linux", &[] => Verdict::Ok; "a plain engine")]
    #[test_case("linux", &["rootless"] => Verdict::Warning; "rootless")]
    #[test_case("windows", &[] => Verdict::Error; "windows containers")]
    fn engine(os_type: &str, options: &[&str]) -> Verdict {
        let security = options.iter().map(|option| (*option).to_owned()).collect();
        let os_type = os_type.to_owned();
        judge(&Machine {
            os_type,
            security,
            ..Machine::default()
        })
        .verdict
    }
}
