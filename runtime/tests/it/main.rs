//! The crate from outside: real sockets, real time.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod admin;
mod http;
mod lifecycle;
mod nats;
mod service;
mod telemetry;
mod worker;
