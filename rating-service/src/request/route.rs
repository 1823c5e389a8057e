//! Which resource a path names.

use contract::subject::Path;
use uuid::Uuid;

use super::{Rejection, inputs, rejection};
use crate::domain::Kind;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// All of a kind.
    Collection(Kind),
    /// One of them.
    Item(Kind, Uuid),
    /// A service's ratings in numbers.
    Summary(Uuid),
}

impl Route {
    pub(super) fn of(path: &Path) -> Result<Self, Rejection> {
        let unknown = || rejection::unknown_path(&path.to_string());
        let (kind, rest) = match path.segments() {
            [first, rest @ ..] => (kind(first).ok_or_else(unknown)?, rest),
            [] => return Err(unknown()),
        };
        // An id that is none is an id of nothing.
        match rest {
            [] => Ok(Self::Collection(kind)),
            [id] => inputs::uuid(id)
                .map(|id| Self::Item(kind, id))
                .map_err(|_| unknown()),
            [id, last] if kind == Kind::Service && last == "summary" => {
                inputs::uuid(id).map(Self::Summary).map_err(|_| unknown())
            }
            _ => Err(unknown()),
        }
    }

    /// The methods that can be used on it, as `Allow` lists them.
    pub(super) const fn allow(self) -> &'static str {
        match self {
            Self::Collection(Kind::Rating) => "GET, HEAD, POST, DELETE",
            Self::Collection(_) => "GET, HEAD, POST",
            Self::Item(..) => "GET, HEAD, PUT, DELETE",
            Self::Summary(_) => "GET, HEAD",
        }
    }
}

fn kind(collection: &str) -> Option<Kind> {
    [Kind::User, Kind::Service, Kind::Rating]
        .into_iter()
        .find(|kind| kind.collection() == collection)
}
