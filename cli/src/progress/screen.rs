//! Lines at the lower end of a terminal that are drawn again and again, below others that stay.
//!
//! The cursor rests at the beginning of the line below, so that a `^C` the terminal writes there goes with the next frame.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// To the beginning of the line, and clear everything below.
const CLEAR_BELOW: &str = "\r\u{1b}[J";
/// Clear the rest of the line.
const CLEAR_LINE: &str = "\u{1b}[K";

/// What moves.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// The widths of the lines that were drawn last.
    widths: Vec<usize>,
}

/// A line as it is drawn, and as wide as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// With colour.
    pub(super) painted: String,
    /// In columns.
    pub(super) width: usize,
}

impl Screen {
    /// What to write so that `frame` stands in place of the last one, on a terminal with `columns` now.
    pub(super) fn frame(&mut self, frame: &[Line], columns: usize) -> String {
        let mut text = self.home(columns);
        for line in frame {
            text += &line.painted;
            text += CLEAR_LINE;
            text.push_str("\r\n");
        }
        text += CLEAR_BELOW;
        self.widths = frame.iter().map(|line| line.width).collect();
        text
    }

    /// What to write so that `words` stay, above what moves; that has to be drawn again.
    pub(super) fn above(&mut self, words: &str, columns: usize) -> String {
        let mut text = self.home(columns);
        text += CLEAR_BELOW;
        for line in words.lines() {
            text += line;
            text.push_str("\r\n");
        }
        self.widths.clear();
        text
    }

    /// To the beginning of the last frame. A terminal that became narrower has wrapped its lines.
    fn home(&self, columns: usize) -> String {
        let columns = columns.max(1);
        let rows: usize = self
            .widths
            .iter()
            .map(|width| width.div_ceil(columns).max(1))
            .sum();
        let mut home = "\r".to_owned();
        if rows > 0 {
            let _ = write!(home, "\u{1b}[{rows}A");
        }
        home
    }
}

/// `words` cut to `columns`, with an ellipsis if anything was lost; tabs become spaces.
pub(super) fn cut(words: &str, columns: usize) -> String {
    let words = words.replace('\t', " ");
    if words.width() <= columns {
        return words;
    }
    let mut room = columns.saturating_sub(1);
    let mut kept = String::new();
    for c in words.chars() {
        let width = c.width().unwrap_or(0);
        if width > room {
            break;
        }
        room -= width;
        kept.push(c);
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("short", 5 => "short"; "what fits stays")]
    #[test_case("longer", 5 => "long…"; "what does not is cut")]
    #[test_case("日本語", 5 => "日本…"; "a wide character takes two columns")]
    #[test_case("日本語", 4 => "日…"; "and is never halved")]
    #[test_case("a\tb", 5 => "a b"; "a tab is a space")]
    #[test_case("x", 0 => ""; "no room at all")]
    fn fitting(words: &str, columns: usize) -> String {
        cut(words, columns)
    }
}
