//! What has happened: advisories, events of Kubernetes and changes of state on one line of time.

use ratatui::layout::Rect;
use snapshot::{
    judge::Severity,
    report::{EventKind, EventRow, Report},
    sample::Source,
};

use crate::top::{
    app::App,
    look, number,
    paint::{Painter, Span, muted, plain},
    table::{Column, Fit, Row},
    theme::{Role, Theme},
};

/// A row, with its place: equal things may happen more than once.
pub(super) struct Line<'a>(&'a EventRow);

impl Row for Line<'_> {
    fn key(&self) -> String {
        format!("{} {} {}", self.0.at_ms, self.0.object, self.0.text)
    }

    fn severity(&self) -> Severity {
        self.0.severity
    }

    fn words(&self) -> String {
        format!("{} {} {}", kind_word(self.0.kind), self.0.object, self.0.text)
    }

    fn is_stale(&self) -> bool {
        false
    }
}

/// The rows, the newest first.
pub(super) fn lines(report: &Report) -> Vec<Line<'_>> {
    report.events.iter().map(Line).collect()
}

/// The table's columns.
pub(super) fn columns<'a>() -> Vec<Column<Line<'a>>> {
    vec![
        Column::new("UTC", Fit::Left(8), time as fn(&Line<'a>, Theme) -> Span),
        Column::new("", Fit::Left(1), sign).by(|a, b| b.severity().cmp(&a.severity())),
        Column::new("FROM", Fit::Left(8), |line: &Line<'a>, _| {
            muted(kind_word(line.0.kind))
        })
        .from(80),
        Column::new("ABOUT", Fit::Content(10), |line: &Line<'a>, _| {
            plain(line.0.object.clone())
        })
        .from(50)
        .by(|a, b| a.0.object.cmp(&b.0.object)),
        Column::new("xN", Fit::Right(5), count)
            .from(60)
            .by(|a, b| b.0.count.cmp(&a.0.count)),
        Column::new("WHAT", Fit::Rest(10), what),
    ]
}

/// Draws the screen.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    super::table(
        painter,
        area,
        app,
        (&lines(report), &columns()),
        (report, Source::Advisories),
    );
}

/// The newest events, for the front page.
pub(super) fn ticker(painter: &mut Painter<'_>, area: Rect, report: &Report) {
    for (y, event) in (0..area.height).zip(&report.events) {
        let line = Line(event);
        let theme = painter.theme;
        let times = if event.count > 1 {
            format!(" x{}", event.count)
        } else {
            String::new()
        };
        painter.line(
            area,
            y,
            &[
                time(&line, theme),
                plain(" "),
                sign(&line, theme),
                plain(format!(" {}{times} ", event.object)),
                what(&line, theme),
            ],
        );
    }
}

fn time(line: &Line<'_>, _: Theme) -> Span {
    muted(number::time_of_day(line.0.at_ms))
}

fn sign(line: &Line<'_>, theme: Theme) -> Span {
    Span::new(look::sign(line.0.severity, theme), look::role(line.0.severity))
}

fn count(line: &Line<'_>, _: Theme) -> Span {
    if line.0.count > 1 {
        Span::new(format!("x{}", number::count(line.0.count)), Role::Accent)
    } else {
        muted("")
    }
}

fn what(line: &Line<'_>, _: Theme) -> Span {
    if line.0.severity <= Severity::Info {
        muted(line.0.text.clone())
    } else {
        plain(line.0.text.clone())
    }
}

fn kind_word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Advisory => "nats",
        EventKind::Kubernetes => "k8s",
        EventKind::State => "state",
        EventKind::Source => "source",
    }
}
