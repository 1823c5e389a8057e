//! What one connection is waiting for and since when, written by the socket and the requests, read by the watchdog.
//!
//! All fields are atomics with relaxed order: HTTP/2 requests run in tasks of their own, and a value that is seen late only makes
//! the watchdog look again.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::{Settings, framing::Refusal, meters::Closed};

/// Milliseconds since the connection opened, plus one so that zero can mean "not at all".
type Mark = u64;

/// The state of one connection.
#[derive(Debug)]
pub(super) struct Pulse {
    opened: Instant,
    in_flight: AtomicU32,
    answered: AtomicU32,
    reset: AtomicU32,
    is_http2: AtomicBool,
    is_tunnel: AtomicBool,
    /// The last moment at which a request ended (or bytes that we owed went out).
    idle_since: AtomicU64,
    /// The first byte of the head being read.
    head_since: AtomicU64,
    /// The socket takes no more bytes.
    blocked_since: AtomicU64,
    /// Answer bodies whose last frame the transport has not come back for (HTTP/2 flow control), and its last visit.
    owed: AtomicU32,
    owed_since: AtomicU64,
    refusal: OnceLock<Refusal>,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self {
            opened: Instant::now(),
            in_flight: AtomicU32::new(0),
            answered: AtomicU32::new(0),
            reset: AtomicU32::new(0),
            is_http2: AtomicBool::new(false),
            is_tunnel: AtomicBool::new(false),
            idle_since: AtomicU64::new(0),
            head_since: AtomicU64::new(0),
            blocked_since: AtomicU64::new(0),
            owed: AtomicU32::new(0),
            owed_since: AtomicU64::new(0),
            refusal: OnceLock::new(),
        }
    }

    fn now(&self) -> Mark {
        // 2^64 ms is longer than any connection.
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(Mark::MAX - 1) + 1
    }

    fn at(&self, mark: Mark, wait: Duration) -> Instant {
        self.opened + Duration::from_millis(mark) + wait
    }

    /// The peer has been recognised as HTTP/2.
    pub(super) fn set_http2(&self) {
        if !self.is_http2.swap(true, Relaxed) {
            self.idle_since.store(self.now(), Relaxed);
        }
    }

    pub(super) fn is_http2(&self) -> bool {
        self.is_http2.load(Relaxed)
    }

    /// The service has taken the connection over (101): what comes now is no HTTP any more.
    pub(super) fn set_tunnel(&self) {
        self.is_tunnel.store(true, Relaxed);
    }

    pub(super) fn is_tunnel(&self) -> bool {
        self.is_tunnel.load(Relaxed)
    }

    /// Bytes have been read; `mid_head`: they end inside a request head.
    pub(super) fn read(&self, mid_head: bool) {
        let since = self.head_since.load(Relaxed);
        if mid_head && since == 0 {
            self.head_since.store(self.now(), Relaxed);
        } else if !mid_head && since != 0 {
            self.head_since.store(0, Relaxed);
        }
    }

    /// The socket takes no more bytes for now.
    pub(super) fn write_blocked(&self) {
        if self.blocked_since.load(Relaxed) == 0 {
            self.blocked_since.store(self.now(), Relaxed);
        }
    }

    /// The socket took bytes.
    pub(super) fn written(&self) {
        let was_blocked = self.blocked_since.load(Relaxed) != 0;
        if was_blocked {
            self.blocked_since.store(0, Relaxed);
        }
        // Bytes that were owed went out: the peer is not idle. HTTP/1 answers are out when their request ends, save when blocked.
        if was_blocked || self.is_http2() {
            self.idle_since.store(self.now(), Relaxed);
        }
    }

    /// The bytes read are refused; the first reason counts.
    pub(super) fn refuse(&self, refusal: Refusal) {
        // A second refusal of the same connection adds nothing.
        let _first = self.refusal.set(refusal);
    }

    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.refusal.get().copied()
    }

    /// Whether an answer of ours would not mix with one that is on its way.
    pub(super) fn is_quiet(&self) -> bool {
        self.in_flight.load(Relaxed) == 0 && self.blocked_since.load(Relaxed) == 0 && !self.is_http2()
    }

    /// Whether the peer has begun a request head and not finished it.
    pub(super) fn is_mid_head(&self) -> bool {
        self.head_since.load(Relaxed) != 0
    }

    /// A request begins.
    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Relaxed);
        InFlight {
            pulse: Arc::clone(self),
            is_answered: false,
            is_owed: false,
        }
    }

    /// What the connection waits for now, until when. `None` while requests are being worked on.
    pub(super) fn deadline(&self, settings: &Settings) -> Option<(Instant, Closed)> {
        let allowed = self
            .answered
            .load(Relaxed)
            .saturating_add(settings.http2_max_resets);
        if self.is_http2() && self.reset.load(Relaxed) > allowed {
            return Some((self.opened, Closed::ResetFlood));
        }
        let blocked = self.blocked_since.load(Relaxed);
        if blocked != 0 {
            return Some((self.at(blocked, settings.write_timeout), Closed::WriteStall));
        }
        if self.is_http2() && self.owed.load(Relaxed) > 0 {
            return Some((
                self.at(self.owed_since.load(Relaxed), settings.write_timeout),
                Closed::WriteStall,
            ));
        }
        if self.in_flight.load(Relaxed) > 0 {
            return None;
        }
        let (head, idle) = (self.head_since.load(Relaxed), self.idle_since.load(Relaxed));
        if head != 0 {
            // A head that was half read while the request before it was in flight has its time from that request's end.
            return Some((
                self.at(head.max(idle), settings.header_read_timeout),
                Closed::HeaderTimeout,
            ));
        }
        if idle == 0 {
            return Some((self.opened + settings.header_read_timeout, Closed::HeaderTimeout));
        }
        Some((self.at(idle, settings.idle_timeout), Closed::Idle))
    }
}

/// One request from its head to the end of its answer's body; dropping it is the end.
#[derive(Debug)]
pub(super) struct InFlight {
    pulse: Arc<Pulse>,
    is_answered: bool,
    is_owed: bool,
}

impl InFlight {
    /// The service has answered (its body may still be on its way).
    pub(super) fn answered(&mut self) {
        self.is_answered = true;
        self.pulse.answered.fetch_add(1, Relaxed);
    }

    pub(super) fn is_http2(&self) -> bool {
        self.pulse.is_http2()
    }

    /// The transport asked for a frame of the answer's body; `got_one`: it has one to send now.
    pub(super) fn body_polled(&mut self, got_one: bool) {
        // Only HTTP/2 holds bodies back without the socket being blocked.
        if self.pulse.is_http2() {
            self.pulse.owed_since.store(self.pulse.now(), Relaxed);
            self.set_owed(got_one);
        }
    }

    fn set_owed(&mut self, owed: bool) {
        if owed != self.is_owed {
            self.is_owed = owed;
            if owed {
                self.pulse.owed.fetch_add(1, Relaxed);
            } else {
                self.pulse.owed.fetch_sub(1, Relaxed);
            }
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.set_owed(false);
        if !self.is_answered {
            self.pulse.reset.fetch_add(1, Relaxed);
        }
        self.pulse.idle_since.store(self.pulse.now(), Relaxed);
        self.pulse.in_flight.fetch_sub(1, Relaxed);
    }
}
