//! A frame as text, for tests.

use ratatui::buffer::Buffer;
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
