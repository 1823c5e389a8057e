//! What is on the screen, so that only what differs is written.

use ratatui::{
    backend::{Backend as _, CrosstermBackend},
    buffer::Buffer,
    crossterm::{
        QueueableCommand as _,
        terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate},
    },
    layout::Rect,
};

/// The frame that is shown, and the one that is drawn.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    shown: Buffer,
    drawn: Buffer,
    /// What is shown is not known any more.
    unknown: bool,
}

impl Canvas {
    /// Draws a frame of `size` (columns and rows) with `draw` and returns what to write; nothing if nothing has changed.
    pub(crate) fn frame(&mut self, size: (u16, u16), draw: impl FnOnce(&mut Buffer)) -> Vec<u8> {
        let area = Rect::new(0, 0, size.0, size.1);
        let cleared = self.unknown || self.shown.area != area;
        if cleared {
            self.shown = Buffer::empty(area);
        }
        self.drawn.resize(area);
        self.drawn.reset();
        draw(&mut self.drawn);
        let bytes = self.difference(cleared);
        std::mem::swap(&mut self.shown, &mut self.drawn);
        self.unknown = false;
        bytes
    }

    /// Has the whole screen drawn anew next time.
    pub(crate) fn forget(&mut self) {
        self.unknown = true;
    }

    fn difference(&self, cleared: bool) -> Vec<u8> {
        let changes = self.shown.diff(&self.drawn);
        let mut bytes = Vec::new();
        if changes.is_empty() && !cleared {
            return bytes;
        }
        // Writing to memory does not fail.
        drop(bytes.queue(BeginSynchronizedUpdate));
        if cleared {
            drop(bytes.queue(Clear(ClearType::All)));
        }
        drop(CrosstermBackend::new(&mut bytes).draw(changes.into_iter()));
        drop(bytes.queue(EndSynchronizedUpdate));
        bytes
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    fn write(text: &str) -> impl Fn(&mut Buffer) + '_ {
        move |buffer| {
            buffer.set_stringn(0, 0, text, usize::from(buffer.area.width), Style::new());
        }
    }

    #[test]
    fn nothing_is_written_when_nothing_has_changed() {
        let mut canvas = Canvas::default();
        assert!(!canvas.frame((10, 2), write("one")).is_empty());
        assert!(canvas.frame((10, 2), write("one")).is_empty());
    }

    #[test]
    fn only_what_differs_is_written_within_one_update() {
        let mut canvas = Canvas::default();
        canvas.frame((10, 2), write("one"));
        let bytes = canvas.frame((10, 2), write("two"));
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("\u{1b}[?2026h"), "{text:?}");
        assert!(text.ends_with("\u{1b}[?2026l"), "{text:?}");
        assert!(text.contains("two"), "{text:?}");
        assert!(!text.contains("\u{1b}[2J"), "{text:?}");
    }

    #[test]
    fn another_size_and_an_unknown_screen_are_drawn_anew() {
        let mut canvas = Canvas::default();
        canvas.frame((10, 2), write("one"));
        let clear = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().contains("\u{1b}[2J");
        assert!(clear(canvas.frame((11, 2), write("one"))));
        canvas.forget();
        assert!(clear(canvas.frame((11, 2), write("one"))));
        assert!(canvas.frame((11, 2), write("one")).is_empty());
    }

    #[test]
    fn a_screen_shows_what_was_drawn() {
        let (mut canvas, mut screen) = (
            Canvas::default(),
            vt100::Parser::new(2.try_into().unwrap(), 10.try_into().unwrap(), 0),
        );
        for text in ["one", "日本語", "x", ""] {
            screen.process(&canvas.frame((10, 2), write(text)));
            assert_eq!(screen.screen().contents().trim_end(), text);
        }
    }
}
