//! The report of what is known.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{State, consumer_row, stream_row};
use crate::judge::Severity;
use crate::lag::Rates;
use crate::number::finite;
use crate::report::{ConsumerRow, EphemeralsRow, Problem, Report, SCHEMA, SourceRow, StreamRow, Summary};
use crate::sample::Millis;

/// Events of a report.
const EVENTS: usize = 200;

/// Beats kept: five minutes, at one in two seconds.
const BEATS: usize = 150;
/// Between two of them, in milliseconds.
const BEAT: u64 = 2_000;

impl State {
    /// Notes the three rates of the whole, when it is time. Time is that of the events: a recording has the same beats, however fast it is
    /// played.
    pub(super) fn beat(&mut self, at: Millis) {
        let is_early = self.beaten.is_some_and(|last| at.abs_diff(last) < BEAT);
        if is_early || self.streams.is_empty() {
            return;
        }
        self.beaten = Some(at);
        let rates = |part: fn(&Rates) -> Option<f64>| {
            let consumers = self.streams.values().flat_map(|stream| stream.consumers.values());
            sum(consumers.map(|consumer| consumer.derived.rates.as_ref().and_then(part)))
        };
        let published = self.streams.values().map(|stream| stream.history.rates());
        let publish = sum(published.map(|rates| rates.map(|rates| rates.publish_per_s)));
        let beat = [
            publish,
            rates(|rates| Some(rates.deliver_per_s)),
            rates(|rates| rates.ack_per_s),
        ];
        if self.pulse.len() == BEATS {
            self.pulse.pop_front();
        }
        self.pulse.push_back(beat);
    }

    /// The picture at `at`, which is the time of the last event or later.
    pub fn report(&self, at: Millis) -> Report {
        let streams: Vec<StreamRow> = self
            .streams
            .iter()
            .map(|(key, entry)| stream_row::row(key, entry, at))
            .collect();
        let consumers: Vec<ConsumerRow> = self
            .streams
            .iter()
            .flat_map(|(key, stream)| {
                let crews = self.fleet.crews(&key.stream);
                stream.consumers.iter().map(move |(name, entry)| {
                    consumer_row::row(key, name, entry, crews.and_then(|crews| crews.get(name)), at)
                })
            })
            .collect();
        let workers = self.worker_rows(at);
        let in_pods: BTreeMap<String, String> = workers
            .iter()
            .filter_map(|worker| Some((worker.pod.clone()?, format!("{}/{}", worker.service, worker.id))))
            .collect();
        let mut report = Report {
            schema: SCHEMA,
            ts: rfc3339(at),
            at_ms: at,
            summary: Summary::default(),
            sources: self.source_rows(at),
            accounts: self.account_rows(),
            ephemerals: fold(&consumers),
            streams,
            consumers,
            routes: self.route_rows(),
            workers,
            pods: self.pods.rows(at, &in_pods),
            events: self.journal.rows(at).take(EVENTS).collect(),
            problems: Vec::new(),
            causes: Vec::new(),
            left_out: self.left_out,
        };
        report.problems = super::problems::of(&report);
        report.causes = super::causes::of(&report);
        report.summary = self.summary(&report);
        report
    }

    fn summary(&self, report: &Report) -> Summary {
        let severe = |severity| count(&report.problems, |problem: &Problem| problem.severity == severity);
        let mut summary = Summary {
            severity: report
                .problems
                .iter()
                .map(|problem| problem.severity)
                .max()
                .unwrap_or_default(),
            crit: severe(Severity::Crit),
            warn: severe(Severity::Warn),
            unknown: severe(Severity::Unknown),
            publish_per_s: sum(report.streams.iter().map(|row| row.derived.publish_per_s)),
            deliver_per_s: sum(report.consumers.iter().map(|row| row.derived.deliver_per_s)),
            ack_per_s: sum(report.consumers.iter().map(|row| row.derived.ack_per_s)),
            observer_requests_per_s: sum(report.sources.iter().map(|row: &SourceRow| row.requests_per_s)),
            observer_bytes_per_s: sum(report.sources.iter().map(|row| row.bytes_per_s)),
            trend_per_s: self.pulse.iter().copied().collect(),
            ..Summary::default()
        };
        for row in &report.consumers {
            *summary
                .consumer_states
                .entry(row.state.name().to_owned())
                .or_default() += 1;
        }
        for row in &report.streams {
            *summary
                .stream_states
                .entry(row.state.name().to_owned())
                .or_default() += 1;
        }
        summary
    }
}

/// The sum of what is known; nothing if nothing is.
fn sum(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let add = |sum: Option<f64>, value: f64| Some(sum.unwrap_or(0.0) + value);
    values.flatten().fold(None, add).and_then(finite)
}

fn count<T>(rows: &[T], wanted: impl Fn(&T) -> bool) -> u64 {
    u64::try_from(rows.iter().filter(|row| wanted(row)).count()).unwrap_or(u64::MAX)
}

fn rfc3339(at: Millis) -> Option<String> {
    let nanos = i128::from(at).checked_mul(1_000_000)?;
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()?
        .format(&Rfc3339)
        .ok()
}

fn fold(consumers: &[ConsumerRow]) -> Vec<EphemeralsRow> {
    let mut folds: Vec<EphemeralsRow> = Vec::new();
    for row in consumers.iter().filter(|row| row.ephemeral) {
        let same = |fold: &EphemeralsRow| fold.account == row.account && fold.stream == row.stream;
        if !folds.last().is_some_and(same) {
            folds.push(EphemeralsRow {
                account: row.account.clone(),
                stream: row.stream.clone(),
                count: 0,
                severity: Severity::Ok,
                states: BTreeMap::new(),
                num_pending: 0,
                num_ack_pending: 0,
                deliver_per_s: None,
            });
        }
        let (Some(fold), Some(raw)) = (folds.last_mut(), &row.raw) else {
            continue;
        };
        fold.count += 1;
        fold.severity = fold.severity.max(row.severity);
        *fold.states.entry(row.state.name().to_owned()).or_default() += 1;
        fold.num_pending = fold.num_pending.saturating_add(raw.num_pending);
        fold.num_ack_pending = fold.num_ack_pending.saturating_add(raw.num_ack_pending);
        fold.deliver_per_s = sum([fold.deliver_per_s, row.derived.deliver_per_s].into_iter());
    }
    folds
}
