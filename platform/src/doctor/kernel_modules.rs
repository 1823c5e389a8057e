//! Kernel modules: overlayfs for the images in a node, `br_netfilter` for Services between pods of one node.

use super::Finding;
use super::machine::Kind;
use super::scene::{NO_ENGINE, Scene};

pub(super) const CHECK: &str = "kernel-modules";

struct Facts {
    overlay: bool,
    /// `bridge-nf-call-iptables`; `None` when the module is not loaded.
    bridge_calls_iptables: Option<bool>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let machine = match scene.machine().await {
        Some(machine) if machine.kind == Kind::Here => machine,
        Some(_) => return vec![Finding::skipped(CHECK, "the engine's machine is not this one")],
        None => return vec![Finding::skipped(CHECK, NO_ENGINE)],
    };
    let file_systems = scene
        .file(&machine, "/proc/filesystems")
        .await
        .unwrap_or_default();
    let bridge = scene
        .file(&machine, "/proc/sys/net/bridge/bridge-nf-call-iptables")
        .await;
    vec![judge(&Facts {
        overlay: file_systems.split_whitespace().any(|word| word == "overlay"),
        bridge_calls_iptables: bridge.map(|value| value.trim() == "1"),
    })]
}

fn judge(facts: &Facts) -> Finding {
    if !facts.overlay {
        return Finding::warning(
            CHECK,
            "overlayfs is not loaded; a node cannot load it itself where modules are locked",
            "`sudo modprobe overlay`",
        );
    }
    match facts.bridge_calls_iptables {
        Some(true) => Finding::ok(CHECK, "overlay and br_netfilter are loaded"),
        Some(false) => Finding::warning(
            CHECK,
            "br_netfilter is loaded and switched off: a pod may not reach a Service whose pod is on the same node",
            "`sudo sysctl -w net.bridge.bridge-nf-call-iptables=1`",
        ),
        None => Finding::warning(
            CHECK,
            "br_netfilter is not loaded: a pod may not reach a Service whose pod is on the same node",
            "`sudo modprobe br_netfilter`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    #[test_case(true, Some(true) => Verdict::Ok; "both there")]
    #[test_case(true, None => Verdict::Warning; "no bridge module")]
    #[test_case(true, Some(false) => Verdict::Warning; "bridge module without effect")]
    #[test_case(false, Some(true) => Verdict::Warning; "no overlay")]
    fn modules(overlay: bool, bridge_calls_iptables: Option<bool>) -> Verdict {
        judge(&Facts {
            overlay,
            bridge_calls_iptables,
        })
        .verdict
    }
}
