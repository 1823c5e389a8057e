//! What can be done with what is selected, and the confirmation before it.

use snapshot::{ConsumerKey, report::Report};

use super::App;
use crate::top::{input::Key, keys::Screen, screen};

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// Stop the delivery of a consumer until it is resumed.
    Pause(Target),
    /// Go on with it.
    Resume(Target),
    /// Delete a consumer.
    DeleteConsumer(Target),
    /// Delete all messages of a stream.
    Purge {
        /// The account's stream.
        stream: String,
        /// Messages that are in it.
        messages: u64,
    },
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its stream.
    pub(crate) stream: String,
    /// Its name.
    pub(crate) consumer: String,
}

impl Item {
    /// What it does and to what, as a question without its mark.
    pub(crate) fn words(&self) -> String {
        match self {
            Item::Pause(target) => format!("Pause consumer {target}"),
            Item::Resume(target) => format!("Resume consumer {target}"),
            Item::DeleteConsumer(target) => {
                format!("Delete consumer {target}, with what it knows of acknowledgements")
            }
            Item::Purge { stream, messages } => {
                format!("Purge stream {stream}: delete its {messages} messages")
            }
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.stream, self.consumer)
    }
}

/// The list, or the question about one item of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Menu {
    /// What there is to choose from.
    pub(crate) items: Vec<Item>,
    /// The one that is marked.
    pub(crate) at: usize,
    /// The marked one is chosen, and has to be confirmed.
    pub(crate) asking: bool,
}

/// What a key made of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It stays.
    Stay,
    /// Nothing is done.
    Leave,
    /// This is to be done.
    Do(Item),
}

impl Menu {
    /// What can be done with what is selected; nothing, if there is nothing.
    pub(crate) fn of(app: &App, report: &Report) -> Option<Self> {
        let items = items(app, report);
        (!items.is_empty()).then_some(Menu {
            items,
            at: 0,
            asking: false,
        })
    }

    pub(super) fn key(&mut self, key: Key) -> Step {
        if self.asking {
            return match (key, self.items.get(self.at)) {
                (Key::Char('y' | 'Y'), Some(item)) => Step::Do(item.clone()),
                _ => Step::Leave,
            };
        }
        match key {
            Key::Down | Key::Char('j') => self.at = (self.at + 1).min(self.items.len().saturating_sub(1)),
            Key::Up | Key::Char('k') => self.at = self.at.saturating_sub(1),
            Key::Enter => self.asking = true,
            _ => return Step::Leave,
        }
        Step::Stay
    }
}

fn items(app: &App, report: &Report) -> Vec<Item> {
    let consumer = app.opened.clone().or_else(|| match screen::opened(app, report) {
        Some(screen::Opened::Consumer(key)) => Some(key),
        _ => None,
    });
    if let Some(key) = consumer {
        return of_consumer(&key, report);
    }
    if app.screen != Screen::Streams {
        return Vec::new();
    }
    let keys = screen::keys(app, report);
    let selected = keys.get(app.view().place_of_key(&keys));
    report
        .streams
        .iter()
        .filter(|row| selected == Some(&screen::stream_key(row)) && row.account.is_none())
        .filter_map(|row| row.raw.as_ref().map(|raw| (row, raw)))
        .map(|(row, raw)| Item::Purge {
            stream: row.stream.clone(),
            messages: raw.messages,
        })
        .collect()
}

fn of_consumer(key: &ConsumerKey, report: &Report) -> Vec<Item> {
    let row = report
        .consumers
        .iter()
        .find(|row| row.stream == key.stream && row.consumer == key.consumer && row.account == key.account);
    // Another account's cannot be changed from here.
    let Some(row) = row.filter(|row| row.account.is_none()) else {
        return Vec::new();
    };
    let target = Target {
        stream: row.stream.clone(),
        consumer: row.consumer.clone(),
    };
    let paused = row.raw.as_ref().is_some_and(|raw| raw.paused);
    let turn = if paused { Item::Resume } else { Item::Pause };
    vec![turn(target.clone()), Item::DeleteConsumer(target)]
}
