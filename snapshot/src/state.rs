//! What is known, and how events change it.
//!
//! [`update`] is the only way in: one event, no clock, no I/O. Everything is bounded: what is too much is counted as left out,
//! and what ages is dropped.

mod asking;
mod causes;
mod cleaning;
mod consumer;
mod consumer_row;
mod detail;
mod fleet;
mod fleet_rows;
mod journal;
mod key;
mod page;
mod pods;
mod problems;
mod report;
mod sources;
mod stream;
mod stream_row;
mod streams;
mod worker;

use std::collections::{BTreeMap, VecDeque};

pub use key::{ConsumerKey, StreamKey};

use crate::judge::Patience;
use crate::report::LeftOut;
use crate::sample::{AccountSample, Body, Event, Millis, Query, Source};
use asking::Asking;
use fleet::Fleet;
use journal::Journal;
use pods::Pods;
use sources::SourceEntry;
use stream::StreamEntry;

/// What the observer should do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ask a server for one message, and send the answer as [`Body::Message`].
    Ask(Query),
}

/// How a [`State`] judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many equal judgements it takes to change one.
    pub patience: Patience,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            patience: Patience::LIVE,
        }
    }
}

impl Settings {
    /// For two samples and one look.
    pub fn once() -> Self {
        Self {
            patience: Patience::ONCE,
        }
    }
}

/// All that is known.
#[derive(Debug, Default)]
pub struct State {
    settings: Settings,
    now: Millis,
    sources: BTreeMap<Source, SourceEntry>,
    accounts: BTreeMap<Option<String>, (AccountSample, Option<u64>)>,
    streams: BTreeMap<StreamKey, StreamEntry>,
    fleet: Fleet,
    pods: Pods,
    journal: Journal,
    asking: Asking,
    left_out: LeftOut,
    /// Publish, deliver and ack in a second, the oldest first, and when the last ones were noted.
    pulse: VecDeque<[Option<f64>; 3]>,
    beaten: Option<Millis>,
}

impl State {
    /// Nothing is known yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    /// The consumer that somebody looks at: its messages are asked for first.
    pub fn select(&mut self, selected: Option<ConsumerKey>) {
        self.asking.selected = selected;
    }

    /// When the last event came.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// The consumers worth looking at more often than the others: the selected one, and those that are not well, the worst
    /// first.
    pub fn worst(&self, most: usize) -> Vec<ConsumerKey> {
        let selected = self.asking.selected.iter().cloned();
        let mut unwell: Vec<_> = self
            .streams
            .iter()
            .flat_map(|(key, stream)| {
                stream
                    .consumers
                    .iter()
                    .map(move |(name, consumer)| (key, name, consumer))
            })
            .filter(|(_, _, consumer)| consumer.urgency().0 > 0)
            .collect();
        unwell.sort_by_key(|(_, _, consumer)| std::cmp::Reverse(consumer.urgency()));
        let unwell = unwell
            .into_iter()
            .take(most)
            .map(|(key, name, _)| key.consumer(name));
        let mut keys: Vec<ConsumerKey> = selected.collect();
        for key in unwell {
            if keys.len() < most && !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}

/// Takes an event in. What it returns is for the observer to do; its outcome comes back as an event.
pub fn update(state: &mut State, event: Event) -> Option<Action> {
    let at = event.at;
    state.now = at;
    let asks = matches!(event.body, Body::Consumers(_) | Body::Message(_) | Body::Tick);
    match event.body {
        Body::Source(report) => state.take_source(at, report),
        Body::Account(sample) => state.take_account(sample),
        Body::Streams(sample) => state.take_streams(at, sample),
        Body::Consumers(sample) => state.take_consumers(at, sample),
        Body::ConsumerNames(sample) => state.take_names(at, &sample),
        Body::Message(sample) => state.take_message(sample),
        Body::Advisory(sample) => state.take_advisory(at, sample),
        Body::AckTimes(sample) => state.take_ack_times(at, &sample),
        Body::Services(sample) => state.take_services(at, sample),
        Body::Pods(sample) => state.pods.take(at, sample, &mut state.left_out),
        Body::PodMetrics(sample) => state.pods.take_usage(sample),
        Body::KubernetesEvents(sample) => state.take_kubernetes(at, sample),
        Body::Tick => state.tick(at),
    }
    state.beat(at);
    asks.then(|| asking::next(state, at)).flatten().map(Action::Ask)
}
