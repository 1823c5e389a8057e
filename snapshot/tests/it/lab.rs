//! A simulator that is observed: polled every other second by an observer whose clock is wrong.

use snapshot::judge::State as Is;
use snapshot::report::{ConsumerRow, Report, StreamRow};
use snapshot::sample::{Body, Event, Found, MessageSample};
use snapshot::{Action, ConsumerKey, Settings, State, update};

use crate::simulator::{MS, Simulator};

/// The observer's clock is so much ahead.
const AHEAD: i64 = 37_123;

/// Between two polls, in milliseconds.
pub(crate) const POLL: i64 = 2_000;

pub(crate) struct Lab {
    pub(crate) world: Simulator,
    pub(crate) state: State,
    pub(crate) events: Vec<Event>,
    /// The source gets no answers.
    pub(crate) silent: bool,
    /// The list names the consumer as one that did not answer.
    pub(crate) missing: bool,
    polls: i64,
}

impl Lab {
    pub(crate) fn new(world: Simulator) -> Self {
        let mut lab = Self::with(world, Settings::default());
        lab.state.select(Some(key()));
        lab
    }

    pub(crate) fn with(world: Simulator, settings: Settings) -> Self {
        let state = State::new(settings);
        Self {
            world,
            state,
            events: Vec::new(),
            silent: false,
            missing: false,
            polls: 0,
        }
    }

    pub(crate) fn clock(&self) -> i64 {
        // Its ticks are uneven too: replies travel.
        self.world.now / MS + AHEAD + (self.polls * 7) % 40
    }

    fn send(&mut self, body: Body) {
        let event = Event {
            at: self.clock(),
            body,
        };
        self.events.push(event.clone());
        let mut action = update(&mut self.state, event);
        while let Some(Action::Ask(query)) = action {
            let sample = if self.silent {
                MessageSample {
                    query,
                    found: Found::Failed("no answer".to_owned()),
                }
            } else {
                self.world.answer(query)
            };
            let event = Event {
                at: self.clock(),
                body: Body::Message(sample),
            };
            self.events.push(event.clone());
            action = update(&mut self.state, event);
        }
    }

    /// Lets the time of one poll pass, and polls.
    pub(crate) fn poll(&mut self) {
        self.world.pass(POLL / 2);
        self.send(Body::Tick);
        self.world.pass(POLL / 2);
        self.polls += 1;
        if !self.silent {
            self.send(Body::Streams(self.world.streams()));
            let mut consumers = self.world.consumers();
            if self.missing {
                consumers.consumers.clear();
                consumers.missing.push("billing".to_owned());
            }
            self.send(Body::Consumers(consumers));
        }
        self.send(Body::Tick);
    }

    pub(crate) fn run(&mut self, seconds: i64) {
        for _ in 0..seconds * 1_000 / POLL {
            self.poll();
        }
    }

    pub(crate) fn report(&self) -> Report {
        self.state.report(self.clock())
    }

    pub(crate) fn row(&self) -> ConsumerRow {
        self.report().consumers.into_iter().next().unwrap()
    }

    pub(crate) fn stream(&self) -> StreamRow {
        self.report().streams.into_iter().next().unwrap()
    }

    /// Polls until it is in that state; how many seconds that took.
    pub(crate) fn until(&mut self, limit: i64, wanted: impl Fn(&Self) -> bool) -> Option<i64> {
        let mut passed = 0;
        while passed < limit {
            self.poll();
            passed += POLL / 1_000;
            if wanted(self) {
                return Some(passed);
            }
        }
        None
    }

    pub(crate) fn is(&self, state: Is) -> bool {
        self.row().state == state
    }
}

pub(crate) fn key() -> ConsumerKey {
    ConsumerKey {
        account: None,
        stream: "ORDERS".to_owned(),
        consumer: "billing".to_owned(),
    }
}
