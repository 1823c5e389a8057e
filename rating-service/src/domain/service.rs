//! Services: what users rate.

use serde::Serialize;
use uuid::Uuid;

use super::Timestamp;

/// Something that users rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// `UUIDv7` made by the service.
    pub id: Uuid,
    /// See [`super::name`].
    pub name: String,
    /// See [`super::description`]; empty when none was given.
    pub description: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last replaced.
    pub updated_at: Timestamp,
}

/// What a client says about a service; already validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceInput {
    /// See [`Service::name`].
    pub name: String,
    /// See [`Service::description`].
    pub description: String,
}
