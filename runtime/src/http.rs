//! An HTTP/1.1 and h2c (prior knowledge) server that stays up: every wait has an end, every size has a limit.
//!
//! [`serve`] runs a [`Service`] on the current runtime (admin listeners); [`serve_sharded`] gives each of N OS threads its
//! own single-threaded runtime and its own service instance, so nothing on the hot path crosses threads, and hands each
//! accepted socket to the shard with the fewest connections.
//!
//! ```no_run
//! use bytes::Bytes;
//! use http_body_util::Full;
//! use runtime::{http, lifecycle::Shutdown};
//!
//! struct Greeting;
//!
//! impl http::Service for Greeting {
//!     type Body = Full<Bytes>;
//!     async fn call(&self, _: http::Request, _: http::Peer) -> http::Response<Self::Body> {
//!         http::Response::new(Full::new(Bytes::from_static(b"hello")))
//!     }
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let listener = http::Listener::bind("127.0.0.1:0".parse()?)?;
//! println!("listening on {}", listener.local_addr());
//! let settings = http::Settings::default();
//! let shutdown = Shutdown::new();
//! http::serve_sharded(listener, settings, 4, |_shard| async { Ok::<_, std::io::Error>(Greeting) }, shutdown).await?;
//! # Ok(())
//! # }
//! ```
//!
//! What the server answers by itself, before any service sees the request (`application/problem+json` where we
//! write it, an empty body where hyper does; the connection is closed afterwards):
//!
//! | what came in | answer |
//! |---|---|
//! | a malformed request, `Content-Length` with `Transfer-Encoding`, two lengths, a coding other than `chunked`, an obsolete line fold, a line ended by a bare LF, no or two `Host` | 400 |
//! | a head that is not complete in [`Settings::header_read_timeout`] | 408 |
//! | a URI longer than [`Settings::max_uri_bytes`] | 414 |
//! | more than [`Settings::max_headers`] headers or [`Settings::max_header_bytes`] of head | 431 |
//! | a connection more than [`Settings::max_connections`] | 503 with `Retry-After` |
//! | nothing for [`Settings::idle_timeout`], or a peer that reads nothing for [`Settings::write_timeout`] | closed |
//! | an HTTP/2 peer that opens streams only to reset them | closed (GOAWAY where possible) |
//!
//! `100 Continue` is sent only when the service first asks for the body, so [`body::collect`] refuses an oversize
//! `Content-Length` without any body having been sent. A client that goes away drops the future of [`Service::call`]:
//! clean up in a drop guard and never wait in a spawned task.
//!
//! A service that answers an HTTP/1.1 request for an upgrade with 101 gets the connection from its `hyper::upgrade::OnUpgrade`, which is among the
//! request's extensions. From that answer on nothing here looks at its bytes or its waits: the service ends it, at the latest when the server stops.
//!
//! The soft stop ends accepting (after [`Settings::accept_grace`]), tells every connection `Connection: close` or GOAWAY and
//! waits [`Settings::drain_timeout`] for requests in flight; the hard stop closes everything at once.

mod accept;
mod answer;
pub mod body;
mod connection;
mod farewell;
mod framing;
mod listener;
mod meters;
mod pulse;
mod server;
mod settings;
mod shards;
mod socket;
mod stop;
mod tracked;
mod watchdog;

use std::{error::Error as StdError, future::Future, net::SocketAddr};

use bytes::Bytes;
use hyper::body::{Body, Incoming};

pub use http::Response;
pub use listener::{BindError, Listener};
pub use meters::{Cause, Closed, Meters};
pub use server::serve;
pub use settings::{Settings, SettingsError};
pub use shards::{Error, serve_sharded};

/// A request as it comes from the wire.
pub type Request = http::Request<Incoming>;

/// Any error, as response bodies and shard factories may have.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The other end of the TCP connection.
    pub address: SocketAddr,
    /// Number of the connection, unique in this process.
    pub connection: u64,
}

/// What answers requests. One instance serves many connections at the same time.
pub trait Service: Send + Sync + 'static {
    /// The body of the answers.
    type Body: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static;

    /// Answers one request. The future is dropped when the client goes away or the server stops hard.
    fn call(&self, request: Request, peer: Peer) -> impl Future<Output = Response<Self::Body>> + Send;

    /// Called once, after the last connection of this instance has ended: the place to flush what must not be lost. It has
    /// five seconds and is skipped on a hard stop.
    fn drained(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}
