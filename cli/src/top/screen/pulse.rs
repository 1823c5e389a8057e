//! How everything is, and what is wrong.

use ratatui::layout::Rect;
use snapshot::{
    judge::Severity,
    report::{Problem, ProblemKind, Report, SourceRow},
    sample::{Source, SourceState},
};

use super::{Opened, chrome, consumers, events, panel};
use crate::top::{
    app::App,
    chart,
    keys::Screen,
    look, number,
    paint::{Painter, Span, columns as part, muted, plain, rows},
    table::{self, Column, Fit, Row},
    theme::{Role, Theme},
};

/// Rows of the rates, with their titles.
const RATES: u16 = 5;

impl Row for Problem {
    fn key(&self) -> String {
        format!("{:?} {}", self.kind, self.object)
    }

    fn severity(&self) -> Severity {
        self.severity
    }

    fn words(&self) -> String {
        format!("{} {} {}", self.object, self.state, self.reason)
    }

    fn is_stale(&self) -> bool {
        false
    }
}

/// The columns of the problems.
pub(super) fn columns() -> Vec<Column<Problem>> {
    vec![
        Column::new("PROBLEM", Fit::Content(7), |row: &Problem, theme: Theme| {
            look::state(row.severity, &row.state, theme)
        }),
        Column::new("OF", Fit::Content(10), |row: &Problem, _| {
            plain(row.object.clone())
        }),
        Column::new("FOR", Fit::Right(6), |row: &Problem, _| look::span(row.since_ms)).from(60),
        Column::new("WHY", Fit::Rest(10), |row: &Problem, _| plain(row.reason.clone())).from(50),
    ]
}

/// Where the parts of the page are.
struct Parts {
    sources: Rect,
    rates: Rect,
    states: Rect,
    problems: Rect,
    panel: Rect,
    events: Rect,
}

fn parts(area: Rect, report: &Report) -> Parts {
    let wide = area.width >= 120;
    let each = if wide { 1 } else { 2 };
    let shown = shown_sources(report).count().div_ceil(each);
    let sources = u16::try_from(shown).unwrap_or(u16::MAX).clamp(1, 9) + 1;
    let (top, sources, rates) = if wide {
        let top = sources.max(RATES + 1);
        let half = area.width * 2 / 5;
        (
            top,
            rows(part(area, 0, half), 0, top),
            rows(part(area, half + 2, area.width), 0, top),
        )
    } else {
        let rates = if area.height >= 18 { RATES } else { 0 };
        (
            sources + rates,
            rows(area, 0, sources),
            rows(area, sources, rates),
        )
    };
    let left = area.height.saturating_sub(top);
    let states = left.min(2);
    let left = left - states;
    let events = match left {
        0..12 => 0,
        12..24 => 4,
        _ => left / 3,
    };
    let below = if left >= 9 { 5 } else { 0 };
    let problems = left - events - below;
    Parts {
        sources,
        rates,
        states: rows(area, top, states),
        problems: rows(area, top + states, problems),
        panel: rows(area, top + states + problems, below),
        events: rows(area, top + states + problems + below, events),
    }
}

/// Where the table of problems is.
pub(super) fn table_area(area: Rect, report: &Report) -> Rect {
    parts(area, report).problems
}

/// Draws the screen.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    let parts = parts(area, report);
    sources(painter, parts.sources, report);
    rates(painter, parts.rates, app, report);
    states(painter, parts.states, report);
    problems(painter, &parts, app, report);
    if parts.events.height > 1 {
        painter.heading(parts.events, 0, "Events");
        events::ticker(painter, rows(parts.events, 1, parts.events.height), report);
    }
}

/// What the problem is about.
pub(super) fn opened(report: &Report, key: &str) -> Option<Opened> {
    let problem = report.problems.iter().find(|problem| problem.key() == key)?;
    let object = problem.object.clone();
    Some(match problem.kind {
        ProblemKind::Consumer => return consumers::opened(report, &object),
        ProblemKind::Source => Opened::Filtered(Screen::Events, String::new()),
        ProblemKind::Stream => Opened::Filtered(Screen::Streams, object),
        ProblemKind::Ephemerals => Opened::Filtered(Screen::Consumers, object),
        ProblemKind::Route => Opened::Filtered(Screen::Proxy, object),
        ProblemKind::Worker => Opened::Filtered(Screen::Workers, object),
        ProblemKind::Pod => Opened::Filtered(Screen::Pods, object),
    })
}

fn shown_sources(report: &Report) -> impl Iterator<Item = &SourceRow> {
    report.sources.iter()
}

fn sources(painter: &mut Painter<'_>, area: Rect, report: &Report) {
    painter.heading(area, 0, "Sources");
    let below = rows(area, 1, area.height);
    let each: u16 = if area.width >= 76 { 2 } else { 1 };
    let width = area.width / each;
    for (at, row) in (0_u16..).zip(shown_sources(report)) {
        let place = part(below, at % each * width, width.saturating_sub(1));
        painter.line(place, at / each, &source(row, report, painter.theme));
    }
    if report.sources.is_empty() {
        painter.line(below, 0, &[muted("connecting")]);
    }
}

fn source(row: &SourceRow, report: &Report, theme: Theme) -> Vec<Span> {
    let (sign, role, word) = look::source(row.state, theme);
    let mut spans = vec![
        Span::new(sign, role),
        plain(format!(" {} ", chrome::name(row.source))),
    ];
    if row.state != SourceState::Up {
        spans.push(Span::new(word, role));
        spans.extend(row.reason.iter().map(|reason| muted(format!(": {reason}"))));
        return spans;
    }
    spans.extend(
        row.round_trip_ms
            .map(|time| plain(format!("{} ", number::latency_ms(time)))),
    );
    spans.extend(row.version.iter().map(|version| plain(format!("{version} "))));
    if row.source == Source::Jetstream {
        for account in &report.accounts {
            let errors = account.api_errors_new.filter(|errors| *errors > 0);
            spans.extend(errors.map(|errors| Span::new(format!("{errors} API errors "), Role::Warning)));
            let busy = account.api_inflight.filter(|busy| *busy > 0);
            spans.extend(busy.map(|busy| plain(format!("{busy} in flight "))));
        }
    }
    spans.extend(row.endpoint.iter().map(|endpoint| muted(endpoint.clone())));
    spans
}

fn rates(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    if area.height < 2 {
        return;
    }
    let summary = &report.summary;
    let from = summary.trend_per_s.len().saturating_sub(app.samples);
    let trend = &summary.trend_per_s[from..];
    let lines: [Vec<Option<f64>>; 3] =
        std::array::from_fn(|at| trend.iter().map(|rates| rates[at]).collect());
    let top = lines
        .iter()
        .map(|line| chart::highest(line, 1.0))
        .fold(1.0, f64::max);
    let width = area.width / 3;
    for (at, (title, now, role)) in (0_u16..).zip([
        ("published", summary.publish_per_s, Role::First),
        ("delivered", summary.deliver_per_s, Role::Second),
        ("acknowledged", summary.ack_per_s, Role::Third),
    ]) {
        let place = part(area, at * width, width.saturating_sub(1));
        let now = now.map_or_else(|| number::UNKNOWN.to_owned(), number::rate);
        painter.line(
            place,
            0,
            &[Span::new(title, Role::Title), plain(format!(" {now}/s"))],
        );
        let below = rows(place, 1, place.height);
        chart::area(painter, below, &lines[usize::from(at)], top, role);
    }
}

fn states(painter: &mut Painter<'_>, area: Rect, report: &Report) {
    let theme = painter.theme;
    let consumers = report
        .consumers
        .iter()
        .map(|row| (row.severity, row.state.name()));
    let streams = report.streams.iter().map(|row| (row.severity, row.state.name()));
    painter.line(area, 0, &count_states("Consumers", consumers, theme));
    painter.line(area, 1, &count_states("Streams", streams, theme));
}

/// How many are in which state, the worst first.
fn count_states<'a>(
    title: &str,
    states: impl Iterator<Item = (Severity, &'a str)>,
    theme: Theme,
) -> Vec<Span> {
    let mut counts = std::collections::BTreeMap::<(std::cmp::Reverse<Severity>, &str), u64>::new();
    let mut all = 0_u64;
    for (severity, state) in states {
        *counts.entry((std::cmp::Reverse(severity), state)).or_default() += 1;
        all += 1;
    }
    let mut spans = vec![Span::new(format!("{title} {all} "), Role::Title)];
    for ((severity, state), count) in counts {
        let mut span = look::state(severity.0, state, theme);
        span.text = format!(" {} {count}", span.text);
        spans.push(span);
    }
    spans
}

fn problems(painter: &mut Painter<'_>, parts: &Parts, app: &App, report: &Report) {
    let columns = columns();
    let shown = app.view().rows(&report.problems, &columns);
    if shown.is_empty() {
        if parts.problems.height > 0 {
            painter.heading(parts.problems, 0, "Problems");
            let words = if report.sources.is_empty() {
                "nothing is known yet"
            } else {
                "none"
            };
            painter.line(parts.problems, 1, &[muted(words)]);
        }
        return;
    }
    table::draw(painter, parts.problems, &columns, &shown, app.view(), false);
    if let Some(problem) = shown.get(app.view().place(&shown)) {
        let told = panel::Told {
            title: problem.object.clone(),
            severity: problem.severity,
            state: problem.state.clone(),
            since_ms: problem.since_ms,
            reason: problem.reason.clone(),
            command: problem.command.clone(),
            object: problem.object.clone(),
        };
        panel::draw(painter, parts.panel, &told, report);
    }
}
