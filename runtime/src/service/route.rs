//! What is counted of one kind of request.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;

use super::histogram::Histogram;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ended {
    /// With an answer below 400.
    Ok,
    /// With an answer that says what the client did wrong.
    Client,
    /// With an answer that says that the service failed.
    Server,
    /// Without an answer within its time.
    Timeout,
    /// No stream took it.
    NoResponders,
    /// The stream or the program had no room.
    Refused,
    /// There was no connection to NATS.
    Disconnected,
    /// Its client left.
    Gone,
    /// Not handled: nobody waited any more.
    Expired,
    /// Given back for another attempt.
    Retried,
    /// Set aside as a dead letter.
    Poisoned,
}

impl Ended {
    /// All, in the order of their numbers.
    pub(super) const ALL: [Self; 11] = [
        Self::Ok,
        Self::Client,
        Self::Server,
        Self::Timeout,
        Self::NoResponders,
        Self::Refused,
        Self::Disconnected,
        Self::Gone,
        Self::Expired,
        Self::Retried,
        Self::Poisoned,
    ];

    /// By the status of an answer.
    pub fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            500.. => Self::Server,
            400.. => Self::Client,
            _ => Self::Ok,
        }
    }

    /// Its key in the data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Client => "4xx",
            Self::Server => "5xx",
            Self::Timeout => "timeout",
            Self::NoResponders => "no_responders",
            Self::Refused => "refused",
            Self::Disconnected => "disconnected",
            Self::Gone => "gone",
            Self::Expired => "expired",
            Self::Retried => "retried",
            Self::Poisoned => "poisoned",
        }
    }

    /// Whether it is the system's doing, not the client's.
    pub fn is_error(self) -> bool {
        !matches!(self, Self::Ok | Self::Client | Self::Gone)
    }
}

/// A part of a request's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// In the proxy: from the request's head to its answer.
    Total,
    /// In the proxy: from the publish to the stream's acknowledgement.
    Publish,
    /// In the proxy: from the acknowledgement to the worker's answer, so queue, work and answer together.
    Wait,
    /// In the worker: from the stream's time stamp to the start of the first attempt, by the server's clock.
    Queue,
    /// In the worker: the handler.
    Work,
    /// In the worker: until the answer was written to the server.
    Answer,
}

impl Part {
    /// All, in the order of their numbers.
    pub(super) const ALL: [Self; 6] = [
        Self::Total,
        Self::Publish,
        Self::Wait,
        Self::Queue,
        Self::Work,
        Self::Answer,
    ];

    /// Its key in the data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Publish => "publish",
            Self::Wait => "wait",
            Self::Queue => "queue",
            Self::Work => "work",
            Self::Answer => "answer",
        }
    }
}

/// Counts of one kind of request. They only grow, but for what is in flight.
#[derive(Debug, Default)]
pub struct Route {
    ended: [AtomicU64; Ended::ALL.len()],
    in_flight: AtomicI64,
    parts: [OnceLock<Box<Histogram>>; Part::ALL.len()],
    /// Unix milliseconds of the last error and, in the lowest byte, which one it was; 0 without one.
    last_error: AtomicU64,
}

impl Route {
    /// A request has begun.
    pub fn begin(&self) {
        self.in_flight.fetch_add(1, Relaxed);
    }

    /// A request that had begun is over.
    pub fn end(&self, how: Ended) {
        self.in_flight.fetch_sub(1, Relaxed);
        self.count(how);
    }

    /// A request is over that never began.
    pub fn count(&self, how: Ended) {
        self.ended[how as usize].fetch_add(1, Relaxed);
        if how.is_error() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let milliseconds = u64::try_from(now.as_millis()).unwrap_or(0);
            self.last_error.store(milliseconds << 8 | how as u64, Relaxed);
        }
    }

    /// Counts how long a part took.
    pub fn observe(&self, part: Part, duration: Duration) {
        self.parts[part as usize]
            .get_or_init(Box::default)
            .observe(duration);
    }

    pub(super) fn ended(&self, how: Ended) -> u64 {
        self.ended[how as usize].load(Relaxed)
    }

    pub(super) fn in_flight(&self) -> u64 {
        // Two threads may be seen in the wrong order for a moment.
        u64::try_from(self.in_flight.load(Relaxed)).unwrap_or(0)
    }

    pub(super) fn part(&self, part: Part) -> Option<&Histogram> {
        self.parts[part as usize].get().map(|histogram| &**histogram)
    }

    /// When the last error was, Unix milliseconds, and which.
    pub(super) fn last_error(&self) -> Option<(u64, Ended)> {
        let value = self.last_error.load(Relaxed);
        let how = Ended::ALL.get(usize::from(value.to_le_bytes()[0]))?;
        (value > 0).then_some((value >> 8, *how))
    }
}
