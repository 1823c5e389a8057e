//! Ratings.

use serde::Serialize;
use uuid::Uuid;

use super::Timestamp;

/// What one user thinks of one service; there is at most one for each pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rating {
    /// `UUIDv7` made by the service.
    pub id: Uuid,
    /// Who rates.
    pub user_id: Uuid,
    /// What is rated.
    pub service_id: Uuid,
    /// 0 to 5.
    pub score: i64,
    /// See [`super::comment`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last replaced.
    pub updated_at: Timestamp,
}

/// What a client says about a new rating; already validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingInput {
    /// See [`Rating::user_id`].
    pub user_id: Uuid,
    /// See [`Rating::service_id`].
    pub service_id: Uuid,
    /// See [`Rating::score`].
    pub score: i64,
    /// See [`Rating::comment`].
    pub comment: Option<String>,
}

/// What a client says about a rating that exists. User and service may be repeated but not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingReplacement {
    /// Must be the rating's own when given.
    pub user_id: Option<Uuid>,
    /// Must be the rating's own when given.
    pub service_id: Option<Uuid>,
    /// See [`Rating::score`].
    pub score: i64,
    /// See [`Rating::comment`].
    pub comment: Option<String>,
}

/// Which ratings a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RatingFilter {
    /// Only this user's.
    pub user_id: Option<Uuid>,
    /// Only those of this service.
    pub service_id: Option<Uuid>,
}

/// Checks a score.
///
/// # Errors
/// Says what is allowed.
pub fn score(number: i64) -> Result<i64, String> {
    if (0..=5).contains(&number) {
        Ok(number)
    } else {
        Err(format!("must be an integer from 0 to 5, not {number}"))
    }
}
