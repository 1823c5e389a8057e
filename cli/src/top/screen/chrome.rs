//! What is around a page: the header with the screens, the footer with keys and cost, the menu, and what is shown when nothing can be.

use ratatui::layout::Rect;
use snapshot::{
    judge::Severity,
    report::Report,
    sample::{Source, SourceState},
};

use crate::top::{
    app::{App, Item, Stage},
    keys::{Screen, TABLE},
    look, number,
    paint::{Painter, Span, muted, plain},
    text,
    theme::{Role, Theme},
};

/// Columns that the titles of all screens take.
const TABS: usize = 74;

/// The screens at the left, how things are at the right.
pub(super) fn header(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    let theme = painter.theme;
    let status = status(app, report, theme);
    let told: usize = status.iter().map(Span::width).sum();
    let wide = TABS + told < usize::from(area.width);
    let mut spans = Vec::new();
    for (at, screen) in Screen::ALL.into_iter().enumerate() {
        let active = screen == app.screen;
        let title = if wide || active {
            format!(" {} {} ", at + 1, screen.title())
        } else {
            format!(" {} ", at + 1)
        };
        spans.push(Span::new(title, if active { Role::Active } else { Role::Muted }));
    }
    let used = painter.line(area, 0, &spans);
    let room = crate::top::paint::columns(area, used + 1, area.width);
    painter.line_right(room, 0, &status);
}

fn status(app: &App, report: &Report, theme: Theme) -> Vec<Span> {
    if let Some(frozen) = app.frozen {
        let sign = theme.sign("‖", "=");
        let words = format!(
            " {sign} PAUSED {}, {} polls missed ",
            number::span_ms(frozen.age_ms),
            frozen.missed
        );
        return vec![Span::new(words, Role::Active)];
    }
    if let Some(lost) = report
        .sources
        .iter()
        .find(|row| row.source == Source::Jetstream && row.state != SourceState::Up)
    {
        let (sign, role, word) = look::source(lost.state, theme);
        let age = youngest(report).map_or_else(String::new, |age| {
            format!(
                ", values {} old",
                number::span_ms(u64::try_from(age).unwrap_or(0))
            )
        });
        return vec![Span::new(format!("{sign} NATS {word}{age}"), role)];
    }
    counts(report, theme)
}

/// The age of the newest values of streams and consumers.
fn youngest(report: &Report) -> Option<i64> {
    let streams = report.streams.iter().filter_map(|row| row.age_ms);
    streams
        .chain(report.consumers.iter().filter_map(|row| row.age_ms))
        .min()
}

/// How many problems there are, by how bad they are.
fn counts(report: &Report, theme: Theme) -> Vec<Span> {
    let summary = &report.summary;
    let mut spans = Vec::new();
    for (count, severity, word) in [
        (summary.crit, Severity::Crit, "crit"),
        (summary.warn, Severity::Warn, "warn"),
        (summary.unknown, Severity::Unknown, "unknown"),
    ] {
        if count > 0 {
            let words = format!("{} {count} {word}  ", look::sign(severity, theme));
            spans.push(Span::new(words, look::role(severity)));
        }
    }
    if spans.is_empty() {
        let words = format!("{} all well ", look::sign(Severity::Ok, theme));
        spans.push(Span::new(words, Role::Good));
    }
    spans
}

/// Keys at the left, what observing costs at the right; while a filter is typed or shown, that.
pub(super) fn footer(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    let theme = painter.theme;
    let cost = cost(report);
    let left = if let Some(notice) = &app.notice {
        vec![Span::new(notice.clone(), Role::Accent)]
    } else if app.typing {
        let cursor = theme.sign("▏", "_");
        vec![
            Span::new("/", Role::Accent),
            plain(app.view().filter.clone()),
            Span::new(cursor, Role::Accent),
        ]
    } else {
        hints(app)
    };
    let wide: usize = cost.iter().map(Span::width).sum();
    let used: usize = left.iter().map(Span::width).sum();
    painter.line(area, 0, &left);
    if used + wide + 2 <= usize::from(area.width) {
        painter.line_right(area, 0, &cost);
    }
}

fn hints(app: &App) -> Vec<Span> {
    let mut spans = Vec::new();
    let view = app.view();
    if !view.filter.is_empty() && app.opened.is_none() {
        spans.push(Span::new(format!("/{} ", view.filter), Role::Accent));
    }
    if view.faults {
        spans.push(Span::new("faults only ", Role::Accent));
    }
    if app.opened.is_some() || app.help || app.log.is_some() {
        spans.extend([Span::new("esc", Role::Title), muted(" back ")]);
    }
    for binding in TABLE.iter().filter(|binding| !binding.brief.is_empty()) {
        spans.extend([
            Span::new(binding.name, Role::Title),
            muted(format!(" {} ", binding.brief)),
        ]);
    }
    spans
}

fn cost(report: &Report) -> Vec<Span> {
    let summary = &report.summary;
    let Some(requests) = summary.observer_requests_per_s else {
        return Vec::new();
    };
    let mut words = vec![format!("costs {} req/s", number::rate(requests))];
    if let Some(bytes) = summary.observer_bytes_per_s {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate, which saturates"
        )]
        let bytes = bytes.max(0.0) as u64;
        words.push(format!("{}/s", number::bytes(bytes)));
    }
    let times = report.sources.iter().filter_map(|row| row.p99_ms);
    words.extend(
        times
            .reduce(f64::max)
            .map(|p99| format!("p99 {}", number::latency_ms(p99))),
    );
    vec![muted(words.join(" "))]
}

/// One line, for a terminal that has no room for more.
pub(super) fn tiny(painter: &mut Painter<'_>, area: Rect, report: &Report) {
    let theme = painter.theme;
    let mut spans = counts(report, theme);
    if let Some(problem) = report.problems.first() {
        spans.push(plain(format!("{} {}", problem.object, problem.state)));
    }
    painter.line(area, 0, &spans);
}

/// Why a table is empty.
pub(super) fn nothing(
    painter: &mut Painter<'_>,
    area: Rect,
    app: &App,
    all: usize,
    (report, source): (&Report, Source),
) {
    let row = report.sources.iter().find(|row| row.source == source);
    let mut lines = Vec::new();
    if all > 0 {
        let what = if app.view().faults && app.view().filter.is_empty() {
            "Nothing is wrong here"
        } else {
            "No row fits the filter"
        };
        lines.push(Span::new(
            format!("{what}: {all} not shown (esc shows them)."),
            Role::Text,
        ));
    } else if let Some(row) = row.filter(|row| row.state != SourceState::Up) {
        let (sign, role, word) = look::source(row.state, painter.theme);
        lines.push(Span::new(format!("{sign} {} {word}", name(source)), role));
        lines.extend(row.reason.iter().map(|reason| muted(reason.clone())));
    } else if row.is_some() {
        lines.push(muted(format!(
            "There is nothing here: {} tells of none.",
            name(source)
        )));
    } else {
        lines.push(muted(format!("{} is not looked at.", name(source))));
    }
    let y = area.height / 3;
    for (line, span) in (y..).zip(&lines) {
        let wide = u16::try_from(span.width()).unwrap_or(u16::MAX).min(area.width);
        let place = crate::top::paint::columns(area, (area.width - wide) / 2, wide);
        painter.line(place, line, std::slice::from_ref(span));
    }
}

/// What a source is called.
pub(super) fn name(source: Source) -> &'static str {
    match source {
        Source::Jetstream => "JetStream",
        Source::Messages => "messages",
        Source::Advisories => "advisories",
        Source::Services => "services",
        Source::Proxy => "proxy",
        Source::Server => "server",
        Source::Pods => "pods",
        Source::PodMetrics => "pod metrics",
        Source::KubernetesEvents => "k8s events",
    }
}

/// What can be done, or the question whether it is meant.
pub(super) fn menu(painter: &mut Painter<'_>, area: Rect, app: &App) {
    let Some(menu) = &app.menu else {
        return;
    };
    let words = || menu.items.get(menu.at).map(Item::words).unwrap_or_default();
    let (title, lines) = match &menu.stage {
        Stage::Choosing => {
            let words = menu.items.iter().map(choice);
            ("Actions (enter)", words.collect())
        }
        Stage::Looking => ("One moment", wrapped(&[words(), "is being looked up".to_owned()])),
        Stage::Asking(told) => {
            let mut lines = wrapped(&[format!("{}?", words())]);
            lines.extend(wrapped(told));
            lines.extend([String::new(), "y does it, any other key does not".to_owned()]);
            ("Is this meant?", lines)
        }
    };
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = painter.window(area, MENU, height, title);
    for (at, line) in lines.iter().enumerate() {
        let y = u16::try_from(at).unwrap_or(u16::MAX);
        painter.text(inside, y, line, Role::Text);
        if menu.stage == Stage::Choosing && at == menu.at {
            let style = painter.theme.selected();
            painter.wash(crate::top::paint::rows(inside, y, 1), style);
        }
    }
}

/// Columns of the window of actions.
const MENU: u16 = 76;

fn choice(item: &Item) -> String {
    match item {
        Item::Scale {
            component, from, to, ..
        } => format!("Scale component {component} from {from} to {to} pods (+ and - change that)"),
        item => item.words(),
    }
}

fn wrapped(lines: &[String]) -> Vec<String> {
    let broken = |line: &String| text::wrap(&text::clean(line), usize::from(MENU) - 4);
    lines.iter().flat_map(broken).collect()
}
