//! A frame as an SVG, for documents. The same frame is the same file, byte for byte.

use std::fmt::Write as _;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

/// Width and height of a cell, the height of its base line, and the size of letters, in pixels.
const CELL: (f64, f64) = (8.4, 18.0);
const BASE: f64 = 13.5;
const LETTERS: u16 = 14;
/// Around the frame.
const MARGIN: f64 = 12.0;
/// What the terminal itself has, in a dark theme.
const BACKGROUND: &str = "#10141c";
const TEXT: &str = "#d3d9e3";

/// Draws a frame of true colours.
pub(crate) fn svg(buffer: &Buffer, title: &str) -> String {
    let width = f64::from(buffer.area.width) * CELL.0 + 2.0 * MARGIN;
    let height = f64::from(buffer.area.height) * CELL.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" role=\"img\">\n\
         <title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g shape-rendering=\"crispEdges\" font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"{LETTERS}\" fill=\"{TEXT}\">\n",
        title.replace('&', "&amp;").replace('<', "&lt;")
    );
    for y in 0..buffer.area.height {
        row(&mut svg, buffer, y);
    }
    svg + "</g>\n</svg>\n"
}

fn row(svg: &mut String, buffer: &Buffer, y: u16) {
    let top = MARGIN + f64::from(y) * CELL.1;
    let mut x = 0;
    while x < buffer.area.width {
        let first = &buffer[(x, y)];
        let mut end = x + 1;
        while end < buffer.area.width && alike(first, &buffer[(end, y)]) {
            end += 1;
        }
        let left = MARGIN + f64::from(x) * CELL.0;
        let wide = f64::from(end - x) * CELL.0;
        let (front, back) = colours(first);
        if let Some(back) = back {
            let tall = CELL.1;
            let _ = writeln!(
                svg,
                "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\" fill=\"{back}\"/>"
            );
        }
        let front = front.map_or_else(String::new, |front| format!(" fill=\"{front}\""));
        if let Some(filled) = bar(first.symbol()) {
            let tall = CELL.1 * filled;
            let from = top + CELL.1 - tall;
            let _ = writeln!(
                svg,
                "<rect x=\"{left:.1}\" y=\"{from:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\"{front}/>"
            );
        } else {
            letters(svg, buffer, (x, end, y), (left, top + BASE, wide), &front);
        }
        x = end;
    }
}

fn letters(
    svg: &mut String,
    buffer: &Buffer,
    (x, end, y): (u16, u16, u16),
    (left, base, wide): (f64, f64, f64),
    front: &str,
) {
    let text: String = (x..end).map(|x| buffer[(x, y)].symbol()).collect();
    if text.trim().is_empty() {
        return;
    }
    let modifier = buffer[(x, y)].modifier;
    let mut style = front.to_owned();
    for (part, words) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::DIM, " opacity=\"0.6\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
    ] {
        if modifier.contains(part) {
            style += words;
        }
    }
    let _ = writeln!(
        svg,
        "<text x=\"{left:.1}\" y=\"{base:.1}\" textLength=\"{wide:.1}\"{style}>{}</text>",
        escaped(&text)
    );
}

/// Whether two cells can be drawn as one: letters of one style, or equal bars.
fn alike(one: &Cell, other: &Cell) -> bool {
    let style = |cell: &Cell| (cell.fg, cell.bg, cell.modifier);
    let bars = (bar(one.symbol()), bar(other.symbol()));
    style(one) == style(other)
        && (bars == (None, None) || (bars.0.is_some() && one.symbol() == other.symbol()))
}

/// How much of its cell a bar fills: fonts leave gaps between them.
fn bar(symbol: &str) -> Option<f64> {
    let mut letters = symbol.chars();
    let (first, rest) = (letters.next()?, letters.next());
    let eighth = u32::from(first).checked_sub(0x2580)?;
    (rest.is_none() && (1..=8).contains(&eighth)).then(|| f64::from(eighth) / 8.0)
}

fn colours(cell: &Cell) -> (Option<String>, Option<String>) {
    let (front, back) = (colour(cell.fg), colour(cell.bg));
    if cell.modifier.contains(Modifier::REVERSED) {
        let front = front.unwrap_or_else(|| TEXT.to_owned());
        return (Some(back.unwrap_or_else(|| BACKGROUND.to_owned())), Some(front));
    }
    (front, back)
}

fn colour(colour: Color) -> Option<String> {
    match colour {
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        _ => None,
    }
}

/// Spaces that stand side by side would become one.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace(' ', "\u{a0}")
}
