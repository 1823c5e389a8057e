//! The help: the key table, what the signs mean, and what the columns of the screen are.

use ratatui::layout::Rect;
use snapshot::judge::Severity;

use crate::top::{
    app::App,
    keys::TABLE,
    look,
    paint::{Painter, Span, muted, plain},
    theme::Role,
};

/// Draws the page.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, app: &App) {
    let lines = lines(app);
    let most = lines.len().saturating_sub(usize::from(area.height));
    for (y, line) in (0..area.height).zip(lines.iter().skip(app.scroll.min(most))) {
        painter.line(area, y, line);
    }
}

fn lines(app: &App) -> Vec<Vec<Span>> {
    let mut lines = vec![vec![Span::new("Keys", Role::Title)]];
    for binding in TABLE {
        let keys = Span::new(format!("  {:<10}", binding.name), Role::Accent);
        lines.push(vec![keys, plain(binding.words)]);
    }
    lines.push(Vec::new());
    lines.push(vec![Span::new("Signs", Role::Title)]);
    for (severity, words) in [
        (Severity::Ok, "as it should be"),
        (Severity::Info, "worth knowing, nothing wrong"),
        (Severity::Unknown, "not known: no fresh sample"),
        (Severity::Warn, "somebody should look"),
        (Severity::Crit, "somebody has to act"),
    ] {
        let sign = look::sign(severity, app.theme);
        lines.push(vec![
            Span::new(format!("  {sign:<10}"), look::role(severity)),
            plain(words),
        ]);
    }
    for (sign, words) in [
        ("~5.2s", "an estimate; without ~ it is the message's own time"),
        ("-", "not known, which is not 0"),
    ] {
        lines.push(vec![muted(format!("  {sign:<10}")), plain(words)]);
    }
    lines
}
