//! A frame as text: for tests, which look at styles too, and for pictures.

mod svg;

pub(crate) use svg::svg;

use std::fmt::Write as _;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthStr as _;

/// The letters of a frame, without spaces at the ends of lines.
pub(crate) fn plain_text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        text += line(buffer, y).trim_end();
        text.push('\n');
    }
    text
}

/// The letters of a frame, and below each the styles of every line as runs: `3+5 red bold`.
#[cfg(test)]
pub(crate) fn with_styles(buffer: &Buffer) -> String {
    let mut text = plain_text(buffer);
    text += "\nstyles (row: column+length style)\n";
    for y in 0..buffer.area.height {
        let runs = runs(buffer, y);
        if !runs.is_empty() {
            let _ = writeln!(text, "{y}: {}", runs.join(", "));
        }
    }
    text
}

fn line(buffer: &Buffer, y: u16) -> String {
    let mut text = String::new();
    let mut covered = 0;
    for x in 0..buffer.area.width {
        let symbol = buffer[(x, y)].symbol();
        if covered == 0 {
            text += symbol;
            covered = symbol.width().max(1);
        }
        covered -= 1;
    }
    text
}

#[cfg(test)]
fn runs(buffer: &Buffer, y: u16) -> Vec<String> {
    let mut runs: Vec<(u16, u16, String)> = Vec::new();
    for x in 0..buffer.area.width {
        let style = style(&buffer[(x, y)]);
        match runs.last_mut() {
            Some((start, length, last)) if *last == style && *start + *length == x => *length += 1,
            _ if style.is_empty() => {}
            _ => runs.push((x, 1, style)),
        }
    }
    runs.into_iter()
        .map(|(start, length, style)| format!("{start}+{length} {style}"))
        .collect()
}

/// The style of a cell in words; nothing for the usual one.
pub(crate) fn style(cell: &Cell) -> String {
    let mut words = Vec::new();
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string().to_lowercase());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {}", cell.bg).to_lowercase());
    }
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::REVERSED, "reversed"),
        (Modifier::UNDERLINED, "underlined"),
    ] {
        if cell.modifier.contains(modifier) {
            words.push(word.to_owned());
        }
    }
    words.join(" ")
}
