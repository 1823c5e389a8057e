//! Routes of the proxy and operations of workers: rate, latency, errors, and where the time goes.

use ratatui::layout::Rect;
use snapshot::{
    judge::Severity,
    report::{Report, RouteRow, RouteSide},
    sample::Source,
};

use super::{panel, streams::by_float};
use crate::top::{
    app::App,
    chart,
    keys::Screen,
    look, number,
    paint::{Painter, Span, columns as part, muted, plain, rows},
    table::{Column, Fit, Row},
    theme::{Role, Theme},
};

impl Row for RouteRow {
    fn key(&self) -> String {
        format!("{}/{}", self.service, self.route)
    }

    fn severity(&self) -> Severity {
        self.severity
    }

    fn words(&self) -> String {
        let subject = self.subject.as_deref().unwrap_or_default();
        format!("{} {subject} {}", self.key(), side(self.side))
    }

    fn is_stale(&self) -> bool {
        false
    }
}

/// The table's columns.
pub(super) fn columns() -> Vec<Column<RouteRow>> {
    vec![
        Column::new("", Fit::Left(1), |row: &RouteRow, theme| {
            Span::new(look::sign(row.severity, theme), look::role(row.severity))
        }),
        Column::new("SIDE", Fit::Left(6), |row: &RouteRow, _| muted(side(row.side))).from(60),
        Column::new("ROUTE", Fit::Content(12), |row: &RouteRow, _| {
            plain(row.route.clone())
        })
        .by(|a, b| a.key().cmp(&b.key())),
        Column::new("SUBJECT", Fit::Content(8), |row: &RouteRow, _| {
            look::known(row.subject.clone(), |subject| subject)
        })
        .from(140),
        Column::new("REQ/s", Fit::Right(6), |row: &RouteRow, _| {
            look::rate(row.requests_per_s)
        })
        .by(|a, b| by_float(b.requests_per_s, a.requests_per_s)),
        Column::new("p50", Fit::Right(7), |row: &RouteRow, _| {
            look::known(row.p50_ms, number::latency_ms)
        })
        .from(60)
        .by(|a, b| by_float(b.p50_ms, a.p50_ms)),
        Column::new("p90", Fit::Right(7), |row: &RouteRow, _| {
            look::known(row.p90_ms, number::latency_ms)
        })
        .from(100),
        Column::new("p99", Fit::Right(7), |row: &RouteRow, _| {
            look::known(row.p99_ms, number::latency_ms)
        })
        .by(|a, b| by_float(b.p99_ms, a.p99_ms)),
        Column::new("max", Fit::Right(7), |row: &RouteRow, _| {
            look::known(row.max_ms, number::latency_ms)
        })
        .from(80),
        Column::new("ERR%", Fit::Right(5), |row: &RouteRow, _| {
            look::share(row.error_share, 0.01, 0.05)
        })
        .by(|a, b| by_float(b.error_share, a.error_share)),
        Column::new("INFL", Fit::Right(5), |row: &RouteRow, _| {
            look::known(row.inflight, number::count)
        })
        .from(80),
        Column::new("INST", Fit::Right(4), |row: &RouteRow, _| {
            look::count(row.instances)
        })
        .from(80),
        Column::new("TREND", Fit::Left(14), |row: &RouteRow, theme| {
            Span::new(chart::spark(&row.trend_requests_per_s, 14, theme), Role::First)
        })
        .from(100),
        Column::new("ERRORS/s", Fit::Rest(10), errors).from(80),
    ]
}

/// Draws the screen.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    let (table, below) = panel::split(area, Screen::Proxy);
    let columns = columns();
    let selected = super::table(
        painter,
        table,
        app,
        (&report.routes, &columns),
        (report, Source::Services),
    );
    if let Some(row) = selected
        && below.height > 2
    {
        painter.heading(below, 0, &row.key());
        let left = below.width.min(44);
        phases(painter, rows(part(below, 0, left), 1, below.height), row);
        heat(
            painter,
            rows(part(below, left + 2, below.width), 1, below.height),
            row,
        );
    }
}

/// Where the time goes: of each part a bar as long as its share.
fn phases(painter: &mut Painter<'_>, area: Rect, row: &RouteRow) {
    if row.phases.is_empty() {
        painter.line(
            area,
            0,
            &[muted("where the time goes is not told by this service")],
        );
        return;
    }
    painter.line(
        area,
        0,
        &[muted(format!("{:<9}{:>8}{:>8}", "WHERE", "p50", "p99"))],
    );
    let whole: f64 = row.phases.iter().filter_map(|phase| phase.p50_ms).sum();
    let theme = painter.theme;
    let number = |value: Option<f64>| value.map_or_else(|| number::UNKNOWN.to_owned(), number::latency_ms);
    for (y, phase) in (1..area.height).zip(&row.phases) {
        let share = phase
            .p50_ms
            .filter(|_| whole > 0.0)
            .map_or(0.0, |part| part / whole);
        painter.line(
            area,
            y,
            &[
                plain(format!("{:<9}", phase.phase)),
                plain(format!("{:>8}{:>8} ", number(phase.p50_ms), number(phase.p99_ms))),
                Span::new(chart::gauge(share, 16, theme), Role::First),
            ],
        );
    }
}

/// How long requests took over time: a column is a poll, a row a class of duration, the slowest above.
fn heat(painter: &mut Painter<'_>, area: Rect, row: &RouteRow) {
    let classes = classes(row);
    let theme = painter.theme;
    let shades = ["·", "░", "▒", "▓", "█"].map(|shade| theme.sign(shade, "+"));
    let most = row
        .heat
        .iter()
        .flatten()
        .map(|(_, count)| *count)
        .max()
        .unwrap_or(0);
    if most == 0 || area.width < 20 {
        return;
    }
    let height = usize::from(area.height);
    let band = classes.len().div_ceil(height.max(1)).max(1);
    for (line, bounds) in classes.chunks(band).rev().take(height).enumerate() {
        let y = u16::try_from(line).unwrap_or(u16::MAX);
        painter.line(
            area,
            y,
            &[muted(format!("{:>8} ", number::latency_ms(bounds[0])))],
        );
        let room = usize::from(area.width.saturating_sub(9));
        let from = row.heat.len().saturating_sub(room);
        for (x, poll) in (9..).zip(&row.heat[from..]) {
            let count: u64 = poll
                .iter()
                .filter(|(bound, _)| bounds.contains(bound))
                .map(|(_, count)| count)
                .sum();
            if count > 0 {
                let level = usize::try_from(u128::from(count) * 4 / u128::from(most))
                    .unwrap_or(4)
                    .min(4);
                let style = painter
                    .theme
                    .style(if level >= 3 { Role::Warning } else { Role::First });
                painter.styled(area, x, y, shades[level], style);
            }
        }
    }
}

/// The lower bounds of all classes there are, ascending.
fn classes(row: &RouteRow) -> Vec<f64> {
    let mut classes: Vec<f64> = row.heat.iter().flatten().map(|(bound, _)| *bound).collect();
    classes.sort_by(f64::total_cmp);
    classes.dedup();
    classes
}

fn side(side: RouteSide) -> &'static str {
    match side {
        RouteSide::Proxy => "proxy",
        RouteSide::Worker => "worker",
    }
}

fn errors(row: &RouteRow, _: Theme) -> Span {
    let words: Vec<String> = row
        .errors_per_s
        .iter()
        .filter(|(_, rate)| **rate > 0.0)
        .map(|(kind, rate)| format!("{kind} {}", number::rate(*rate)))
        .collect();
    if words.is_empty() {
        muted("")
    } else {
        Span::new(words.join("  "), Role::Warning)
    }
}
