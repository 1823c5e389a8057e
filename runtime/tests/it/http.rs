//! The HTTP server over real sockets.

mod bodies;
pub(crate) mod client;
mod drain;
mod http2;
mod limits;
mod server;
mod shards;
mod smuggling;
mod timeouts;
mod upgrades;
