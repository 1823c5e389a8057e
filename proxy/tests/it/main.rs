//! The proxy against a real nats-server, over real sockets.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod answers;
mod broker;
mod client;
mod departures;
mod injection;
mod limits;
mod publishing;
mod routing;
mod system;
mod unusable_answers;
mod worker;
