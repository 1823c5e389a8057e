//! What is kept of each request: one log line, and its counts. Written when the request ends, however it ends.

use std::time::{Duration, Instant};

use http::{HeaderValue, Method, StatusCode, Uri};
use runtime::service::{Ended, Part, Route};

use crate::board::{self, Board};
use crate::exchange::{Outcome, Times};
use crate::failure::{Class, Failure};
use crate::meters::Meters;

/// The status that is logged for a client that left; nobody receives it.
const CLIENT_GONE: u16 = 499;

/// A request being served. Dropped before [`Record::close`], it says that the client has gone.
pub(crate) struct Record<'a> {
    meters: &'a Meters,
    board: &'a Board,
    counts: Option<&'a Route>,
    started: Instant,
    method: Method,
    uri: Uri,
    request_id: HeaderValue,
    trace_id: Option<String>,
    route: Option<usize>,
    open: bool,
}

impl<'a> Record<'a> {
    pub(crate) fn open(
        (meters, board): (&'a Meters, &'a Board),
        started: Instant,
        method: Method,
        uri: Uri,
        request_id: HeaderValue,
        trace_id: Option<String>,
    ) -> Self {
        meters.in_flight.inc();
        Self {
            meters,
            board,
            counts: None,
            started,
            method,
            uri,
            request_id,
            trace_id,
            route: None,
            open: true,
        }
    }

    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(crate) fn request_id(&self) -> &HeaderValue {
        &self.request_id
    }

    /// Notes under which route's template the request is counted.
    pub(crate) fn found(&mut self, route: usize) {
        self.route = Some(route);
        let counts = self.board.of(self.route, &self.method);
        counts.begin();
        self.counts = Some(counts);
    }

    /// Notes that the request is for the live feed.
    pub(crate) fn found_feed(&mut self) {
        self.route = Some(self.meters.feed());
    }

    /// Notes how long the parts of a request took that went through the queue.
    pub(crate) fn measure(&self, times: Times, outcome: &Outcome) {
        let (Some(published), Some(counts)) = (times.published, self.counts) else {
            return;
        };
        let meters = self.meters.route(self.route);
        if let Some(stored) = times.stored {
            let elapsed = stored.saturating_duration_since(published);
            meters.publish.observe(elapsed);
            counts.observe(Part::Publish, elapsed);
        }
        if let Outcome::Reply(_) = outcome {
            // The answer may have been faster than the acknowledgement.
            let waited = times.stored.unwrap_or(published).elapsed();
            meters.wait.observe(waited);
            counts.observe(Part::Wait, waited);
        }
    }

    /// The request has its answer.
    pub(crate) fn close(mut self, status: StatusCode, failure: Option<&Failure>) -> (Method, HeaderValue) {
        self.open = false;
        let elapsed = self.started.elapsed();
        let meters = self.meters.route(self.route);
        meters.count(&self.method, status);
        meters.total.observe(elapsed);
        self.tally(board::ended(status, failure), elapsed);
        let level = match failure.map(Failure::class) {
            Some(Class::Service) => Level::Error,
            Some(Class::Client) => Level::Warn,
            None if status.is_server_error() => Level::Error,
            None if status.is_client_error() => Level::Warn,
            None => Level::Info,
        };
        self.log(level, status.as_u16(), failure);
        self.meters.in_flight.dec();
        (std::mem::take(&mut self.method), self.request_id.clone())
    }

    fn tally(&self, how: Ended, elapsed: Duration) {
        let Some(counts) = self.counts else {
            return self.board.of(None, &self.method).count(how);
        };
        counts.end(how);
        if how != Ended::Gone {
            counts.observe(Part::Total, elapsed);
        }
    }

    fn log(&self, level: Level, status: u16, failure: Option<&Failure>) {
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    Elapsed = self.started.elapsed().as_secs_f64() * 1000.0,
                    RequestId = self.request_id.to_str().unwrap_or_default(),
                    RequestMethod = self.method.as_str(),
                    RequestPath = self.uri.path(),
                    StatusCode = status,
                    TraceId = self.trace_id.as_deref(),
                    Reason = failure.map(Failure::detail),
                    "request"
                )
            };
        }
        match level {
            Level::Info => line!(info),
            Level::Warn => line!(warn),
            Level::Error => line!(error),
        }
    }
}

#[derive(Clone, Copy)]
enum Level {
    Info,
    Warn,
    Error,
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        if self.open {
            self.meters.in_flight.dec();
            self.meters.clients_gone.inc();
            self.tally(Ended::Gone, self.started.elapsed());
            self.log(Level::Info, CLIENT_GONE, None);
        }
    }
}
