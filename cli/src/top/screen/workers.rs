//! Services and their instances.

use ratatui::layout::Rect;
use snapshot::{
    ConsumerKey,
    judge::Severity,
    report::{Report, WorkerRow, WorkerState},
    sample::Source,
};

use super::{Opened, panel, streams::by_float};
use crate::top::{
    app::App,
    keys::Screen,
    look, number,
    paint::{Painter, Span, muted, plain},
    table::{Column, Fit, Row},
    theme::{Role, Theme},
};

impl Row for WorkerRow {
    fn key(&self) -> String {
        format!("{}/{}", self.service, self.id)
    }

    fn severity(&self) -> Severity {
        self.severity
    }

    fn words(&self) -> String {
        let pod = self.pod.as_deref().unwrap_or_default();
        format!(
            "{} {} {pod} {}",
            self.key(),
            word(self.state),
            self.consumes.join(" ")
        )
    }

    fn is_stale(&self) -> bool {
        self.state == WorkerState::Gone
    }
}

/// The table's columns.
pub(super) fn columns() -> Vec<Column<WorkerRow>> {
    vec![
        Column::new("STATE", Fit::Content(4), state as fn(&WorkerRow, Theme) -> Span)
            .by(|a, b| b.severity.cmp(&a.severity)),
        Column::new("SERVICE", Fit::Content(10), |row: &WorkerRow, _| {
            plain(row.service.clone())
        })
        .by(|a, b| a.key().cmp(&b.key())),
        Column::new("VER", Fit::Left(8), |row: &WorkerRow, _| {
            muted(row.version.clone())
        })
        .from(120),
        Column::new("INST", Fit::Left(10), |row: &WorkerRow, _| muted(row.id.clone())).from(60),
        Column::new("EP", Fit::Right(3), |row: &WorkerRow, _| {
            look::count(row.endpoints)
        })
        .from(100),
        Column::new("REQ/s", Fit::Right(6), |row: &WorkerRow, _| {
            look::rate(row.requests_per_s)
        })
        .by(|a, b| by_float(b.requests_per_s, a.requests_per_s)),
        Column::new("ERR%", Fit::Right(5), |row: &WorkerRow, _| {
            look::share(row.error_share, 0.01, 0.05)
        })
        .by(|a, b| by_float(b.error_share, a.error_share)),
        Column::new("AVG", Fit::Right(7), |row: &WorkerRow, _| {
            look::known(row.average_ms, number::latency_ms)
        })
        .from(80)
        .by(|a, b| by_float(b.average_ms, a.average_ms)),
        Column::new("p50", Fit::Right(7), |row: &WorkerRow, _| {
            look::known(row.p50_ms, number::latency_ms)
        })
        .from(100),
        Column::new("p99", Fit::Right(7), |row: &WorkerRow, _| {
            look::known(row.p99_ms, number::latency_ms)
        })
        .from(80)
        .by(|a, b| by_float(b.p99_ms, a.p99_ms)),
        Column::new("BUSY%", Fit::Right(6), |row: &WorkerRow, _| {
            look::share(row.busy_share, 0.9, 2.0)
        })
        .from(60)
        .by(|a, b| by_float(b.busy_share, a.busy_share)),
        Column::new("RTT", Fit::Right(7), |row: &WorkerRow, _| {
            look::known(row.round_trip_ms, number::latency_ms)
        })
        .from(120),
        Column::new("UPTIME", Fit::Right(7), |row: &WorkerRow, _| {
            look::span(row.uptime_ms)
        })
        .from(80),
        Column::new("POD", Fit::Content(4), |row: &WorkerRow, _| {
            look::known(row.pod.clone(), |pod| pod)
        })
        .from(120),
        Column::new("LAST-ERR", Fit::Rest(8), |row: &WorkerRow, _| {
            look::known(row.last_error.clone(), |error| error)
        })
        .from(100),
    ]
}

/// Draws the screen.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    let (table, below) = panel::split(area, Screen::Workers);
    let columns = columns();
    let selected = super::table(
        painter,
        table,
        app,
        (&report.workers, &columns),
        (report, Source::Services),
    );
    if let Some(row) = selected {
        panel::draw(painter, below, &told(row), report);
    }
}

fn told(row: &WorkerRow) -> panel::Told {
    let consumes = if row.consumes.is_empty() {
        String::new()
    } else {
        format!("takes from {} (enter looks at it); ", row.consumes.join(", "))
    };
    let pod = row
        .pod
        .as_ref()
        .map_or_else(String::new, |pod| format!("in pod {pod}; "));
    let error = row
        .last_error
        .as_ref()
        .map_or_else(String::new, |error| format!("last error: {error}; "));
    let age = number::span_ms(u64::try_from(row.age_ms).unwrap_or(0));
    let answered = if row.state == WorkerState::Up {
        String::new()
    } else {
        format!("last answered {age} ago; ")
    };
    let words = format!("{answered}{error}{consumes}{pod}");
    panel::Told {
        title: row.key(),
        severity: row.severity,
        state: word(row.state).to_owned(),
        since_ms: None,
        reason: words.trim_end_matches("; ").to_owned(),
        command: None,
        object: row.key(),
    }
}

/// The consumer that it takes from.
pub(super) fn opened(report: &Report, key: &str) -> Option<Opened> {
    let row = report.workers.iter().find(|row| row.key() == key)?;
    let (stream, consumer) = row.consumes.first()?.split_once('/')?;
    Some(Opened::Consumer(ConsumerKey {
        account: None,
        stream: stream.to_owned(),
        consumer: consumer.to_owned(),
    }))
}

fn word(state: WorkerState) -> &'static str {
    match state {
        WorkerState::Up => "UP",
        WorkerState::Late => "LATE",
        WorkerState::Gone => "GONE",
    }
}

fn state(row: &WorkerRow, theme: Theme) -> Span {
    let mut span = look::state(row.severity, word(row.state), theme);
    if row.state == WorkerState::Gone && row.severity <= Severity::Info {
        span.role = Role::Muted;
    }
    span
}
