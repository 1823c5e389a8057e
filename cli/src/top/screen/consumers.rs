//! Consumers of all streams: lag, rates, state.

mod cells;

use ratatui::layout::Rect;
use snapshot::{
    ConsumerKey,
    judge::{Severity, State},
    report::{ConsumerDerived, ConsumerRaw, ConsumerRow, EphemeralsRow, Report},
    sample::Source,
};

use super::{
    Opened, named, panel,
    streams::{by_float, most, runway_span},
};
use crate::top::{
    app::App,
    keys::Screen,
    look, number,
    paint::{Painter, Span, muted, plain},
    table::{Column, Fit, Row},
    theme::Theme,
};

/// A row: one consumer, or the ephemeral ones of a stream together.
pub(super) enum Line<'a> {
    /// One.
    One(&'a ConsumerRow),
    /// Those that come and go.
    Folded(&'a EphemeralsRow),
}

impl Line<'_> {
    fn raw(&self) -> Option<&ConsumerRaw> {
        match self {
            Line::One(row) => row.raw.as_ref(),
            Line::Folded(_) => None,
        }
    }

    fn derived(&self) -> Option<&ConsumerDerived> {
        match self {
            Line::One(row) => Some(&row.derived),
            Line::Folded(_) => None,
        }
    }

    fn stream(&self) -> String {
        match self {
            Line::One(row) => named(row.account.as_ref(), &row.stream),
            Line::Folded(row) => named(row.account.as_ref(), &row.stream),
        }
    }

    fn pending(&self) -> Option<u64> {
        match self {
            Line::One(row) => row.raw.as_ref().map(|raw| raw.num_pending),
            Line::Folded(row) => Some(row.num_pending),
        }
    }

    fn deliver_per_s(&self) -> Option<f64> {
        match self {
            Line::One(row) => row.derived.deliver_per_s,
            Line::Folded(row) => row.deliver_per_s,
        }
    }
}

/// The key of a consumer's row.
pub(super) fn key_of(row: &ConsumerRow) -> String {
    format!("{}/{}", named(row.account.as_ref(), &row.stream), row.consumer)
}

/// The key of the row of ephemeral consumers.
fn fold_key(row: &EphemeralsRow) -> String {
    format!("{}/", named(row.account.as_ref(), &row.stream))
}

impl Row for Line<'_> {
    fn key(&self) -> String {
        match self {
            Line::One(row) => key_of(row),
            Line::Folded(row) => fold_key(row),
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Line::One(row) => row.severity,
            Line::Folded(row) => row.severity,
        }
    }

    fn words(&self) -> String {
        match self {
            Line::One(row) => {
                let filters = row
                    .raw
                    .as_ref()
                    .map(|raw| raw.filter_subjects.join(" "))
                    .unwrap_or_default();
                format!("{} {} {} {filters}", key_of(row), row.state.name(), row.reason)
            }
            Line::Folded(row) => format!("{} ephemeral", fold_key(row)),
        }
    }

    fn is_stale(&self) -> bool {
        matches!(self, Line::One(row) if row.state == State::Stale)
    }
}

/// The rows, the worst first.
pub(super) fn lines<'a>(app: &App, report: &'a Report) -> Vec<Line<'a>> {
    let folded = |row: &ConsumerRow| {
        let together = report
            .ephemerals
            .iter()
            .find(|fold| fold.stream == row.stream && fold.account == row.account);
        row.ephemeral
            && row.severity <= Severity::Info
            && together.is_some_and(|fold| fold.count > 1 && !app.unfolded.contains(&fold_key(fold)))
    };
    let mut lines: Vec<Line<'a>> = report
        .consumers
        .iter()
        .filter(|row| !folded(row))
        .map(Line::One)
        .chain(
            report
                .ephemerals
                .iter()
                .filter(|row| row.count > 1)
                .map(Line::Folded),
        )
        .collect();
    // Within equal severity the report's own order: by stream and name.
    lines.sort_by_key(|line| std::cmp::Reverse(line.severity()));
    lines
}

/// The table's columns.
pub(super) fn columns<'a>() -> Vec<Column<Line<'a>>> {
    vec![
        Column::new(
            "STATE",
            Fit::Content(6),
            cells::state as fn(&Line<'a>, Theme) -> Span,
        )
        .by(|a, b| b.severity().cmp(&a.severity())),
        Column::new("STREAM", Fit::Content(6), |line: &Line<'a>, _| {
            plain(line.stream())
        })
        .from(60)
        .by(|a, b| a.key().cmp(&b.key())),
        Column::new("CONSUMER", Fit::Content(8), cells::name),
        Column::new("MODE", Fit::Left(4), cells::mode).from(140),
        Column::new("QUEUED", Fit::Right(6), |line: &Line<'a>, _| {
            line.pending().map_or_else(|| muted(number::UNKNOWN), look::count)
        })
        .by(|a, b| most(a, b, Line::pending)),
        Column::new("INFLIGHT", Fit::Right(9), cells::inflight)
            .from(80)
            .by(|a, b| most(a, b, |line| line.raw().map(|raw| raw.num_ack_pending))),
        Column::new("", Fit::Left(5), cells::inflight_bar).from(160),
        Column::new("AGE", Fit::Right(6), cells::age).from(50).by(|a, b| {
            most(a, b, |line| {
                line.derived().and_then(|derived| derived.time_lag_ms)
            })
        }),
        Column::new("TREND", Fit::Left(10), cells::trend).from(100),
        Column::new("DLV/s", Fit::Right(5), |line: &Line<'a>, _| {
            look::rate(line.deliver_per_s())
        })
        .from(60)
        .by(|a, b| by_float(b.deliver_per_s(), a.deliver_per_s())),
        Column::new("ACK/s", Fit::Right(5), |line: &Line<'a>, _| {
            look::rate(line.derived().and_then(|derived| derived.ack_per_s))
        })
        .from(80),
        Column::new("RED%", Fit::Right(5), cells::redelivered)
            .from(100)
            .by(|a, b| {
                let share = |line: &Line<'_>| line.derived().and_then(|derived| derived.redeliver_share);
                by_float(share(b), share(a))
            }),
        Column::new("ETA", Fit::Right(6), cells::eta).from(80),
        Column::new("PARKED", Fit::Right(6), cells::parked).from(120),
        Column::new("WAIT", Fit::Right(4), |line: &Line<'a>, _| {
            line.raw()
                .map_or_else(|| muted(number::UNKNOWN), |raw| look::count(raw.num_waiting))
        })
        .from(120),
        Column::new("RUNWAY", Fit::Right(7), |line: &Line<'a>, _| {
            runway_span(line.derived().and_then(|derived| derived.runway_ms))
        })
        .from(120),
        Column::new("LAST-DLV", Fit::Right(8), |line: &Line<'a>, _| {
            look::span(line.raw().and_then(|raw| raw.last_delivery_ms))
        })
        .from(160),
        Column::new("LAST-ACK", Fit::Right(8), |line: &Line<'a>, _| {
            look::span(line.raw().and_then(|raw| raw.last_ack_ms))
        })
        .from(160),
        Column::new("LEADER", Fit::Content(6), cells::leader).from(180),
        Column::new("REASON", Fit::Rest(12), cells::reason).from(120),
    ]
}

/// Draws the screen.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    let (table, below) = panel::split(area, Screen::Consumers);
    let (lines, columns) = (lines(app, report), columns());
    let selected = super::table(
        painter,
        table,
        app,
        (&lines, &columns),
        (report, Source::Jetstream),
    );
    match selected {
        Some(Line::One(row)) => panel::draw(painter, below, &told(row), report),
        Some(Line::Folded(row)) => {
            let told = panel::Told {
                title: format!("{} ephemeral consumers of {}", row.count, row.stream),
                severity: row.severity,
                state: cells::states(row),
                since_ms: None,
                reason: "they come and go with their clients; enter shows them one by one".to_owned(),
                command: None,
                object: String::new(),
            };
            panel::draw(painter, below, &told, report);
        }
        None => {}
    }
}

/// What the panel says of a consumer.
pub(super) fn told(row: &ConsumerRow) -> panel::Told {
    panel::Told {
        title: key_of(row),
        severity: row.severity,
        state: row.state.name().to_owned(),
        since_ms: Some(row.since_ms),
        reason: row.reason.clone(),
        command: row.command.clone(),
        object: key_of(row),
    }
}

/// The consumer, or its fold.
pub(super) fn opened(report: &Report, key: &str) -> Option<Opened> {
    if let Some(fold) = report.ephemerals.iter().find(|row| fold_key(row) == key) {
        return Some(Opened::Fold(fold_key(fold)));
    }
    let row = report.consumers.iter().find(|row| key_of(row) == key)?;
    Some(Opened::Consumer(ConsumerKey {
        account: row.account.clone(),
        stream: row.stream.clone(),
        consumer: row.consumer.clone(),
    }))
}
