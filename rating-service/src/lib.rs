//! The worker of the rating system: pulls requests from a work queue, keeps users, services and ratings in a database, and
//! publishes what has happened to them.
//!
//! A request goes `handler` (log, patience) -> [`api`] -> [`request`] (what is asked for?) -> [`store`] (one transaction: was
//! it answered before? effect, events, stored answer) -> [`answer`]. Beside that [`relay`] publishes the events and
//! [`database`] keeps the database in order. [`domain`] holds the rules.

pub mod answer;
pub mod api;
pub mod config;
pub mod database;
pub mod domain;
mod handler;
pub mod metrics;
pub mod relay;
pub mod request;
mod run;
pub mod store;

pub use config::Config;
pub use run::{Error, run};
