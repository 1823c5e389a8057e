//! The live feed: clients that stay, and are told what a stream stores, each event once and in order.
//!
//! One pump a filter reads the stream and appends to a channel, a bounded log in memory that all clients of the filter read at
//! their own place. So a client costs no subscription, joins at any event without a gap or a repeat, and one that reads too slowly
//! falls off the log's end without holding up anybody. What is older than the log is read from the stream, for that client alone.

mod address;
mod batch;
mod channel;
mod client;
mod event;
mod filter;
mod groups;
mod hub;
mod meters;
mod pump;
mod reader;
mod refusal;
mod request;
mod seats;
mod session;
mod settings;
mod sse;
mod stream;
mod websocket;
mod wish;

use std::sync::{Arc, OnceLock};

use http::{HeaderMap, Method, Response, Uri, Version};
use hyper::upgrade::OnUpgrade;
use runtime::http::Peer;
use runtime::lifecycle::Shutdown;
use runtime::metrics::Metrics;
use runtime::nats::Connection;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use filter::{Filter, FilterError};
pub(crate) use groups::is_group;
pub use refusal::Refusal;
pub use settings::Settings;
pub use sse::Events;

use crate::routes;
use client::Client;
use groups::Groups;
use hub::Hub;
use meters::Meters;
use request::Asked;
use seats::Seats;
use stream::Stream;
use websocket::Handshake;

/// Clients that are read to from the stream at the same time; the others wait their turn.
const REPLAYS: usize = 8;

/// A request for the feed.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) version: Version,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) peer: Peer,
    /// The connection, if the client wants to speak something else on it.
    pub(crate) upgrade: Option<OnUpgrade>,
}

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
    groups: Option<Arc<Groups>>,
    /// Cancelled once clients are to go elsewhere.
    drain: CancellationToken,
    /// Cancelled when everything ends at once.
    ended: CancellationToken,
}

impl Feed {
    pub(crate) fn new(
        route: routes::Feed,
        settings: Settings,
        metrics: &Metrics,
        shutdown: &Shutdown,
    ) -> Self {
        let meters = Meters::register(metrics);
        Self {
            hub: Hub::new(&settings, route.subject.clone(), meters.filters.clone()),
            seats: Arc::new(Seats::new(settings.max_clients, settings.max_clients_per_address)),
            replays: Semaphore::new(REPLAYS),
            stream: OnceLock::new(),
            groups: route.groups.clone().map(|head| Arc::new(Groups::new(head))),
            drain: CancellationToken::new(),
            ended: shutdown.hard_token().child_token(),
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
    pub(crate) async fn answer(self: &Arc<Self>, call: Call<'_>) -> Result<Response<Events>, Refusal> {
        let answer = self.admit(call).await;
        answer.inspect_err(|refusal| self.meters.refused(refusal.reason()))
    }

    async fn admit(self: &Arc<Self>, call: Call<'_>) -> Result<Response<Events>, Refusal> {
        let Call { uri, headers, .. } = call;
        let asked = Asked::read(uri, headers, &self.route.subject)?;
        let handshake = match call.upgrade {
            Some(upgrade) => Handshake::read(call.version, uri, headers, &self.settings.origins)?
                .map(|handshake| (handshake, upgrade)),
            None => None,
        };
        if handshake.is_none() && !request::accepts(headers) {
            return Err(Refusal::NotAcceptable);
        }
        if *call.method == Method::HEAD {
            return Ok(sse::response(Events::none()));
        }
        let groups = asked.groups.clone();
        let client = self.seat(asked, headers, call.peer).await?;
        Ok(match handshake {
            Some((handshake, upgrade)) => {
                // It ends with the client, with the drain, or with the shard's runtime.
                drop(tokio::spawn(session::run(upgrade, client, groups)));
                handshake.response()
            }
            None => sse::response(Events::of(client)),
        })
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
}
