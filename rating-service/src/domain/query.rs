//! What a read wants, and what it finds.

use uuid::Uuid;

use super::{Cursor, Item, Kind, Page, RatingFilter, Summary};

/// A read, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// One resource.
    One(Kind, Uuid),
    /// A page of all users.
    Users(Page),
    /// A page of all services.
    Services(Page),
    /// A page of the ratings that pass the filter.
    Ratings(RatingFilter, Page),
    /// Those of the named ratings that exist, in the order named.
    RatingsById(Vec<Uuid>),
    /// How a service is rated.
    Summary(Uuid),
}

/// What a [`Query`] found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The resource.
    One(Item),
    /// Items, and where the next page begins.
    Page(Vec<Item>, Option<Cursor>),
    /// The summary.
    Summary(Summary),
    /// There is no such resource.
    Missing(Kind, Uuid),
}
