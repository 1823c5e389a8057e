//! The engine's clock against this machine's: certificates are not yet valid, or no longer, where they differ much.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::machine::{Kind, Machine};
use super::{Finding, quantity, scene::Scene};

pub(super) const CHECK: &str = "clock";

/// Logs and time-outs start to mislead.
const NOTICEABLE: Duration = Duration::from_secs(2);
/// A certificate made there may not be valid here.
const HARMFUL: Duration = Duration::from_mins(1);

struct Facts<'a> {
    machine: &'a Machine,
    /// This machine's clock before and after the engine told its own.
    asked: (SystemTime, SystemTime),
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    match scene.reached(CHECK).await {
        Ok(reached) => vec![judge(&Facts {
            machine: &reached.machine,
            asked: reached.asked,
        })],
        Err(skipped) => skipped,
    }
}

fn judge(facts: &Facts<'_>) -> Finding {
    let Ok(told) = OffsetDateTime::parse(&facts.machine.info.system_time, &Rfc3339) else {
        return Finding::skipped(CHECK, "the engine does not tell its time");
    };
    let told = SystemTime::from(told);
    let (apart, direction) = apart(told, facts.asked);
    if apart < NOTICEABLE {
        return Finding::ok(CHECK, "the engine's clock and this machine's agree");
    }
    let summary = format!(
        "the engine's clock is {} {direction} this machine's",
        quantity::span(apart)
    );
    let fix = match facts.machine.kind {
        Kind::DockerDesktop => "restart Docker Desktop: its clock stands still while the machine sleeps",
        Kind::Colima => "`colima restart`: its clock stands still while the machine sleeps",
        Kind::Here | Kind::Elsewhere => "`sudo timedatectl set-ntp true` on both machines",
    };
    if apart < HARMFUL {
        Finding::warning(CHECK, summary, fix)
    } else {
        Finding::error(CHECK, summary, fix)
    }
}

/// How far `told` lies outside the time in which it was told.
fn apart(told: SystemTime, (before, after): (SystemTime, SystemTime)) -> (Duration, &'static str) {
    match (before.duration_since(told), told.duration_since(after)) {
        (Ok(behind), _) => (behind, "behind"),
        (_, Ok(ahead)) => (ahead, "ahead of"),
        _ => (Duration::ZERO, "level with"),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::docker::Info;
    use crate::doctor::Verdict;

    #[test_case("2026-01-01T00:00:10.5Z" => (Verdict::Ok, "the engine's clock and this machine's agree".to_owned()); "equal")]
    #[test_case("2026-01-01T00:00:11.9Z" => (Verdict::Ok, "the engine's clock and this machine's agree".to_owned()); "nearly")]
    #[test_case("2026-01-01T00:00:31Z" => (Verdict::Warning, "the engine's clock is 20 s ahead of this machine's".to_owned()); "ahead")]
    #[test_case("2025-12-31T23:50:10+00:00" => (Verdict::Error, "the engine's clock is 10 min behind this machine's".to_owned()); "behind")]
    #[test_case("yesterday" => (Verdict::Skipped, "not looked at: the engine does not tell its time".to_owned()); "no time")]
    fn told(time: &str) -> (Verdict, String) {
        let machine = Machine {
            info: Info {
                system_time: time.to_owned(),
                ..Info::default()
            },
            ..Machine::default()
        };
        let before = SystemTime::from(OffsetDateTime::parse("2026-01-01T00:00:10Z", &Rfc3339).unwrap());
        let asked = (before, before + Duration::from_secs(1));
        let finding = judge(&Facts {
            machine: &machine,
            asked,
        });
        (finding.verdict, finding.summary)
    }
}
