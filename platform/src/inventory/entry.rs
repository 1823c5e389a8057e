//! One object that is ours.

use serde::{Deserialize, Serialize};

/// What is known of an object that was applied, or was about to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The UID that the cluster gave it; `None` when it was about to be made and nobody has looked since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// It is not wanted any more and was not deleted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub stale: bool,
    /// Of a Job: what it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Of a Job: it has succeeded. It is not run again when the cluster has removed it since.
    #[serde(default, skip_serializing_if = "is_false")]
    pub finished: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !*value
}
