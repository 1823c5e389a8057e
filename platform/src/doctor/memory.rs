//! Memory and processors of the engine's machine.

use super::machine::{Kind, Machine};
use super::{Finding, quantity, scene::Scene};

pub(super) const CHECK: &str = "memory";

/// A control plane alone wants this much.
const LEAST: u64 = 1 << 30;
/// A control plane with the pods of a small system.
const COMFORTABLE: u64 = 3 << 30;
/// Free memory below which starting a node is a gamble.
const AVAILABLE: u64 = 1 << 30;

struct Facts<'a> {
    machine: &'a Machine,
    /// Bytes that can be had without swapping, where that can be read.
    available: Option<u64>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let reached = match scene.reached(CHECK).await {
        Ok(reached) => reached,
        Err(skipped) => return skipped,
    };
    let available = scene.file(&reached.machine, "/proc/meminfo").await;
    vec![judge(&Facts {
        machine: &reached.machine,
        available: available.as_deref().and_then(read),
    })]
}

/// `MemAvailable` of `/proc/meminfo`, in bytes.
fn read(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

fn judge(facts: &Facts<'_>) -> Finding {
    let Machine { kind, info } = facts.machine;
    let (cpus, memory) = (info.cpus, info.memory_bytes);
    let available = facts
        .available
        .map(|available| format!(", {} available", quantity::bytes(available)));
    let summary = format!(
        "{} of memory and {cpus} CPUs{}",
        quantity::bytes(memory),
        available.unwrap_or_default()
    );
    let more = match kind {
        Kind::Here => "end what is not needed, or give the machine more",
        Kind::DockerDesktop => "Docker Desktop: Settings, Resources: 4 GB and 2 CPUs or more",
        Kind::Colima => "`colima stop && colima start --memory 4 --cpu 2`",
        Kind::Elsewhere => "give the engine's machine 4 GiB and 2 CPUs or more",
    };
    if memory < LEAST {
        Finding::error(CHECK, summary, more)
    } else if memory < COMFORTABLE
        || cpus < 2
        || facts.available.is_some_and(|available| available < AVAILABLE)
    {
        Finding::warning(CHECK, summary, more)
    } else {
        Finding::ok(CHECK, summary)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::docker::Info;
    use crate::doctor::Verdict;

    #[test_case(8 << 30, 4, Some(4 << 30) => Verdict::Ok; "enough")]
    #[test_case(8 << 30, 4, None => Verdict::Ok; "enough in a virtual machine")]
    #[test_case(8 << 30, 4, Some(1 << 20) => Verdict::Warning; "all taken")]
    #[test_case(2 << 30, 4, None => Verdict::Warning; "little memory")]
    #[test_case(8 << 30, 1, None => Verdict::Warning; "one processor")]
    #[test_case(1 << 29, 4, None => Verdict::Error; "too little")]
    fn machine(memory: u64, cpus: u32, available: Option<u64>) -> Verdict {
        let machine = Machine {
            info: Info {
                cpus,
                memory_bytes: memory,
                ..Info::default()
            },
            ..Machine::default()
        };
        judge(&Facts {
            machine: &machine,
            available,
        })
        .verdict
    }

    #[test]
    fn available_memory_is_read_in_kibibytes() {
        assert_eq!(
            read("MemTotal: 100 kB\nMemAvailable:    2048 kB\n"),
            Some(2 << 20)
        );
        assert_eq!(read("MemTotal: 100 kB\n"), None);
    }
}
