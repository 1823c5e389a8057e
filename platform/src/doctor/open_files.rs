//! Open files: the kernel's table, and what this program itself may open.

use rustix::process::{Resource, getrlimit};

use super::{Finding, scene::Scene};

pub(super) const CHECK: &str = "open-files";

/// Fewer than this, and a port-forward or a load test started from here runs out.
const ENOUGH: u64 = 1024;

struct Facts {
    /// What one process started from here may open; `None` for without limit.
    own: Option<u64>,
    /// Open files and the most there can be, on the engine's machine.
    kernel: Option<(u64, u64)>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let own = getrlimit(Resource::Nofile).current;
    let kernel = match scene.machine().await {
        Some(machine) => scene.file(&machine, "/proc/sys/fs/file-nr").await,
        None => None,
    };
    let kernel = kernel.as_deref().and_then(read);
    vec![judge(&Facts { own, kernel })]
}

/// Open files and the most there can be: the first and third number of `file-nr`.
fn read(text: &str) -> Option<(u64, u64)> {
    let numbers: Vec<u64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    Some((*numbers.first()?, *numbers.get(2)?))
}

fn judge(facts: &Facts) -> Finding {
    if let Some((open, most)) = facts.kernel
        && open.saturating_mul(10) > most.saturating_mul(8)
    {
        let more = most.saturating_mul(2);
        return Finding::warning(
            CHECK,
            format!("{open} of {most} files of the kernel's table are open"),
            format!("`sudo sysctl -w fs.file-max={more}`"),
        );
    }
    match facts.own {
        Some(own) if own < ENOUGH => Finding::warning(
            CHECK,
            format!("a process started here may open {own} files"),
            format!("`ulimit -n {ENOUGH}`"),
        ),
        Some(own) => Finding::ok(CHECK, format!("a process started here may open {own} files")),
        None => Finding::ok(CHECK, "a process started here may open any number of files"),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    #[test_case(Some(1024), Some((100, 1000)) => Verdict::Ok; "enough")]
    #[test_case(None, None => Verdict::Ok; "without limit")]
    #[test_case(Some(256), None => Verdict::Warning; "the default of macOS")]
    #[test_case(Some(4096), Some((900, 1000)) => Verdict::Warning; "a kernel that is nearly full")]
    #[test_case(Some(4096), Some((1, u64::MAX)) => Verdict::Ok; "a kernel without end")]
    fn files(own: Option<u64>, kernel: Option<(u64, u64)>) -> Verdict {
        judge(&Facts { own, kernel }).verdict
    }

    #[test]
    fn the_second_number_of_the_kernel_is_passed_over() {
        assert_eq!(
            read("1216\t0\t9223372036854775807\n"),
            Some((1216, 9_223_372_036_854_775_807))
        );
        assert_eq!(read("garbage"), None);
    }
}
