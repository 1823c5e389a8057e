//! Pods: readiness, restarts, use.

use ratatui::layout::Rect;
use snapshot::{
    judge::Severity,
    report::{PodRow, Report},
    sample::Source,
};

use super::{panel, streams::by_float};
use crate::top::{
    app::App,
    keys::Screen,
    look, number,
    paint::{Painter, Span, muted, plain},
    table::{Column, Fit, Row},
    theme::{Role, Theme},
};

impl Row for PodRow {
    fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.pod)
    }

    fn severity(&self) -> Severity {
        self.severity
    }

    fn words(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or_default();
        let node = self.node.as_deref().unwrap_or_default();
        format!("{} {} {reason} {node}", self.key(), self.status)
    }

    fn is_stale(&self) -> bool {
        false
    }
}

/// The table's columns.
pub(super) fn columns() -> Vec<Column<PodRow>> {
    vec![
        Column::new("NAMESPACE", Fit::Content(9), |row: &PodRow, _| {
            muted(row.namespace.clone())
        })
        .from(80)
        .by(|a, b| a.key().cmp(&b.key())),
        Column::new("NAME", Fit::Content(12), |row: &PodRow, _| plain(row.pod.clone()))
            .by(|a, b| a.pod.cmp(&b.pod)),
        Column::new("PF", Fit::Left(2), |row: &PodRow, theme| {
            if row.port_forward {
                Span::new(theme.sign("⇄", "F"), Role::Accent)
            } else {
                muted("")
            }
        })
        .from(100),
        Column::new("READY", Fit::Right(5), ready),
        Column::new("STATUS", Fit::Content(9), status).by(|a, b| b.severity.cmp(&a.severity)),
        Column::new("RST", Fit::Right(4), restarts)
            .from(50)
            .by(|a, b| b.restarts.cmp(&a.restarts)),
        Column::new("LAST", Fit::Right(6), |row: &PodRow, _| {
            look::span(row.last_restart_ms)
        })
        .from(80),
        Column::new("CPU", Fit::Right(6), |row: &PodRow, _| {
            look::known(row.cpu_millicores, |cpu| format!("{cpu}m"))
        })
        .from(60)
        .by(|a, b| b.cpu_millicores.cmp(&a.cpu_millicores)),
        Column::new("%CPU/R", Fit::Right(6), |row: &PodRow, _| {
            look::share(row.cpu_request_share, 1.5, 10.0)
        })
        .from(120),
        Column::new("%CPU/L", Fit::Right(6), |row: &PodRow, _| {
            look::share(row.cpu_limit_share, 0.8, 0.95)
        })
        .from(100)
        .by(|a, b| by_float(b.cpu_limit_share, a.cpu_limit_share)),
        Column::new("MEM", Fit::Right(5), |row: &PodRow, _| {
            look::known(row.memory_bytes, number::bytes)
        })
        .from(60)
        .by(|a, b| b.memory_bytes.cmp(&a.memory_bytes)),
        Column::new("%MEM/R", Fit::Right(6), |row: &PodRow, _| {
            look::share(row.memory_request_share, 1.5, 10.0)
        })
        .from(120),
        Column::new("%MEM/L", Fit::Right(6), |row: &PodRow, _| {
            look::share(row.memory_limit_share, 0.8, 0.95)
        })
        .from(100)
        .by(|a, b| by_float(b.memory_limit_share, a.memory_limit_share)),
        Column::new("IP", Fit::Content(8), |row: &PodRow, _| {
            look::known(row.ip.clone(), |ip| ip)
        })
        .from(160),
        Column::new("NODE", Fit::Content(6), |row: &PodRow, _| {
            look::known(row.node.clone(), |node| node)
        })
        .from(120),
        Column::new("SERVICE", Fit::Content(7), |row: &PodRow, _| {
            look::known(row.worker.clone(), |worker| worker)
        })
        .from(140),
        Column::new("AGE", Fit::Right(6), |row: &PodRow, _| look::span(row.age_ms))
            .from(50)
            .by(|a, b| a.age_ms.cmp(&b.age_ms)),
    ]
}

/// Draws the screen.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    let (table, below) = panel::split(area, Screen::Pods);
    let columns = columns();
    let selected = super::table(
        painter,
        table,
        app,
        (&report.pods, &columns),
        (report, Source::Pods),
    );
    if let Some(row) = selected {
        panel::draw(painter, below, &told(row), report);
    }
}

fn told(row: &PodRow) -> panel::Told {
    let mut words: Vec<String> = row.reason.iter().cloned().collect();
    if let Some(reason) = &row.last_reason {
        let code = row
            .last_exit_code
            .map_or_else(String::new, |code| format!(" (exit code {code})"));
        words.push(format!("a container last ended with {reason}{code}"));
    }
    if let Some(owner) = &row.owner {
        words.push(format!("of {} {}", owner.kind, owner.name));
    }
    if let Some(component) = &row.component {
        words.push(format!("component {component}"));
    }
    panel::Told {
        title: row.key(),
        severity: row.severity,
        state: row.status.clone(),
        since_ms: None,
        reason: words.join("; "),
        command: row.command.clone(),
        object: row.key(),
    }
}

fn ready(row: &PodRow, _: Theme) -> Span {
    let words = format!("{}/{}", row.containers_ready, row.containers);
    let role = if row.containers_ready < row.containers && row.severity > Severity::Info {
        Role::Warning
    } else {
        Role::Text
    };
    Span::new(words, role)
}

fn status(row: &PodRow, theme: Theme) -> Span {
    look::state(row.severity, &row.status, theme)
}

fn restarts(row: &PodRow, theme: Theme) -> Span {
    if row.restarts_10_min > 0 {
        let sign = theme.sign("↑", "+");
        return Span::new(
            format!("{}{sign}{}", row.restarts, row.restarts_10_min),
            Role::Warning,
        );
    }
    look::count(row.restarts)
}
