//! Writing into a frame: text that is cut to its place, never past the edge.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    text,
    theme::{Role, Theme},
};

/// A piece of text with a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The text; control characters in it are made harmless when it is drawn.
    pub(crate) text: String,
    /// What it is.
    pub(crate) role: Role,
}

impl Span {
    /// Text with a role.
    pub(crate) fn new(text: impl Into<String>, role: Role) -> Self {
        Span {
            text: text.into(),
            role,
        }
    }

    /// Columns that it takes.
    pub(crate) fn width(&self) -> usize {
        text::width(&text::clean(&self.text))
    }
}

/// Ordinary text.
pub(crate) fn plain(text: impl Into<String>) -> Span {
    Span::new(text, Role::Text)
}

/// Text that matters less.
pub(crate) fn muted(text: impl Into<String>) -> Span {
    Span::new(text, Role::Muted)
}

/// A frame that is being drawn, and how things look.
pub(crate) struct Painter<'a> {
    /// The frame.
    pub(crate) buffer: &'a mut Buffer,
    /// How things look.
    pub(crate) theme: Theme,
}

impl Painter<'_> {
    /// Writes `words` at the beginning of row `y` of `area` (from 0), cut to its width, and returns the columns taken.
    pub(crate) fn text(&mut self, area: Rect, y: u16, words: &str, role: Role) -> u16 {
        let style = self.theme.style(role);
        self.styled(area, 0, y, words, style)
    }

    /// Writes spans one after the other in row `y` of `area`, as far as they fit, and returns the columns taken.
    pub(crate) fn line(&mut self, area: Rect, y: u16, spans: &[Span]) -> u16 {
        let mut x = 0;
        for span in spans {
            if x >= area.width {
                break;
            }
            let style = self.theme.style(span.role);
            x += self.styled(area, x, y, &span.text, style);
        }
        x
    }

    /// As [`Painter::line`], ending at the right edge. Returns the columns taken.
    pub(crate) fn line_right(&mut self, area: Rect, y: u16, spans: &[Span]) -> u16 {
        let width: usize = spans.iter().map(Span::width).sum();
        let width = u16::try_from(width).unwrap_or(u16::MAX).min(area.width);
        let place = Rect {
            x: area.right() - width,
            width,
            ..area
        };
        self.line(place, y, spans)
    }

    /// Writes `words` at column `x` and row `y` of `area`, cut to it, and returns the columns taken.
    pub(crate) fn styled(&mut self, area: Rect, x: u16, y: u16, words: &str, style: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if y >= area.height || x >= area.width {
            return 0;
        }
        let room = usize::from(area.width - x);
        let words = text::clean(words);
        let words = if self.theme.is_ascii() {
            text::ascii(words)
        } else {
            words
        };
        let words = text::cut(&words, room, self.theme.cut_mark());
        let (end, _) = self
            .buffer
            .set_stringn(area.x + x, area.y + y, &words, room, style);
        end - (area.x + x)
    }

    /// Puts `style` over everything in `area`.
    pub(crate) fn wash(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Empties `area`.
    pub(crate) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            self.buffer[position].reset();
        }
    }

    /// A rule with a title in row `y` of `area`.
    pub(crate) fn heading(&mut self, area: Rect, y: u16, title: &str) {
        let rule = self.theme.sign("─", "-");
        let used = self.text(area, y, title, Role::Title);
        let x = if used == 0 { 0 } else { used + 1 };
        let room = usize::from(area.width.saturating_sub(x));
        let style = self.theme.style(Role::Muted);
        self.styled(area, x, y, &rule.repeat(room), style);
    }

    /// An empty window with a frame and a title in the middle of `area`; what is returned is the room inside.
    pub(crate) fn window(&mut self, area: Rect, width: u16, height: u16, title: &str) -> Rect {
        let (width, height) = (width.min(area.width), height.min(area.height));
        let outer = Rect {
            x: area.x + (area.width - width) / 2,
            y: area.y + (area.height - height) / 2,
            width,
            height,
        };
        self.clear(outer);
        if width < 4 || height < 3 {
            return outer;
        }
        self.border(outer);
        let inner = Rect::new(outer.x + 2, outer.y + 1, width - 4, height - 2);
        let top = Rect::new(outer.x + 2, outer.y, width - 4, 1);
        self.text(top, 0, &format!(" {title} "), Role::Title);
        inner
    }

    fn border(&mut self, area: Rect) {
        let theme = self.theme;
        let style = theme.style(Role::Muted);
        let (line, side) = (theme.sign("─", "-"), theme.sign("│", "|"));
        let corners = ["╭", "╮", "╰", "╯"].map(|corner| theme.sign(corner, "+"));
        let middle = line.repeat(usize::from(area.width - 2));
        for (y, left, right) in [(0, 0, 1), (area.height - 1, 2, 3)] {
            let row = format!("{}{middle}{}", corners[left], corners[right]);
            self.styled(area, 0, y, &row, style);
        }
        for y in 1..area.height - 1 {
            self.styled(area, 0, y, side, style);
            self.styled(area, area.width - 1, y, side, style);
        }
    }
}

/// The rows of `area` from `y` on, at most `height` of them.
pub(crate) fn rows(area: Rect, y: u16, height: u16) -> Rect {
    let y = y.min(area.height);
    Rect {
        y: area.y + y,
        height: height.min(area.height - y),
        ..area
    }
}

/// The columns of `area` from `x` on, at most `width` of them.
pub(crate) fn columns(area: Rect, x: u16, width: u16) -> Rect {
    let x = x.min(area.width);
    Rect {
        x: area.x + x,
        width: width.min(area.width - x),
        ..area
    }
}

/// Runs `draw` on the buffer with a theme.
#[cfg(test)]
pub(crate) fn on_buffer(
    width: u16,
    height: u16,
    theme: Theme,
    draw: impl FnOnce(&mut Painter<'_>, Rect),
) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    let mut painter = Painter {
        buffer: &mut buffer,
        theme,
    };
    draw(&mut painter, area);
    buffer
}
