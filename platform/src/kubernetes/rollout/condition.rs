//! Conditions of an object's status, as most kinds write them.

use serde_json::Value;

use super::Rollout;
use crate::kubernetes::text;

/// One condition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition<'a>(&'a Value);

impl<'a> Condition<'a> {
    /// The condition of this type in a list of them.
    pub(super) fn of(conditions: Option<&'a Value>, kind: &str) -> Option<Self> {
        let conditions = conditions?.as_array()?.iter();
        let mut conditions = conditions.filter(|one| one["type"] == kind);
        conditions.next().map(Condition)
    }

    /// Whether its status is `True`.
    pub(super) fn is_true(self) -> bool {
        self.0["status"] == "True"
    }

    /// Whether its status is `False`.
    pub(super) fn is_false(self) -> bool {
        self.0["status"] == "False"
    }

    /// The reason, one word.
    pub(super) fn reason(self) -> &'a str {
        self.0["reason"].as_str().unwrap_or_default()
    }

    /// Whether it is about an older generation of the object than this one.
    pub(super) fn is_older_than(self, generation: i64) -> bool {
        let observed = self.0["observedGeneration"].as_i64();
        observed.is_some_and(|observed| observed < generation)
    }

    /// The message; the reason where there is none.
    pub(super) fn words(self) -> String {
        let message = text::line(self.0["message"].as_str().unwrap_or_default());
        if message.is_empty() {
            text::line(self.reason())
        } else {
            message
        }
    }
}

/// The conditions of an object.
pub(super) fn conditions(object: &Value) -> Option<&Value> {
    object.pointer("/status/conditions")
}

/// The object's generation; 0 for what has none.
pub(super) fn generation(object: &Value) -> i64 {
    let generation = object.pointer("/metadata/generation");
    generation.and_then(Value::as_i64).unwrap_or(0)
}

/// Whether the status is about an older generation; one that names none is taken for new.
pub(super) fn is_outdated(object: &Value) -> bool {
    let observed = object.pointer("/status/observedGeneration");
    let observed = observed.and_then(Value::as_i64);
    observed.is_some_and(|observed| observed < generation(object))
}

/// What a rollout is while nobody has looked at the last change.
pub(super) fn unseen(by: &str) -> Rollout {
    Rollout::Progressing(format!("{by} has not looked at the last change yet"))
}
