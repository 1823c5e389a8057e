//! Limits of inotify: every kubelet, containerd and log follower takes instances, and all nodes share one kernel.

use super::Finding;
use super::machine::Machine;
use super::scene::{NO_ENGINE, Scene};

pub(super) const CHECK: &str = "inotify";

const INSTANCES: (&str, &str, u64) = (
    "fs.inotify.max_user_instances",
    "/proc/sys/fs/inotify/max_user_instances",
    512,
);
const WATCHES: (&str, &str, u64) = (
    "fs.inotify.max_user_watches",
    "/proc/sys/fs/inotify/max_user_watches",
    524_288,
);

struct Facts<'a> {
    machine: &'a Machine,
    instances: Option<u64>,
    watches: Option<u64>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let Some(machine) = scene.machine().await else {
        return vec![Finding::skipped(CHECK, NO_ENGINE)];
    };
    let (instances, watches) =
        tokio::join!(scene.file(&machine, INSTANCES.1), scene.file(&machine, WATCHES.1));
    let number = |text: Option<String>| text.and_then(|text| text.trim().parse().ok());
    vec![judge(&Facts {
        machine: &machine,
        instances: number(instances),
        watches: number(watches),
    })]
}

fn judge(facts: &Facts<'_>) -> Finding {
    let (Some(instances), Some(watches)) = (facts.instances, facts.watches) else {
        return Finding::skipped(
            CHECK,
            "the limits of the engine's machine cannot be read from here",
        );
    };
    let summary = format!(
        "{instances} instances and {watches} watches a user; {} and {} are enough for several nodes",
        INSTANCES.2, WATCHES.2
    );
    let wanted: Vec<String> = [(INSTANCES, instances), (WATCHES, watches)]
        .into_iter()
        .filter(|((_, _, enough), is)| is < enough)
        .map(|((name, _, enough), _)| format!("{name}={enough}"))
        .collect();
    if wanted.is_empty() {
        return Finding::ok(
            CHECK,
            format!("{instances} instances and {watches} watches a user"),
        );
    }
    Finding::warning(CHECK, summary, facts.machine.sysctl(&wanted))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::machine::Kind;
    use super::*;
    use crate::doctor::Verdict;

    fn found(kind: Kind, instances: Option<u64>, watches: Option<u64>) -> Finding {
        let machine = Machine {
            kind,
            ..Machine::default()
        };
        judge(&Facts {
            machine: &machine,
            instances,
            watches,
        })
    }

    #[test_case(Some(512), Some(524_288) => Verdict::Ok; "just enough")]
    #[test_case(Some(128), Some(524_288) => Verdict::Warning; "few instances")]
    #[test_case(Some(512), Some(8192) => Verdict::Warning; "few watches")]
    #[test_case(None, Some(524_288) => Verdict::Skipped; "not readable")]
    fn limits(instances: Option<u64>, watches: Option<u64>) -> Verdict {
        found(Kind::Here, instances, watches).verdict
    }

    #[test_case(Kind::Here, "`sudo sysctl -w fs.inotify.max_user_instances=512`"; "here")]
    #[test_case(Kind::Colima, "`colima ssh -- sudo sysctl -w fs.inotify.max_user_instances=512`"; "colima")]
    #[test_case(Kind::DockerDesktop, "docker run --rm --privileged"; "docker desktop")]
    fn the_fix_is_for_the_machine(kind: Kind, expected: &str) {
        let fix = found(kind, Some(128), Some(600_000)).fix.unwrap();
        assert!(fix.starts_with(expected) || fix.contains(expected), "{fix}");
        assert!(!fix.contains("max_user_watches"), "what is enough is left: {fix}");
    }
}
