//! Fields that somebody else owns: who, and what taking them means.

use std::fmt;

use kube::core::Status;
use serde::Serialize;

use crate::kubernetes::text;

/// A field that is wanted with another value than its owner has given it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// Its path, such as `spec.replicas` or `data.a`.
    pub field: String,
    /// Its owner's field manager, such as `helm` or `kubectl-edit`.
    pub owner: String,
}

/// What sort of program owns a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    /// Helm, which gives its values to the field again at the next upgrade.
    Helm,
    /// kubectl, in a person's hands.
    Kubectl,
    /// Anything else: a controller, another tool.
    Other,
}

impl Conflict {
    /// Every conflict that a refused server-side apply names, each once.
    pub(crate) fn all(status: &Status) -> Vec<Self> {
        let causes = status.details.iter().flat_map(|details| &details.causes);
        let mut all: Vec<Self> = Vec::new();
        for cause in causes.filter(|cause| cause.reason == "FieldManagerConflict") {
            let conflict = Self {
                field: text::line(cause.field.trim_start_matches('.')),
                owner: quoted(&cause.message).unwrap_or_else(|| "an unknown manager".to_owned()),
            };
            if !all.contains(&conflict) {
                all.push(conflict);
            }
        }
        all
    }

    /// What sort of program the owner is.
    pub fn kind(&self) -> Owner {
        Owner::of(&self.owner)
    }
}

impl Owner {
    pub(crate) fn of(manager: &str) -> Self {
        if manager == "helm" || manager.starts_with("helm-") {
            Self::Helm
        } else if manager == "kubectl" || manager.starts_with("kubectl-") {
            Self::Kubectl
        } else {
            Self::Other
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} belongs to {}", self.field, self.owner)
    }
}

/// What to do about conflicts, and what that means, in a few sentences.
pub(crate) fn advice(conflicts: &[Conflict]) -> String {
    let mut owners: Vec<&str> = Vec::new();
    for conflict in conflicts {
        if !owners.contains(&conflict.owner.as_str()) {
            owners.push(&conflict.owner);
        }
    }
    let has = |owner| conflicts.iter().any(|conflict| conflict.kind() == owner);
    let mut advice = format!(
        "--force-conflicts takes {} from {}",
        if conflicts.len() == 1 {
            "this field"
        } else {
            "these fields"
        },
        owners.join(", ")
    );
    if has(Owner::Helm) {
        advice.push_str(
            "; the next `helm upgrade` of the release would take them back, and fields that only helm has set stay as they are \
             until --take-over moves them as well",
        );
    }
    if has(Owner::Kubectl) {
        advice.push_str(
            "; fields that only kubectl has set stay as they are until --take-over moves them as well",
        );
    }
    if has(Owner::Other) {
        advice.push_str(
            "; a controller may set them again: if it should have the say, leave the fields out of the manifest",
        );
    }
    advice
}

/// The first text in quotes.
fn quoted(message: &str) -> Option<String> {
    message
        .split('"')
        .nth(1)
        .filter(|name| !name.is_empty())
        .map(text::line)
}
