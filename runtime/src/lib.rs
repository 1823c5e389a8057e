//! What every service of the system needs to live: configuration, lifecycle, telemetry, health, metrics, HTTP and NATS.

pub mod admin;
pub mod config;
pub mod http;
pub mod lifecycle;
pub mod metrics;
pub mod nats;
pub mod service;
pub mod telemetry;
pub mod worker;
