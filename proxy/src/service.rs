//! HTTP in, HTTP out: one request from its head to its answer.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use contract::subject::{Path, PathError};
use http::{HeaderMap, HeaderValue, Method, Response, Version};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use runtime::http::{Peer, Request, Service, body};

use crate::deadline;
use crate::exchange::{Exchange, Order, Outcome};
use crate::failure::Failure;
use crate::feed::{self, Feed};
use crate::pending::Ticket;
use crate::proxy::FLUSH_WAIT;
use crate::record::Record;
use crate::request_fields;
use crate::response;
use crate::routes::{Found, Mode, Route};
use crate::shard::{Answer, Core, Shard};

/// An answer at once, or one that goes on.
pub(crate) type Body = Either<Full<Bytes>, feed::Events>;

impl Service for Shard {
    type Body = Body;

    async fn call(&self, request: Request, peer: Peer) -> Response<Body> {
        self.core.serve(request, peer).await
    }

    async fn drained(&self) {
        // Without a connection there is nothing that could still be sent in time.
        if !self.core.is_connected() {
            return;
        }
        let flushed = tokio::time::timeout(FLUSH_WAIT, self.core.connection.client().flush()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            tracing::warn!("the last messages to NATS may not have been sent");
        }
    }
}

/// When a request came in, by both clocks.
#[derive(Clone, Copy)]
struct Arrival {
    at: Instant,
    unix_ms: u64,
}

impl Core {
    async fn serve(&self, request: Request, peer: Peer) -> Response<Body> {
        let unix_ms = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let arrival = Arrival {
            at: Instant::now(),
            unix_ms: u64::try_from(unix_ms).unwrap_or(u64::MAX),
        };
        let (mut parts, body) = request.into_parts();
        let upgrade = parts.extensions.remove::<OnUpgrade>();
        let (id, nonce) = self.ids.next(arrival.unix_ms);
        let request_id = request_fields::request_id(&parts.headers, id);
        let trace_id = request_fields::trace_id(&parts.headers);
        let mut record = Record::open(
            (&self.meters, &self.board),
            arrival.at,
            parts.method,
            parts.uri,
            request_id,
            trace_id,
        );
        let mut headers = parts.headers;
        request_fields::complete(
            &mut headers,
            peer.address.ip(),
            parts.version,
            record.request_id(),
        );
        let result = match &self.feed {
            Some(feed) if record.uri().path() == feed.route.path => {
                let call = (parts.version, &headers, peer, upgrade);
                follow(feed, &mut record, call).await
            }
            _ => {
                let answer = self.answer(&mut record, arrival, (id, nonce), headers, body);
                answer.await.map(|response| response.map(Either::Left))
            }
        };
        let (response, failure) = match result {
            Ok(response) => (response, None),
            Err(failure) => {
                let path = record.uri().path();
                (
                    response::from_failure(&failure, record.request_id(), path).map(Either::Left),
                    Some(failure),
                )
            }
        };
        let (method, request_id) = record.close(response.status(), failure.as_ref());
        response::finish(response, &method, parts.version, request_id)
    }

    async fn answer(
        &self,
        record: &mut Record<'_>,
        arrival: Arrival,
        (id, nonce): (uuid::Uuid, u64),
        headers: HeaderMap,
        body: Incoming,
    ) -> Result<Response<Full<Bytes>>, Failure> {
        let (route, path) = match self.find(record)? {
            Way::Route(route, path) => (route, path),
            Way::Answer(response) => return Ok(response),
        };
        let subject = self.codec.encode(record.method(), &path).map_err(Failure::Path)?;
        let budget = deadline::budget(route.timeout, &headers);
        let deadline = arrival.at + budget;
        let ticket = self
            .pending
            .open(nonce, route.mode == Mode::Event)
            .ok_or(Failure::TooManyRequests)?;
        if !self.is_connected() {
            return Err(Failure::Disconnected);
        }
        let body = self.read_body(body, route, budget).await?;
        let budget_ms = u64::try_from(budget.as_millis()).unwrap_or(u64::MAX);
        let order = Order {
            route,
            subject,
            id,
            method: record.method(),
            path: record.uri().path(),
            query: record.uri().query(),
            headers: &headers,
            body,
            budget,
            deadline,
            deadline_unix_ms: arrival.unix_ms.saturating_add(budget_ms),
        };
        self.see_through(record, order, ticket).await
    }

    async fn see_through(
        &self,
        record: &Record<'_>,
        order: Order<'_>,
        ticket: Ticket<Answer>,
    ) -> Result<Response<Full<Bytes>>, Failure> {
        let id = order.id;
        let timer = pin!(tokio::time::sleep_until(order.deadline.into()));
        let mut exchange = Exchange::new(self, order, ticket);
        let outcome = exchange.run(timer).await?;
        record.measure(exchange.times(), &outcome);
        Ok(match outcome {
            Outcome::Reply(reply) => response::from_reply(reply),
            Outcome::Accepted => response::accepted(id),
        })
    }

    /// What the table says about a request; notes the template it is counted under.
    fn find(&self, record: &mut Record<'_>) -> Result<Way<'_>, Failure> {
        if is_unknown(record.method()) {
            return Err(Failure::UnknownMethod);
        }
        let path = match Path::parse(record.uri().path()) {
            Ok(path) => path,
            Err(PathError::TrailingSlash) => return Err(self.without_slash(record)),
            Err(error) => return Err(Failure::Path(error)),
        };
        match self.routes.find(record.method(), &path) {
            Found::Route(route) => {
                record.found(route.index);
                Ok(Way::Route(route, path))
            }
            Found::Options(resource) => {
                record.found(resource.first_route());
                Ok(Way::Answer(response::options(resource)))
            }
            Found::Method(resource) => {
                record.found(resource.first_route());
                Err(Failure::Method(resource.allow().clone()))
            }
            Found::Nothing => Err(Failure::UnknownPath),
        }
    }

    /// A path with one slash too many leads to the path without it, if that is one.
    fn without_slash(&self, record: &Record<'_>) -> Failure {
        let uri = record.uri();
        let shorter = uri.path().strip_suffix('/').unwrap_or_default();
        match Path::parse(shorter) {
            Ok(path) if matches!(self.routes.find(record.method(), &path), Found::Nothing) => {
                Failure::UnknownPath
            }
            Ok(_) => {
                let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
                HeaderValue::try_from(format!("{shorter}{query}"))
                    .map_or(Failure::UnknownPath, Failure::TrailingSlash)
            }
            Err(PathError::TrailingSlash) => Failure::UnknownPath,
            Err(error) => Failure::Path(error),
        }
    }

    async fn read_body(&self, body: Incoming, route: &Route, budget: Duration) -> Result<Bytes, Failure> {
        let limits = body::Limits {
            max_bytes: route.body_limit.min(self.connection.client().max_payload()),
            idle_timeout: self.limits.body_pause,
            read_timeout: self.limits.body_time.min(budget),
        };
        body::collect(body, &limits).await.map_err(|error| match error {
            body::Error::TooLarge { max_bytes } => Failure::BodyTooLarge(max_bytes),
            body::Error::Idle { .. } | body::Error::TooSlow { .. } => Failure::BodyTooSlow,
            body::Error::Broken { .. } => Failure::BodyBroken,
        })
    }
}

/// Answers a request for the live feed.
async fn follow(
    feed: &Arc<Feed>,
    record: &mut Record<'_>,
    (version, headers, peer, upgrade): (Version, &HeaderMap, Peer, Option<OnUpgrade>),
) -> Result<Response<Body>, Failure> {
    const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
    record.found_feed();
    match *record.method() {
        Method::GET | Method::HEAD => {
            let answer = feed.answer(feed::Call {
                method: record.method(),
                uri: record.uri(),
                version,
                headers,
                peer,
                upgrade,
            });
            let answer = answer.await;
            answer
                .map(|response| response.map(Either::Right))
                .map_err(Failure::Feed)
        }
        Method::OPTIONS => Ok(response::allowing(ALLOWED).map(Either::Left)),
        ref method if is_unknown(method) => Err(Failure::UnknownMethod),
        _ => Err(Failure::Method(ALLOWED)),
    }
}

enum Way<'a> {
    Route(&'a Route, Path),
    Answer(Response<Full<Bytes>>),
}

/// Methods that no resource could have, whatever the table.
fn is_unknown(method: &Method) -> bool {
    const KNOWN: [Method; 8] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
    ];
    !KNOWN.contains(method)
}
