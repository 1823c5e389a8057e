//! One look, without a screen: the same report as JSON or as plain tables, and an exit code for CI.

mod plain;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use snapshot::{
    Action, Settings, State,
    report::Report,
    sample::{Body, Source, SourceState},
    update,
};
use tokio::time::Instant;

use super::feed::{self, Feed, Record};
use crate::{
    error::Error,
    exit::Exit,
    ui::{self, Paint},
};

/// Looks of each source that rates need.
const LOOKS: u64 = 2;

/// How long the way to what is looked at may take.
const REACHED: Duration = Duration::from_secs(8);

/// When a check fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FailOn {
    /// When something is to be looked at, or worse.
    Warn,
    /// When somebody has to act now.
    Crit,
}

/// A report on its way to standard output.
pub(crate) struct Printed(pub(crate) Report);

impl Serialize for Printed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl ui::Report for Printed {
    fn text(&self, paint: Paint) -> String {
        plain::text(&self.0, paint)
    }
}

/// What is known after two looks of every source, or when `within` is over.
pub(crate) async fn look(
    mut feed: Feed,
    mut record: Option<Record>,
    within: Duration,
) -> Result<Report, Error> {
    let mut state = State::new(Settings::once());
    let mut looks = Looks::default();
    let begun = Instant::now();
    let mut until = begun + within;
    while let Ok(Some(event)) = tokio::time::timeout_at(until, feed.events.recv()).await {
        if let Some(record) = &mut record {
            record.event(&event)?;
        }
        let is_list = matches!(&event.body, Body::Streams(sample) if sample.complete);
        looks.count(&event.body);
        if let Some(Action::Ask(query)) = update(&mut state, event) {
            feed.put(query);
        }
        if !feed.recorded && looks.are_enough() {
            break;
        }
        // The way into a cluster takes its time, and rates need all of the rest.
        let first = looks.lists == 0 || (looks.lists == 1 && is_list);
        if first && !feed.recorded && looks.may_yet_come() {
            until = (Instant::now() + within).min(begun + REACHED + within);
        }
    }
    if let Some(record) = record {
        record.finish()?;
    }
    let now = if feed.recorded { state.now() } else { feed::now() };
    Ok(state.report(now))
}

/// How often each source was looked at.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    streams: BTreeMap<String, u64>,
    lists: u64,
    services: u64,
    sources: BTreeMap<Source, SourceState>,
    /// The first attempt to connect has failed.
    failed: bool,
}

impl Looks {
    /// Counts what an event is a look of.
    pub(crate) fn count(&mut self, body: &Body) {
        match body {
            Body::Source(report) => {
                self.failed |= report.source == Source::Jetstream
                    && report.state == SourceState::Connecting
                    && report.reason.is_some();
                self.sources.insert(report.source, report.state);
            }
            Body::Streams(sample) if sample.complete => {
                self.lists += 1;
                for stream in &sample.streams {
                    if stream.consumer_count != Some(0) {
                        self.streams.entry(stream.name.clone()).or_default();
                    }
                }
            }
            Body::Consumers(sample) if sample.complete => {
                *self.streams.entry(sample.stream.clone()).or_default() += 1;
            }
            Body::Services(_) => self.services += 1,
            _ => {}
        }
    }

    /// Whether the NATS server answers, or is still on its way for the first time.
    fn may_yet_come(&self) -> bool {
        !self.failed
            && !matches!(
                self.sources.get(&Source::Jetstream),
                Some(SourceState::Down | SourceState::Absent)
            )
    }

    /// Whether all that can be known by now is known, rates too.
    pub(crate) fn are_enough(&self) -> bool {
        let done = |source: Source, enough: bool| match self.sources.get(&source) {
            Some(SourceState::Up) => enough,
            Some(SourceState::Absent) => true,
            // One that does not answer is waited for: it may yet.
            _ => false,
        };
        let streams = self.lists >= LOOKS && self.streams.values().all(|looks| *looks >= LOOKS);
        done(Source::Jetstream, streams)
            && done(Source::Services, self.services >= LOOKS)
            && done(Source::Pods, true)
            && done(Source::PodMetrics, true)
    }
}

/// The code that a check ends with.
pub(crate) fn verdict(report: &Report, fail_on: Option<FailOn>) -> Exit {
    let Some(fail_on) = fail_on else {
        return Exit::Success;
    };
    let lost = report
        .sources
        .iter()
        .any(|row| matches!(row.state, SourceState::Down | SourceState::Connecting));
    let summary = &report.summary;
    if summary.crit > 0 {
        Exit::Critical
    } else if lost || summary.unknown > 0 || report.sources.is_empty() {
        Exit::Unknown
    } else if summary.warn > 0 && fail_on == FailOn::Warn {
        Exit::Warned
    } else {
        Exit::Success
    }
}

#[cfg(test)]
mod tests {
    use snapshot::sample::{Event, SourceReport};
    use test_case::test_case;

    use super::*;

    fn source(state: SourceState) -> Event {
        let body = Body::Source(SourceReport {
            source: Source::Jetstream,
            state,
            reason: None,
            endpoint: None,
            version: None,
            round_trip_ms: None,
            interval_ms: None,
            cost: snapshot::sample::Cost::default(),
        });
        Event { at: 1, body }
    }

    fn report(crit: u64, warn: u64, unknown: u64, state_of_source: SourceState) -> Report {
        let mut state = State::new(Settings::once());
        update(&mut state, source(state_of_source));
        let mut report = state.report(1);
        report.summary.crit = crit;
        report.summary.warn = warn;
        report.summary.unknown = unknown;
        report
    }

    #[test_case(0, 0, 0, SourceState::Up, FailOn::Warn => 0; "all well")]
    #[test_case(0, 1, 0, SourceState::Up, FailOn::Warn => 1; "a warning")]
    #[test_case(0, 1, 0, SourceState::Up, FailOn::Crit => 0; "a warning that does not matter")]
    #[test_case(1, 1, 1, SourceState::Down, FailOn::Crit => 2; "critical wins")]
    #[test_case(0, 1, 1, SourceState::Up, FailOn::Warn => 3; "something is unknown")]
    #[test_case(0, 0, 0, SourceState::Down, FailOn::Crit => 3; "a source is down")]
    fn checks(crit: u64, warn: u64, unknown: u64, source: SourceState, fail_on: FailOn) -> u8 {
        verdict(&report(crit, warn, unknown, source), Some(fail_on)).code()
    }

    #[tokio::test(start_paused = true)]
    async fn time_for_rates_begins_when_there_is_something_to_be_seen() {
        let (sender, events) = tokio::sync::mpsc::channel(9);
        let list = Body::Streams(snapshot::sample::StreamsSample {
            complete: true,
            ..snapshot::sample::StreamsSample::default()
        });
        tokio::spawn(async move {
            let list = Event { at: 1, body: list };
            drop(sender.send(source(SourceState::Connecting)).await);
            tokio::time::sleep(Duration::from_millis(1_900)).await;
            drop(sender.send(source(SourceState::Up)).await);
            drop(sender.send(list).await);
            tokio::time::sleep(Duration::from_secs(3)).await;
            drop(sender.send(source(SourceState::Down)).await);
        });
        let feed = Feed {
            events,
            ask: None,
            interest: None,
            recorded: false,
        };
        let began = Instant::now();
        let report = look(feed, None, Duration::from_secs(2)).await.unwrap();
        assert_eq!(began.elapsed(), Duration::from_millis(3_900));
        assert_eq!(report.sources[0].state, SourceState::Up);
    }

    #[test]
    fn without_a_check_nothing_fails() {
        assert_eq!(verdict(&report(9, 9, 9, SourceState::Down), None), Exit::Success);
    }
}
