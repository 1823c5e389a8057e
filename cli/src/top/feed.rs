//! Where events come from: sources that look at a system, or a recording.

mod record;
mod replay;

use platform::observe::Row;
use snapshot::sample::{Event, Millis, Query};
use tokio::sync::mpsc;

pub(crate) use record::Record;
pub(crate) use replay::{read, replay};

/// Events, and the ways to those who make them.
pub(crate) struct Feed {
    /// What is found out.
    pub(crate) events: mpsc::Receiver<Event>,
    /// Takes questions about single messages; none: nobody answers.
    pub(crate) ask: Option<mpsc::Sender<Query>>,
    /// Takes the consumers that are to be looked at often.
    pub(crate) interest: Option<tokio::sync::watch::Sender<Vec<Row>>>,
    /// Time comes from the events: it is a recording.
    pub(crate) recorded: bool,
}

impl Feed {
    /// Has these consumers looked at often.
    pub(crate) fn follow(&self, rows: Vec<Row>) {
        if let Some(interest) = &self.interest {
            interest.send_if_modified(|now| {
                let changed = *now != rows;
                if changed {
                    *now = rows;
                }
                changed
            });
        }
    }

    /// Puts a question; what cannot be asked now is asked again later.
    pub(crate) fn put(&self, query: Query) {
        if let Some(ask) = &self.ask {
            drop(ask.try_send(query));
        }
    }
}

/// Now, in milliseconds since 1970.
pub(crate) fn now() -> Millis {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}
