//! Definitions of kinds, and resources of kinds that Kubernetes itself does not know.

use serde_json::Value;

use super::Rollout;
use super::condition::{self, Condition, generation, is_outdated, unseen};

/// A `CustomResourceDefinition`.
pub(super) fn definition(definition: &Value) -> Rollout {
    let conditions = condition::conditions(definition);
    let names = Condition::of(conditions, "NamesAccepted");
    if let Some(refused) = names.filter(|names| names.is_false()) {
        return Rollout::Failed(refused.words());
    }
    let established = Condition::of(conditions, "Established");
    if names.is_some_and(Condition::is_true) && established.is_some_and(Condition::is_true) {
        return Rollout::Done;
    }
    Rollout::Progressing("not established yet".to_owned())
}

/// An `APIService`.
pub(super) fn api_service(service: &Value) -> Rollout {
    match Condition::of(condition::conditions(service), "Available") {
        Some(available) if available.is_true() => Rollout::Done,
        Some(available) => Rollout::Progressing(available.words()),
        None => Rollout::Progressing("not available yet".to_owned()),
    }
}

/// A resource of `jetstream.nats.io`. Its controller leaves the observed generation where it was when it fails, and tries again.
pub(super) fn stream(stream: &Value) -> Rollout {
    let Some(ready) = Condition::of(condition::conditions(stream), "Ready") else {
        return Rollout::Progressing("the JetStream controller has not looked at it yet".to_owned());
    };
    if ready.is_false() && ready.reason() == "Errored" {
        return Rollout::Failing(ready.words());
    }
    let observed = stream
        .pointer("/status/observedGeneration")
        .and_then(Value::as_i64);
    if !ready.is_true() {
        return Rollout::Progressing(ready.words());
    }
    if observed.unwrap_or(0) < generation(stream) {
        return unseen("the JetStream controller");
    }
    Rollout::Done
}

/// Any custom resource: nothing is known of its kind but the conditions that most controllers write.
///
/// Without a status it counts as done: there may be nobody who would write one.
pub(super) fn conditions(object: &Value) -> Rollout {
    if is_outdated(object) {
        return unseen("its controller");
    }
    let conditions = condition::conditions(object);
    let current = |kind| {
        let found = Condition::of(conditions, kind);
        found.filter(|condition| !condition.is_older_than(generation(object)))
    };
    if let Some(stalled) = current("Stalled").filter(|stalled| stalled.is_true()) {
        return Rollout::Failed(stalled.words());
    }
    if let Some(reconciling) = current("Reconciling").filter(|reconciling| reconciling.is_true()) {
        return Rollout::Progressing(reconciling.words());
    }
    match (Condition::of(conditions, "Ready"), current("Ready")) {
        (Some(_), None) => unseen("its controller"),
        (_, Some(ready)) if !ready.is_true() => Rollout::Progressing(ready.words()),
        _ => Rollout::Done,
    }
}
