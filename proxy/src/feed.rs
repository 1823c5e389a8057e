//! The live feed: clients that stay, and are told what a stream stores, each event once and in order.
//!
//! One [`pump`] a filter reads the stream and appends to a [`channel`], a bounded log in memory that all clients of the filter read at
//! their own place. So a client costs no subscription, joins at any event without a gap or a repeat, and one that reads too slowly
//! falls off the log's end without holding up anybody. What is older than the log is read from the stream, for that client alone.

mod address;
mod batch;
mod channel;
mod client;
mod event;
mod filter;
mod hub;
mod meters;
mod pump;
mod reader;
mod refusal;
mod request;
mod seats;
mod settings;
mod sse;
mod stream;

use std::sync::{Arc, OnceLock};

use http::{HeaderMap, Method, Response, Uri};
use runtime::http::Peer;
use runtime::lifecycle::Shutdown;
use runtime::metrics::Metrics;
use runtime::nats::Connection;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use filter::{Filter, FilterError};
pub use refusal::Refusal;
pub use settings::Settings;
pub use sse::Events;

use crate::routes;
use client::Client;
use hub::Hub;
use meters::Meters;
use request::Asked;
use seats::Seats;
use stream::Stream;

/// Clients that are read to from the stream at the same time; the others wait their turn.
const REPLAYS: usize = 8;

/// The feed of one proxy, shared by its shards.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) route: routes::Feed,
    settings: Settings,
    hub: Hub,
    seats: Arc<Seats>,
    replays: Semaphore,
    meters: Meters,
    stream: OnceLock<Arc<Stream>>,
    /// Cancelled once clients are to go elsewhere.
    drain: CancellationToken,
}

impl Feed {
    pub(crate) fn new(route: routes::Feed, settings: Settings, metrics: &Metrics) -> Self {
        let meters = Meters::register(metrics);
        Self {
            hub: Hub::new(&settings, meters.filters.clone()),
            seats: Arc::new(Seats::new(settings.max_clients, settings.max_clients_per_address)),
            replays: Semaphore::new(REPLAYS),
            stream: OnceLock::new(),
            drain: CancellationToken::new(),
            route,
            settings,
            meters,
        }
    }

    /// Reads the stream over `connection` for all shards, for as long as the shard lives that this runs on.
    pub(crate) async fn run(self: Arc<Self>, connection: Connection) {
        let stream = Arc::new(Stream::new(connection, self.route.stream.clone()));
        if self.stream.set(Arc::clone(&stream)).is_ok() {
            self.hub.keep(stream).await;
        }
    }

    /// Tells clients to go elsewhere once the listener has closed: before, they would come back to this proxy.
    pub(crate) async fn drain(self: Arc<Self>, shutdown: Shutdown, accept_grace: std::time::Duration) {
        shutdown.draining().await;
        tokio::select! {
            () = tokio::time::sleep(accept_grace) => {}
            () = shutdown.ended() => {}
        }
        self.drain.cancel();
    }

    /// Answers a request for the feed.
    ///
    /// # Errors
    /// [`Refusal`], before anything was sent.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        peer: Peer,
    ) -> Result<Response<Events>, Refusal> {
        let asked = Asked::read(uri, headers, &self.route.subject).map_err(|refusal| self.count(refusal))?;
        if method == Method::HEAD {
            return Ok(sse::response(Events::none()));
        }
        let client = self.seat(asked, headers, peer).await;
        let client = client.map_err(|refusal| self.count(refusal))?;
        Ok(sse::response(Events::of(client)))
    }

    async fn seat(
        self: &Arc<Self>,
        asked: Asked,
        headers: &HeaderMap,
        peer: Peer,
    ) -> Result<Client, Refusal> {
        if self.drain.is_cancelled() {
            return Err(Refusal::Draining);
        }
        let address = address::of(headers, peer.address.ip(), self.settings.trusted_hops);
        let seat = self.seats.take(address)?;
        let stream = self.stream.get().ok_or(Refusal::Unreachable)?;
        let member = self.hub.join(&asked.filter)?;
        Client::begin(Arc::clone(self), Arc::clone(stream), member, seat, asked.last).await
    }

    fn count(&self, refusal: Refusal) -> Refusal {
        self.meters.refused(refusal.reason());
        refusal
    }
}
