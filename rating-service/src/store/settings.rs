//! How the database is reached.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use runtime::config::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How the database is reached and used.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which database.
    #[serde(rename = "url")]
    pub location: Location,
    /// Password for PostgreSQL, if the URL has none.
    pub password: Option<Secret>,
    /// How safe a commit is on SQLite when the machine loses power.
    pub synchronous: Synchronous,
    /// How long a statement waits for a lock that somebody else holds.
    #[serde(with = "runtime::config::duration")]
    pub busy_timeout: Duration,
    /// Connections at most: on SQLite those that read beside the one that writes; on PostgreSQL all.
    pub connections: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(Location::Sqlite("rating-service.db".into()))
    }
}

impl Settings {
    /// What is used when only the place is given.
    pub const fn new(location: Location) -> Self {
        let busy_timeout = Duration::from_secs(5);
        Self {
            location,
            password: None,
            synchronous: Synchronous::Full,
            busy_timeout,
            connections: 8,
        }
    }
}

/// Which database.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file, made if it is not there.
    Sqlite(PathBuf),
    /// A URL such as `postgres://user:password@host/database`.
    Postgres(String),
}

/// A location of an unknown kind.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a database is named by sqlite:<file> or postgres://<user>@<host>/<database>")]
pub struct LocationError;

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let file = text
            .strip_prefix("sqlite://")
            .or_else(|| text.strip_prefix("sqlite:"))
            .ok_or(LocationError)?;
        if file.is_empty() || file.contains(['?', '\0']) || file == ":memory:" {
            return Err(LocationError);
        }
        Ok(Self::Sqlite(file.into()))
    }
}

impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// Without the password.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", ""));
                let rest = rest.split('?').next().unwrap_or_default();
                let (user, place) = rest.rsplit_once('@').unwrap_or(("", rest));
                match user.split(':').next() {
                    Some(name) if !name.is_empty() => write!(f, "{scheme}://{name}@{place}"),
                    _ => write!(f, "{scheme}://{place}"),
                }
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// SQLite's `PRAGMA synchronous` in WAL mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// A commit is on the disk before it is answered.
    #[default]
    Full,
    /// The last commits may be lost when the machine (not only the program) goes down; the file stays whole.
    Normal,
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("sqlite:a/b.db", "sqlite:a/b.db")]
    #[test_case("sqlite:///a/b.db", "sqlite:/a/b.db")]
    #[test_case(
        "postgres://ada:s3cret@db:5432/ratings?sslmode=require",
        "postgres://ada@db:5432/ratings"
    )]
    #[test_case("postgresql://db/ratings", "postgresql://db/ratings")]
    #[test_case("postgres://ada:p@ss@db/ratings", "postgres://ada@db/ratings")]
    fn a_location_is_shown_without_its_password(text: &str, shown: &str) {
        assert_eq!(text.parse::<Location>().unwrap().to_string(), shown);
    }

    #[test_case("")]
    #[test_case("sqlite:")]
    #[test_case("sqlite::memory:")]
    #[test_case("mysql://db/ratings")]
    #[test_case("ratings.db")]
    fn other_locations_are_refused(text: &str) {
        assert_eq!(text.parse::<Location>(), Err(LocationError));
    }
}
