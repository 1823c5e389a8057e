//! Pods that no node takes.

use super::Kind;
use super::finding::{MOMENT, OTHERS, Patience};

/// What the scheduler's sentence means.
pub(super) fn unschedulable(message: &str) -> (Kind, Patience, String) {
    // What follows is about whom it could push out, and whom not.
    let sentence = message
        .split_once(" preemption:")
        .map_or(message, |(before, _)| before);
    let sentence = sentence.trim_end_matches("no new claims to deallocate,");
    let sentence = sentence.trim().trim_end_matches("not found").trim();
    let lower = message.to_ascii_lowercase();
    let about_claims = lower.contains("persistentvolumeclaim") || lower.contains("volume");
    let kind = if about_claims {
        Kind::Volume
    } else {
        Kind::Unschedulable
    };
    (
        kind,
        patience(&lower),
        sentence.trim_end_matches(['.', ' ']).to_owned(),
    )
}

/// A node may come or become ready, other pods may go. Where the scheduler itself says that nobody's going would help, only
/// a change to the pod or to the nodes does.
fn patience(message: &str) -> Patience {
    let (sentence, preemption) = message.split_once("preemption:").unwrap_or((message, ""));
    // Nodes that are starting, or being drained, carry taints of Kubernetes' own.
    let passing = [
        "node.kubernetes.io/",
        "node.cloudprovider.kubernetes.io/",
        "were unschedulable",
        "no nodes available",
        "unbound immediate",
    ];
    if passing.iter().any(|part| sentence.contains(part)) {
        return Patience::For(OTHERS);
    }
    let hopeless =
        preemption.contains("preemption is not helpful") && !preemption.contains("no preemption victims");
    if hopeless || sentence.contains("\" not found") {
        Patience::For(MOMENT)
    } else {
        Patience::For(OTHERS)
    }
}
