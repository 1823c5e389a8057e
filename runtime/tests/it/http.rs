//! The HTTP server over real sockets.

mod bodies;
mod client;
mod drain;
mod http2;
mod limits;
mod server;
mod shards;
mod smuggling;
mod timeouts;
