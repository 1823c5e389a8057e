//! Streams: how full, how fast, and how long it lasts.

use std::cmp::{Ordering, Reverse};

use ratatui::layout::Rect;
use snapshot::{
    judge::{Severity, State},
    report::{Report, StreamRow},
    sample::{Retention, Source, Storage},
};

use super::{Opened, named, panel};
use crate::top::{
    app::App,
    keys::Screen,
    look, number,
    paint::{Painter, Span, muted, plain},
    table::{Column, Fit, Row},
    theme::{Role, Theme},
};

/// A stream that is fuller than this is to be looked at.
const FULL: (f64, f64) = (0.8, 0.95);

impl Row for StreamRow {
    fn key(&self) -> String {
        named(self.account.as_ref(), &self.stream)
    }

    fn severity(&self) -> Severity {
        self.severity
    }

    fn words(&self) -> String {
        let subjects = self
            .raw
            .as_ref()
            .map(|raw| raw.subjects.join(" "))
            .unwrap_or_default();
        format!("{} {} {} {subjects}", self.key(), self.state.name(), self.reason)
    }

    fn is_stale(&self) -> bool {
        self.state == State::Stale
    }
}

/// The table's columns.
pub(super) fn columns() -> Vec<Column<StreamRow>> {
    vec![
        Column::new("STATE", Fit::Content(6), state).by(|a, b| b.severity.cmp(&a.severity)),
        Column::new("STREAM", Fit::Content(10), |row: &StreamRow, _| plain(row.key()))
            .by(|a, b| a.key().cmp(&b.key())),
        Column::new("KIND", Fit::Left(9), kind).from(100),
        Column::new("MSGS", Fit::Right(6), |row: &StreamRow, _| {
            raw(row, |raw| look::count(raw.messages))
        })
        .by(|a, b| most(a, b, |row| row.raw.as_ref().map(|raw| raw.messages))),
        Column::new("BYTES", Fit::Right(6), |row: &StreamRow, _| {
            raw(row, |raw| plain(number::bytes(raw.bytes)))
        })
        .from(60)
        .by(|a, b| most(a, b, |row| row.raw.as_ref().map(|raw| raw.bytes))),
        Column::new("%LIMIT", Fit::Right(11), limit)
            .from(60)
            .by(|a, b| by_float(b.derived.limit_share, a.derived.limit_share)),
        Column::new("IN/s", Fit::Right(6), |row: &StreamRow, _| {
            look::rate(row.derived.publish_per_s)
        })
        .by(|a, b| by_float(b.derived.publish_per_s, a.derived.publish_per_s)),
        Column::new("TREND", Fit::Left(12), trend).from(120),
        Column::new("CONS", Fit::Right(4), |row: &StreamRow, _| {
            raw(row, |raw| look::known(raw.consumer_count, number::count))
        })
        .from(80),
        Column::new("LAG", Fit::Right(6), |row: &StreamRow, _| {
            look::known(row.derived.worst_num_pending, number::count)
        })
        .from(60)
        .by(|a, b| most(a, b, |row| row.derived.worst_num_pending)),
        Column::new("LAG AGE", Fit::Right(7), |row: &StreamRow, _| {
            look::span(row.derived.worst_time_lag_ms)
        })
        .from(80)
        .by(|a, b| most(a, b, |row| row.derived.worst_time_lag_ms)),
        Column::new("RUNWAY", Fit::Right(7), runway).from(100).by(|a, b| {
            a.derived
                .runway_ms
                .unwrap_or(i64::MAX)
                .cmp(&b.derived.runway_ms.unwrap_or(i64::MAX))
        }),
        Column::new("OLDEST", Fit::Right(7), |row: &StreamRow, _| {
            look::span(row.derived.oldest_ms)
        })
        .from(120),
        Column::new("DEL/LOST", Fit::Right(9), gone).from(140),
        Column::new("REPL", Fit::Left(9), replicas).from(140),
        Column::new("LEADER", Fit::Content(6), leader).from(160),
        Column::new("SRC-LAG", Fit::Right(7), |row: &StreamRow, _| {
            look::known(row.derived.source_lag, number::count)
        })
        .from(140),
        Column::new("REASON", Fit::Rest(10), reason).from(120),
    ]
}

/// Draws the screen.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    let (table, below) = panel::split(area, Screen::Streams);
    let columns = columns();
    let selected = super::table(
        painter,
        table,
        app,
        (&report.streams, &columns),
        (report, Source::Jetstream),
    );
    if let Some(row) = selected {
        let told = panel::Told {
            title: row.key(),
            severity: row.severity,
            state: row.state.name().to_owned(),
            since_ms: Some(row.since_ms),
            reason: row.reason.clone(),
            command: row.command.clone(),
            object: row.key(),
        };
        panel::draw(painter, below, &told, report);
    }
}

/// The consumers of the stream.
pub(super) fn opened(report: &Report, key: &str) -> Option<Opened> {
    let row = report.streams.iter().find(|row| row.key() == key)?;
    Some(Opened::Filtered(Screen::Consumers, format!("{}/", row.stream)))
}

/// The largest first, what is unknown last.
pub(super) fn most<R, T: Ord>(a: &R, b: &R, value: impl Fn(&R) -> Option<T>) -> Ordering {
    Reverse(value(a)).cmp(&Reverse(value(b)))
}

/// Unknown below all.
pub(super) fn by_float(a: Option<f64>, b: Option<f64>) -> Ordering {
    a.unwrap_or(f64::NEG_INFINITY)
        .total_cmp(&b.unwrap_or(f64::NEG_INFINITY))
}

fn raw(row: &StreamRow, cell: impl FnOnce(&snapshot::report::StreamRaw) -> Span) -> Span {
    row.raw.as_ref().map_or_else(|| muted(number::UNKNOWN), cell)
}

fn state(row: &StreamRow, theme: Theme) -> Span {
    look::state(row.severity, row.state.name(), theme)
}

fn kind(row: &StreamRow, _: Theme) -> Span {
    raw(row, |raw| {
        let retention = match raw.retention {
            Some(Retention::Limits) => "limits",
            Some(Retention::Interest) => "int'st",
            Some(Retention::Workqueue) => "work",
            None => number::UNKNOWN,
        };
        let storage = match raw.storage {
            Some(Storage::File) => "/f",
            Some(Storage::Memory) => "/m",
            None => "",
        };
        muted(format!("{retention}{storage}"))
    })
}

fn limit(row: &StreamRow, _: Theme) -> Span {
    let mut span = look::share(row.derived.limit_share, FULL.0, FULL.1);
    if let Some(limit) = row.derived.limit {
        span.text = format!("{} {limit}", span.text);
    }
    // What a stream drops for age is as it should be.
    if row.derived.limit == Some("age") && span.role != Role::Muted {
        span.role = Role::Text;
    }
    span
}

fn trend(row: &StreamRow, theme: Theme) -> Span {
    Span::new(
        crate::top::chart::spark(&row.trend_publish_per_s, 12, theme),
        Role::First,
    )
}

fn runway(row: &StreamRow, _: Theme) -> Span {
    runway_span(row.derived.runway_ms)
}

/// Time until loss: soon is bad.
pub(super) fn runway_span(milliseconds: Option<i64>) -> Span {
    const SOON: (i64, i64) = (600_000, 3_600_000);
    let mut span = look::span(milliseconds);
    match milliseconds {
        Some(time) if time < SOON.0 => span.role = Role::Critical,
        Some(time) if time < SOON.1 => span.role = Role::Warning,
        _ => {}
    }
    span
}

fn gone(row: &StreamRow, _: Theme) -> Span {
    raw(row, |raw| {
        let deleted = raw
            .num_deleted
            .map_or_else(|| number::UNKNOWN.to_owned(), number::count);
        let lost = raw.lost_msgs.unwrap_or(0);
        let role = if lost > 0 { Role::Critical } else { Role::Muted };
        Span::new(format!("{deleted}/{}", number::count(lost)), role)
    })
}

fn replicas(row: &StreamRow, theme: Theme) -> Span {
    raw(row, |raw| match &raw.cluster {
        Some(cluster) => replicas_span(cluster, theme),
        None => muted("single"),
    })
}

/// Replicas that are current, of all, and how far the last one is behind.
pub(super) fn replicas_span(cluster: &snapshot::report::ClusterRow, theme: Theme) -> Span {
    let all = cluster.current >= cluster.replicas_count;
    let sign = if all { "" } else { theme.sign("▲", "!") };
    let lag = cluster
        .lag
        .filter(|lag| *lag > 0)
        .map_or_else(String::new, |lag| format!(" -{}", number::count(lag)));
    let role = if all { Role::Text } else { Role::Warning };
    Span::new(
        format!("{sign}{}/{}{lag}", cluster.current, cluster.replicas_count),
        role,
    )
}

fn leader(row: &StreamRow, _: Theme) -> Span {
    raw(row, |raw| match &raw.cluster {
        Some(cluster) => look::known(cluster.leader.clone(), |leader| leader),
        None => muted(number::UNKNOWN),
    })
}

fn reason(row: &StreamRow, _: Theme) -> Span {
    reason_span(row.severity, &row.reason)
}

/// Why; what is as it should be needs no words that stand out.
pub(super) fn reason_span(severity: Severity, reason: &str) -> Span {
    if severity <= Severity::Info {
        muted(reason)
    } else {
        plain(reason)
    }
}
