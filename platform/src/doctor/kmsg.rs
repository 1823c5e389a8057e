//! `/dev/kmsg`, from which the kubelet learns of processes killed for memory; without it the kubelet does not start.

use std::path::Path;

use super::machine::Kind;
use super::scene::{NO_ENGINE, Scene};
use super::{Finding, blocking};

pub(super) const CHECK: &str = "kmsg";

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    match scene.machine().await.map(|machine| machine.kind) {
        Some(Kind::Here) => vec![judge(
            blocking(|| Path::new("/dev/kmsg").exists())
                .await
                .unwrap_or_default(),
        )],
        Some(_) => vec![Finding::skipped(CHECK, "the engine's machine is not this one")],
        None => vec![Finding::skipped(CHECK, NO_ENGINE)],
    }
}

fn judge(there: bool) -> Finding {
    if there {
        return Finding::ok(CHECK, "/dev/kmsg is there, as the kubelet needs it");
    }
    Finding::error(
        CHECK,
        "there is no /dev/kmsg, and the kubelet does not start without it",
        "`sudo ln -s /dev/console /dev/kmsg`; in an LXC container allow the device in its configuration",
    )
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    #[test_case(true => Verdict::Ok)]
    #[test_case(false => Verdict::Error)]
    fn kmsg(there: bool) -> Verdict {
        judge(there).verdict
    }
}
