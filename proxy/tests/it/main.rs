//! The proxy against a real nats-server, over real sockets.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod answers;
mod broker;
mod client;
mod departures;
mod feed;
mod injection;
mod limits;
mod operating;
mod publishing;
mod python_worker;
mod routing;
mod system;
mod unusable_answers;
mod worker;
