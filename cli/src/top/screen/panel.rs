//! The lines below a table: what is said of the selected row.

use ratatui::layout::Rect;
use snapshot::{judge::Severity, report::Report};

use crate::top::{
    keys::Screen,
    look, number,
    paint::{Painter, Span, muted, plain, rows},
    text,
    theme::Role,
};

/// What is said.
pub(super) struct Told {
    /// What it is about.
    pub(super) title: String,
    /// How bad it is.
    pub(super) severity: Severity,
    /// What it is in.
    pub(super) state: String,
    /// For how long.
    pub(super) since_ms: Option<i64>,
    /// Why.
    pub(super) reason: String,
    /// What to type.
    pub(super) command: Option<String>,
    /// Its name among the causes.
    pub(super) object: String,
}

/// Room for the table, and for the panel; low screens have none.
pub(super) fn split(area: Rect, screen: Screen) -> (Rect, Rect) {
    let wanted = match screen {
        Screen::Proxy if area.height >= 30 => area.height / 3,
        Screen::Events => 0,
        _ => 5,
    };
    let height = if area.height >= 12 { wanted } else { 0 };
    let above = area.height - height;
    (rows(area, 0, above), rows(area, above, height))
}

/// Draws it.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, told: &Told, report: &Report) {
    if area.height == 0 {
        return;
    }
    painter.heading(area, 0, &told.title);
    let theme = painter.theme;
    let mut first = vec![look::state(told.severity, &told.state, theme)];
    if let Some(since) = told.since_ms.and_then(|since| u64::try_from(since).ok()) {
        first.push(muted(format!(" for {}", number::span_ms(since))));
    }
    first.push(plain("  "));
    let used = painter.line(area, 1, &first);
    let room = usize::from(area.width.saturating_sub(used));
    let mut y = 2;
    let words = text::wrap(&text::clean(&told.reason), room);
    if let Some(line) = words.first() {
        let place = crate::top::paint::columns(area, used, area.width);
        painter.text(place, 1, line, Role::Text);
    }
    if words.len() > 1 && area.height > 4 {
        let rest = words[1..].join(" ");
        painter.text(area, y, &format!("  {rest}"), Role::Text);
        y += 1;
    }
    if let Some(command) = &told.command {
        painter.line(
            area,
            y,
            &[muted("try  "), Span::new(command.clone(), Role::Accent)],
        );
        y += 1;
    }
    if let Some(cause) = report.causes.iter().find(|cause| cause.object == told.object) {
        painter.line(area, y, &look::chain(cause, theme));
    }
}
