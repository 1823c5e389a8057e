//! The worker of the rating system: keeps users, services and ratings.

pub mod answer;
pub mod api;
pub mod domain;
pub mod request;
pub mod store;
