//! Whether a privileged container can run, as far as the engine tells without starting one.

use super::{Finding, scene::Scene};
use crate::docker::Info;

pub(super) const CHECK: &str = "privileged";

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    match scene.reached(CHECK).await {
        Ok(reached) => vec![judge(&reached.machine.info)],
        Err(skipped) => skipped,
    }
}

fn judge(info: &Info) -> Finding {
    if info.os != "linux" {
        return Finding::error(
            CHECK,
            format!(
                "the engine runs {} containers, and a node is a Linux container",
                info.os
            ),
            "switch Docker Desktop to Linux containers: `& \"$Env:ProgramFiles\\Docker\\Docker\\DockerCli.exe\" \
             -SwitchLinuxEngine`",
        );
    }
    if info.rootless {
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

    #[test_case("linux", false => Verdict::Ok; "a plain engine")]
    #[test_case("linux", true => Verdict::Warning; "rootless")]
    #[test_case("windows", false => Verdict::Error; "windows containers")]
    fn engine(os: &str, rootless: bool) -> Verdict {
        let info = Info {
            os: os.to_owned(),
            rootless,
            ..Info::default()
        };
        judge(&info).verdict
    }
}
