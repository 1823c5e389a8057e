//! Where a source's events go, and what it says of itself.

use std::time::{Duration, Instant};

use snapshot::sample::{Body, Event, Source, SourceReport, SourceState};
use tokio::sync::mpsc;

use super::clock;
use super::cost::Meter;

/// How often a source that does not change says what it has cost.
const REPORT_EVERY: Duration = Duration::from_secs(2);

/// One source's end of the channel.
#[derive(Debug)]
pub(super) struct Outlet {
    events: mpsc::Sender<Event>,
    source: Source,
    endpoint: Option<String>,
    said: Option<(SourceState, Option<String>)>,
    said_at: Instant,
    /// What the source has cost so far.
    pub(super) meter: Meter,
    /// How often it looks, for the report.
    pub(super) interval: Option<Duration>,
    /// The version of what it looks at, for the report.
    pub(super) version: Option<String>,
}

impl Outlet {
    /// For a source that has said nothing yet.
    pub(super) fn new(events: mpsc::Sender<Event>, source: Source, endpoint: &str) -> Self {
        Self {
            events,
            source,
            endpoint: (!endpoint.is_empty()).then(|| endpoint.to_owned()),
            said: None,
            said_at: Instant::now(),
            meter: Meter::default(),
            interval: None,
            version: None,
        }
    }

    /// Sends what was found out; waits while nobody reads.
    pub(super) async fn send(&self, body: Body) {
        let event = Event {
            at: clock::now(),
            body,
        };
        // Who does not listen any more ends this task soon.
        drop(self.events.send(event).await);
    }

    /// Whether an event can be sent without waiting.
    pub(super) fn has_room(&self) -> bool {
        self.events.capacity() > 0
    }

    /// It has not answered yet, or tries to come back.
    pub(super) async fn connecting(&mut self, why: Option<String>) {
        self.report(SourceState::Connecting, why).await;
    }

    /// It answers.
    pub(super) async fn up(&mut self) {
        self.report(SourceState::Up, None).await;
    }

    /// It answers, but not everything.
    pub(super) async fn up_but(&mut self, what: Option<String>) {
        self.report(SourceState::Up, what).await;
    }

    /// It does not answer.
    pub(super) async fn down(&mut self, why: &str) {
        self.report(SourceState::Down, Some(why.to_owned())).await;
    }

    /// Whether the last that it said is that it does not answer.
    pub(super) fn is_down(&self) -> bool {
        matches!(self.said, Some((SourceState::Down, _)))
    }

    /// It is not there and need not be.
    pub(super) async fn absent(&mut self, why: &str) {
        self.report(SourceState::Absent, Some(why.to_owned())).await;
    }

    /// Tells of a change at once, and of costs now and then.
    async fn report(&mut self, state: SourceState, reason: Option<String>) {
        let news = Some((state, reason.clone()));
        if self.said == news && self.said_at.elapsed() < REPORT_EVERY {
            return;
        }
        self.said = news;
        self.said_at = Instant::now();
        let report = SourceReport {
            source: self.source,
            state,
            reason,
            endpoint: self.endpoint.clone(),
            version: self.version.clone(),
            round_trip_ms: self.meter.round_trip_ms(),
            interval_ms: self
                .interval
                .map(|interval| u64::try_from(interval.as_millis()).unwrap_or(u64::MAX)),
            cost: self.meter.cost(),
        };
        self.send(Body::Source(report)).await;
    }
}
