//! The whole of it, from events to the report.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod schema;
