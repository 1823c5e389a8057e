//! The service against real databases and a real nats-server.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod ask;
mod bus;
mod program;
mod relaying;
mod serving;
mod stories;
mod world;
