//! What a pod logs, while it is looked at.

use std::collections::VecDeque;

use super::item::Logs;
use crate::top::keys::Act;

/// Lines that are kept, and how long one may be, in characters.
const KEPT: usize = 2_000;
const LONGEST: usize = 4_000;

/// Lines of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogPage {
    /// Whose.
    pub(crate) of: Logs,
    /// The last lines, as they came.
    pub(crate) lines: VecDeque<String>,
    /// Nothing will come any more.
    pub(crate) ended: bool,
    /// Lines that are below what is shown; 0: the newest are shown.
    pub(crate) below: usize,
}

impl LogPage {
    pub(super) fn new(of: Logs) -> Self {
        LogPage {
            of,
            lines: VecDeque::new(),
            ended: false,
            below: 0,
        }
    }

    /// Another line. Who has scrolled up goes on seeing the same.
    pub(crate) fn push(&mut self, line: &str) {
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line.chars().take(LONGEST).collect());
        if self.below > 0 {
            self.below = (self.below + 1).min(self.lines.len() - 1);
        }
    }

    pub(super) fn travel(&mut self, act: Act, page: usize) {
        let top = self.lines.len().saturating_sub(1);
        let far = |rows: i32, size: usize| {
            usize::try_from(rows.unsigned_abs())
                .unwrap_or(0)
                .saturating_mul(size)
        };
        self.below = match act {
            Act::Move(rows) if rows < 0 => (self.below + far(rows, 1)).min(top),
            Act::Move(rows) => self.below.saturating_sub(far(rows, 1)),
            Act::Page(pages) if pages < 0 => (self.below + far(pages, page)).min(top),
            Act::Page(pages) => self.below.saturating_sub(far(pages, page)),
            Act::First => top,
            Act::Last => 0,
            _ => self.below,
        };
    }
}
