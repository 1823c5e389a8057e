//! http-to-nats-proxy: HTTP requests become messages in a `JetStream` stream, workers' answers become HTTP answers.
//!
//! A request passes through these modules, in this order: `service` (head, route, body), `exchange` (publish and wait, with
//! [`pending`] and `replies` on the other side of the wait), `response`. Everything a request can run into is a [`failure`].

pub mod acknowledgement;
pub mod board;
pub mod command_line;
pub mod config;
pub mod deadline;
mod exchange;
pub mod failure;
pub mod feed;
pub mod ids;
pub mod inbox;
pub mod linter;
pub mod meters;
pub mod pending;
mod proxy;
mod publish;
mod record;
mod removal;
mod replies;
pub mod request_fields;
mod response;
pub mod routes;
mod server;
mod service;
mod shard;
pub mod stream_facts;
mod supervision;

pub use proxy::{Proxy, ProxyError};
pub use server::{Error, Server, run};
pub use shard::Shard;
