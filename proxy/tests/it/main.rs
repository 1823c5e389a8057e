//! The proxy against a real nats-server, over real sockets.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod answers;
mod client;
mod system;
mod worker;
