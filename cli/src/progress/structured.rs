//! Progress for programs: the events as they are, one JSON object a line on stderr.

use std::time::Duration;

use platform::event::Event;
use serde::Serialize;

use super::Rendering;
use crate::ui::{Paint, Report, Ui};

/// Writes events as JSON lines.
pub(super) struct Structured {
    ui: Ui,
}

impl Structured {
    /// Events written through `ui`.
    pub(super) fn new(ui: Ui) -> Self {
        Structured { ui }
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Line(Event);

impl Report for Line {
    fn text(&self, _: Paint) -> String {
        // Only used with `-o json`.
        String::new()
    }
}

impl Rendering for Structured {
    fn event(&mut self, event: Event, _: Duration) {
        self.ui.event(&Line(event));
    }

    fn notice(&mut self, words: &str) {
        self.ui.status(words);
    }

    fn tick(&mut self, _: Duration) {}

    fn end(&mut self) {}
}
