//! The three kinds of things, and one of them with its version.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use uuid::Uuid;

use super::{Rating, Service, User};

/// A kind of resource; its name is also the aggregate's name in events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody who rates.
    User,
    /// Something that is rated.
    Service,
    /// What a user thinks of a service.
    Rating,
}

impl Kind {
    /// The collection's name in URLs.
    pub const fn collection(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Service => "services",
            Self::Rating => "ratings",
        }
    }

    /// The singular.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Service => "service",
            Self::Rating => "rating",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Any resource; in JSON the resource itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Resource {
    /// A user.
    User(User),
    /// A service.
    Service(Service),
    /// A rating.
    Rating(Rating),
}

/// A resource as it is stored: with the version that its entity tag shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Counts the changes, from 1.
    pub version: i64,
    /// The content.
    pub resource: Resource,
}

impl Item {
    /// Which kind it is.
    pub const fn kind(&self) -> Kind {
        match self.resource {
            Resource::User(_) => Kind::User,
            Resource::Service(_) => Kind::Service,
            Resource::Rating(_) => Kind::Rating,
        }
    }

    /// Its identifier.
    pub const fn id(&self) -> Uuid {
        match &self.resource {
            Resource::User(user) => user.id,
            Resource::Service(service) => service.id,
            Resource::Rating(rating) => rating.id,
        }
    }

    /// The representation that clients and event consumers get.
    pub fn to_json(&self) -> Bytes {
        serde_json::to_vec(&self.resource)
            .expect("times come from a clock between the years 0 and 9999")
            .into()
    }
}
