//! What a write wants, and what came of it.

use uuid::Uuid;

use super::{Item, Kind, RatingInput, RatingReplacement, ServiceInput, UserInput};

/// A write, validated, with the ids of what it creates already chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new user.
    CreateUser(Uuid, UserInput),
    /// A new service.
    CreateService(Uuid, ServiceInput),
    /// A new rating.
    CreateRating(Uuid, RatingInput),
    /// New ratings, all or none.
    CreateRatings(Vec<(Uuid, RatingInput)>),
    /// New content for what exists.
    Replace(Uuid, Replacement, Precondition),
    /// The end of one resource.
    Delete(Kind, Uuid, Precondition),
    /// The end of several ratings, all or none.
    DeleteRatings(Vec<Uuid>),
}

/// A resource's new content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// A user's.
    User(UserInput),
    /// A service's.
    Service(ServiceInput),
    /// A rating's.
    Rating(RatingReplacement),
}

/// Which version a write was made for (`If-Match`, RFC 9110 section 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// The client did not say.
    None,
    /// Any, as long as the resource exists.
    Exists,
    /// One of these.
    Versions(Vec<i64>),
}

impl Precondition {
    /// Whether a resource of this version may be written.
    pub fn holds(&self, version: i64) -> bool {
        match self {
            Self::None | Self::Exists => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

/// What came of a [`Change`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// One resource is new.
    Created(Item),
    /// Several are, in the order of the request.
    CreatedAll(Vec<Item>),
    /// One has new content.
    Replaced(Item),
    /// What was named is gone.
    Deleted,
    /// Nothing has changed.
    Refused(Refusal),
}

/// Why a change cannot be made to what is stored now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such resource.
    Missing(Kind, Uuid),
    /// The resource has moved on to this version.
    Stale(Kind, i64),
    /// Another resource has a value that only one may have.
    Duplicate {
        /// JSON pointers to the values.
        fields: Vec<String>,
        /// Says what exists already.
        detail: &'static str,
    },
    /// The content names a resource that does not exist: JSON pointer, kind and id of each.
    UnknownReferences(Vec<(String, Kind, Uuid)>),
    /// A value may not change once it is set.
    Fixed {
        /// JSON pointer to it.
        field: &'static str,
    },
    /// Ratings refer to it.
    InUse(Kind, Uuid),
}
