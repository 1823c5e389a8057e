//! Users.

use serde::Serialize;
use uuid::Uuid;

use super::Timestamp;

/// Somebody who rates services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// `UUIDv7` made by the service.
    pub id: Uuid,
    /// See [`super::name`].
    pub name: String,
    /// See [`super::email`]; unique without regard to case.
    pub email: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last replaced.
    pub updated_at: Timestamp,
}

/// What a client says about a user; already validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserInput {
    /// See [`User::name`].
    pub name: String,
    /// See [`User::email`].
    pub email: String,
}

impl UserInput {
    /// What is unique about the address. Addresses are ASCII, so lower case is the same in every database.
    pub fn email_key(&self) -> String {
        self.email.to_ascii_lowercase()
    }
}
