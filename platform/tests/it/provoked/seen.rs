//! What `top` sees: the sources of the platform, taken in and judged as they are on the screen.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use platform::observe::{self, Nats, Observation, Observed};
use snapshot::report::{ConsumerRow, Report, StreamRow};
use snapshot::sample::{Body, Event};
use snapshot::{Action, ConsumerKey, Settings, State, update};
use tokio::time::{Interval, interval};
use tokio_util::sync::CancellationToken;

/// Only a failing test waits so long: the slowest state takes a minute.
const PATIENCE: Duration = Duration::from_mins(2);

/// An observation, and what follows from it.
pub(crate) struct Seen {
    observation: Observation,
    state: State,
    ticks: Interval,
}

impl Seen {
    /// Begins to look, with one consumer selected.
    pub(crate) fn new(nats: Nats, selected: ConsumerKey) -> Self {
        let observed = Observed {
            nats: Some(nats),
            ..Observed::default()
        };
        let mut state = State::new(Settings::default());
        state.select(Some(selected));
        Self {
            observation: observe::start(observed, CancellationToken::new()),
            state,
            ticks: interval(Duration::from_secs(1)),
        }
    }

    /// Takes in what comes next; the report after it, and the event.
    pub(crate) async fn next(&mut self) -> (Report, Event) {
        let event = tokio::select! {
            event = self.observation.events.recv() => event.expect("the sources live as long as the observation"),
            _ = self.ticks.tick() => Event { at: now(), body: Body::Tick },
        };
        if let Some(Action::Ask(query)) = update(&mut self.state, event.clone()) {
            // What is not asked now is asked again.
            drop(self.observation.ask.try_send(query));
        }
        let report = self.state.report(now());
        assert_possible(&report);
        (report, event)
    }

    /// Looks until it is as wanted; how long that took, and what was wanted of the report.
    pub(crate) async fn until<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&Report) -> Option<T>,
    ) -> (Duration, T) {
        let began = Instant::now();
        let mut last = String::new();
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let next = tokio::time::timeout(left, self.next()).await;
            let Ok((report, _)) = next else {
                panic!("not {what} within {PATIENCE:?}, but {last}");
            };
            if let Some(found) = wanted(&report) {
                return (began.elapsed(), found);
            }
            last = in_words(&report);
        }
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// The row of a consumer.
pub(crate) fn consumer<'a>(report: &'a Report, stream: &str, name: &str) -> Option<&'a ConsumerRow> {
    let mut rows = report.consumers.iter();
    rows.find(|row| (row.stream.as_str(), row.consumer.as_str()) == (stream, name))
}

/// The row of a stream.
pub(crate) fn stream<'a>(report: &'a Report, name: &str) -> Option<&'a StreamRow> {
    report.streams.iter().find(|row| row.stream == name)
}

fn in_words(report: &Report) -> String {
    let streams = report
        .streams
        .iter()
        .map(|row| format!("{} {}: {}", row.stream, row.state.name(), row.reason));
    let consumers = report
        .consumers
        .iter()
        .map(|row| format!("{} {}: {}", row.consumer, row.state.name(), row.reason));
    let sources = report
        .sources
        .iter()
        .map(|row| format!("{:?} {:?} {:?}", row.source, row.state, row.reason));
    streams
        .chain(consumers)
        .chain(sources)
        .collect::<Vec<_>>()
        .join("; ")
}

/// Whatever happens to streams and consumers, nothing flows backwards and no share is more than all.
fn assert_possible(report: &Report) {
    for row in &report.consumers {
        let derived = &row.derived;
        let flows = [
            derived.deliver_per_s,
            derived.new_per_s,
            derived.redeliver_per_s,
            derived.ack_per_s,
            derived.eta_s,
        ];
        assert!(flows.iter().flatten().all(|flow| *flow >= 0.0), "{row:?}");
        assert!(
            derived.redeliver_share.is_none_or(|share| share <= 1.0),
            "{row:?}"
        );
        assert!(derived.time_lag_ms.is_none_or(|lag| lag >= 0), "{row:?}");
    }
    for row in &report.streams {
        assert!(
            row.derived.publish_per_s.is_none_or(|flow| flow >= 0.0),
            "{row:?}"
        );
    }
}
