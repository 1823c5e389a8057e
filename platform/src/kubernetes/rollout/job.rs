//! Jobs: done when they have succeeded, over when they have failed.

use serde_json::Value;

use super::Rollout;
use super::condition::{Condition, conditions};

/// A Job's run.
pub(super) fn job(job: &Value) -> Rollout {
    let conditions = conditions(job);
    let holds = |kind| Condition::of(conditions, kind).filter(|condition| condition.is_true());
    if holds("Complete").is_some() {
        return Rollout::Done;
    }
    // FailureTarget comes first, while the pods are being ended; nothing takes it back.
    if let Some(failed) = holds("Failed").or_else(|| holds("FailureTarget")) {
        return Rollout::Failed(format!("{}: {}", failed.reason(), failed.words()));
    }
    if holds("Suspended").is_some() {
        return Rollout::Progressing("suspended".to_owned());
    }
    let count = |name: &str| job["status"][name].as_i64().unwrap_or(0);
    let wanted = job["spec"]["completions"].as_i64().unwrap_or(1);
    let (succeeded, failed) = (count("succeeded"), count("failed"));
    let failures = if failed > 0 {
        format!(", {failed} failed")
    } else {
        String::new()
    };
    Rollout::Progressing(format!("{succeeded} of {wanted} runs succeeded{failures}"))
}
