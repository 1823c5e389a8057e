//! The list of what can be done, and the question before it is done.

use snapshot::report::Report;

use super::{App, item::Item, offer};
use crate::top::input::Key;

/// The list, or the question about one item of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Menu {
    /// What there is to choose from.
    pub(crate) items: Vec<Item>,
    /// The one that is marked.
    pub(crate) at: usize,
    /// How far it is.
    pub(crate) stage: Stage,
}

/// How far a menu is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Something is being chosen.
    Choosing,
    /// What the marked item would do is being looked up.
    Looking,
    /// The marked item has to be confirmed; what it would do, one line each.
    Asking(Vec<String>),
}

/// What a key made of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It stays.
    Stay,
    /// Nothing is done.
    Leave,
    /// It is to be looked up what this would do.
    Preview(Item),
    /// This is to be done.
    Do(Item),
}

/// What an item would do, or why nothing can be done.
pub(crate) type Preview = Result<(Item, Vec<String>), String>;

impl Menu {
    /// What can be done with what is selected; nothing, if there is nothing.
    pub(crate) fn of(app: &App, report: &Report) -> Option<Self> {
        let items = offer::items(app, report);
        (!items.is_empty()).then_some(Menu {
            items,
            at: 0,
            stage: Stage::Choosing,
        })
    }

    pub(super) fn key(&mut self, key: Key) -> Step {
        let Some(item) = self.items.get(self.at) else {
            return Step::Leave;
        };
        match (&self.stage, key) {
            (Stage::Choosing, key) => self.choose(key),
            (Stage::Asking(_), Key::Char('y' | 'Y')) => Step::Do(item.clone()),
            // It is not known yet what is asked.
            (Stage::Looking, Key::Char('y' | 'Y')) => Step::Stay,
            _ => Step::Leave,
        }
    }

    fn choose(&mut self, key: Key) -> Step {
        let last = self.items.len().saturating_sub(1);
        match key {
            Key::Down | Key::Char('j') => self.at = (self.at + 1).min(last),
            Key::Up | Key::Char('k') => self.at = self.at.saturating_sub(1),
            Key::Right | Key::Char('+' | '=') => self.step(1),
            Key::Left | Key::Char('-') => self.step(-1),
            Key::Enter => return self.enter(),
            _ => return Step::Leave,
        }
        Step::Stay
    }

    fn step(&mut self, by: i32) {
        if let Some(item) = self.items.get_mut(self.at) {
            item.step(by);
        }
    }

    fn enter(&mut self) -> Step {
        let Some(item) = self.items.get(self.at).cloned() else {
            return Step::Leave;
        };
        if !item.asks() {
            return Step::Do(item);
        }
        if item.is_previewed() {
            self.stage = Stage::Looking;
            return Step::Preview(item);
        }
        self.stage = Stage::Asking(Vec::new());
        Step::Stay
    }

    /// It is known what the marked item would do: now it can be asked whether that is meant.
    pub(super) fn told(&mut self, item: Item, words: Vec<String>) {
        if self.stage == Stage::Looking
            && let Some(marked) = self.items.get_mut(self.at)
        {
            *marked = item;
            self.stage = Stage::Asking(words);
        }
    }
}
