//! A report as plain tables, with the columns of the screens.

use snapshot::{
    judge::Severity,
    report::{EventRow, Report},
};

use crate::{
    top::{
        look, number, screen, table,
        theme::{Depth, Theme},
    },
    ui::Paint,
};

/// Events that are shown.
const EVENTS: usize = 10;

/// Everything that there is, one table below the other. What is empty is left out.
pub(super) fn text(report: &Report, paint: Paint) -> String {
    let theme = Theme::new(Depth::None, true, false);
    let mut text = sources(report, theme);
    for (title, table) in screen::plain_tables(report, theme) {
        if !table.is_empty() {
            text += &titled(title, &table, paint);
        }
    }
    let events: String = report
        .events
        .iter()
        .take(EVENTS)
        .map(|event| event_line(event, theme))
        .collect();
    if !events.is_empty() {
        text += &titled("EVENTS", &events, paint);
    }
    text + "\n" + &closing(report, theme)
}

fn titled(title: &str, lines: &str, paint: Paint) -> String {
    format!("\n{}\n{lines}", paint.strong(title))
}

fn sources(report: &Report, theme: Theme) -> String {
    let rows: Vec<Vec<String>> = report
        .sources
        .iter()
        .map(|row| {
            let (sign, _, word) = look::source(row.state, theme);
            let told = [row.reason.clone(), row.version.clone(), row.endpoint.clone()];
            let told: Vec<String> = told.into_iter().flatten().collect();
            vec![
                format!("{sign} {}", screen::source_name(row.source)),
                word.to_owned(),
                told.join("  "),
            ]
        })
        .collect();
    table::aligned(&rows)
}

fn event_line(event: &EventRow, theme: Theme) -> String {
    let times = if event.count > 1 {
        format!(" x{}", event.count)
    } else {
        String::new()
    };
    let line = format!(
        "{} {} {}{times} {}",
        number::time_of_day(event.at_ms),
        look::sign(event.severity, theme),
        event.object,
        event.text
    );
    format!("{}\n", crate::top::text::clean(&line).trim_end())
}

fn closing(report: &Report, theme: Theme) -> String {
    let summary = &report.summary;
    let counts: Vec<String> = [
        (summary.crit, Severity::Crit, "critical"),
        (summary.warn, Severity::Warn, "to be looked at"),
        (summary.unknown, Severity::Unknown, "unknown"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, severity, word)| format!("{} {count} {word}", look::sign(severity, theme)))
    .collect();
    if counts.is_empty() {
        format!("{} Nothing is wrong.\n", look::sign(Severity::Ok, theme))
    } else {
        format!("{}\n", counts.join("  "))
    }
}
