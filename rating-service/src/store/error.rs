//! Why the database did not do something.

use std::sync::Arc;

use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;

/// What a failing commit was for.
pub(super) const COMMIT: &str = "commit a transaction";

/// A failure of the database, not of a request: refusals are results.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The location is neither a file nor a URL that is understood.
    #[error(
        "cannot use '{location}' as a database: give sqlite:<file> or postgres://<user>@<host>/<database>"
    )]
    Location {
        /// As configured, without a password.
        location: String,
        /// What the driver made of it.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// A statement failed.
    #[error("cannot {action}")]
    Statement {
        /// What the statement was for.
        action: &'static str,
        /// What the database said.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// The schema could not be brought up to date.
    #[error("cannot bring the database's schema up to date")]
    Migration(#[source] Arc<MigrateError>),
    /// Something stored cannot be read back.
    #[error("a stored {what} cannot be read")]
    Unreadable {
        /// Which value.
        what: &'static str,
    },
    /// Two transactions met; neither did anything wrong.
    #[error("another transaction changed the same rows")]
    Raced,
    /// The schema has not been looked at yet.
    #[error("the database has not been reached since this program started")]
    NotPrepared,
    /// The store is being closed.
    #[error("the database connection is closed")]
    Closed,
}

impl StoreError {
    /// Attaches what was being done.
    pub(crate) fn during(action: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| {
            if Self::conflict(&source) {
                return Self::Raced;
            }
            Self::Statement {
                action,
                source: Arc::new(source),
            }
        }
    }

    /// Constraint violations come only from races: what can be known before is looked up before.
    fn conflict(source: &sqlx::Error) -> bool {
        source.as_database_error().is_some_and(|error| {
            matches!(error.kind(), ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation)
                // PostgreSQL: serialization_failure, deadlock_detected
                || matches!(error.code().as_deref(), Some("40001" | "40P01"))
        })
    }

    /// Whether the same request may succeed later without anybody changing the program.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Raced | Self::NotPrepared | Self::Closed => true,
            Self::Statement { source, .. } => is_transient(source),
            Self::Migration(source) => match source.as_ref() {
                MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
                    is_transient(source)
                }
                _ => false,
            },
            Self::Location { .. } | Self::Unreadable { .. } => false,
        }
    }

    /// Whether the effect may have happened nevertheless: the database was lost while it committed.
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::Statement { action, .. } if *action == COMMIT)
    }

    /// The chain of causes in one line.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            text = format!("{text}: {cause}");
            next = cause.source();
        }
        text
    }
}

fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_transient_code(&code)),
        _ => false,
    }
}

/// SQLite result codes are numbers (<https://sqlite.org/rescode.html>), those of PostgreSQL have five characters
/// (its manual, appendix A).
fn is_transient_code(code: &str) -> bool {
    if let Ok(number) = code.parse::<u32>()
        && code.len() != 5
    {
        // The low byte is the primary code: BUSY, LOCKED, NOMEM, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL.
        return matches!(number & 0xff, 5 | 6 | 7 | 9 | 10 | 13 | 14 | 15);
    }
    // Connection, authorization, transaction rollback, resources, object state, intervention, system error.
    ["08", "28", "3D", "40", "53", "55", "57", "58"]
        .iter()
        .any(|class| code.starts_with(class))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("5", true ; "sqlite busy")]
    #[test_case("517", true ; "sqlite busy snapshot")]
    #[test_case("13", true ; "sqlite disk full")]
    #[test_case("1", false ; "sqlite sql error")]
    #[test_case("11", false ; "sqlite corrupt")]
    #[test_case("57P01", true ; "postgres shutting down")]
    #[test_case("08006", true ; "postgres connection failure")]
    #[test_case("53300", true ; "postgres too many connections")]
    #[test_case("42601", false ; "postgres syntax error")]
    #[test_case("22021", false ; "postgres bad character")]
    fn result_codes_tell_whether_to_try_again(code: &str, transient: bool) {
        assert_eq!(is_transient_code(code), transient);
    }

    #[test]
    fn the_chain_names_every_cause() {
        let error = StoreError::during("create a user")(sqlx::Error::PoolTimedOut);
        assert!(
            error.chain().starts_with("cannot create a user: pool timed out"),
            "{}",
            error.chain()
        );
    }
}
