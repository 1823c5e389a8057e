//! http-to-nats-proxy: HTTP requests become messages in a `JetStream` stream, workers' answers become HTTP answers.

pub mod pending;
pub mod routes;
