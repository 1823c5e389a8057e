//! What is known, and the report of it that is shown.

use platform::observe::Row;
use snapshot::{
    ConsumerKey, Settings, State,
    report::{ConsumerDetail, Report},
    sample::Millis,
};

use crate::top::{
    app::App,
    feed,
    keys::Screen,
    screen::{self, Opened},
};

/// What is known, and its last report.
pub(crate) struct Picture {
    /// What is known.
    pub(crate) state: State,
    /// The report that is shown.
    pub(crate) report: Report,
    recorded: bool,
    heard: Option<Millis>,
}

impl Picture {
    /// Nothing is known. `recorded`: time comes from the events.
    pub(crate) fn new(recorded: bool) -> Self {
        let state = State::new(Settings::default());
        let report = state.report(if recorded { 0 } else { feed::now() });
        Picture {
            state,
            report,
            recorded,
            heard: None,
        }
    }

    /// An event of this time came.
    pub(crate) fn heard(&mut self, at: Millis) {
        self.heard = Some(at);
    }

    /// Now: of a recording the time of its last event.
    pub(crate) fn now(&self) -> Millis {
        match self.heard {
            Some(at) if self.recorded => at,
            None if self.recorded => 0,
            _ => feed::now(),
        }
    }

    /// Makes the report of now.
    pub(crate) fn renew(&mut self) {
        self.report = self.state.report(self.now());
    }

    /// All of one consumer.
    pub(crate) fn detail(&self, key: &ConsumerKey) -> Option<ConsumerDetail> {
        self.state.detail(key, self.now())
    }

    /// The consumers that are to be looked at often: the opened one, those that can be seen, and the `worst`.
    pub(crate) fn interest(&self, app: &App, worst: usize) -> Vec<Row> {
        let mut keys: Vec<ConsumerKey> = app.opened.iter().cloned().collect();
        if app.screen == Screen::Consumers && app.opened.is_none() {
            keys.extend(
                screen::visible(app, &self.report)
                    .into_iter()
                    .filter_map(|opened| match opened {
                        Opened::Consumer(key) => Some(key),
                        _ => None,
                    }),
            );
        }
        keys.extend(self.state.worst(worst));
        let mut rows: Vec<Row> = Vec::new();
        for key in keys.into_iter().filter(|key| key.account.is_none()) {
            let row = Row {
                stream: key.stream,
                consumer: key.consumer,
            };
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        rows
    }
}
