//! A pod's log: the newest lines at the bottom, each broken to the width of the screen.

use ratatui::layout::Rect;

use crate::top::{
    app::LogPage,
    paint::{Painter, Span, muted, rows},
    text,
    theme::Role,
};

/// Draws the page.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, page: &LogPage) {
    painter.heading(area, 0, &page.of.to_string());
    let state = match (page.below, page.ended) {
        (0, false) => " following ".to_owned(),
        (0, true) => " ended ".to_owned(),
        (below, _) => format!(" {below} lines below "),
    };
    painter.line_right(rows(area, 0, 1), 0, &[muted(state)]);
    let body = rows(area, 1, area.height.saturating_sub(1));
    if page.lines.is_empty() {
        let words = if page.ended {
            "Nothing has been logged."
        } else {
            "Nothing yet..."
        };
        painter.line(body, 0, &[muted(words)]);
        return;
    }
    let height = usize::from(body.height);
    let mut shown: Vec<String> = Vec::new();
    for line in page.lines.iter().rev().skip(page.below) {
        if shown.len() >= height {
            break;
        }
        let broken = text::wrap(&text::clean(line), usize::from(body.width));
        shown.extend(broken.into_iter().rev());
    }
    shown.truncate(height);
    for (y, line) in (0..body.height).zip(shown.iter().rev()) {
        painter.line(body, y, &[Span::new(line.clone(), Role::Text)]);
    }
}
