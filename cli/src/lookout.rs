//! What `ratectl top` would show of the system that runs here, known while somebody asks for it.

use std::time::Duration;

use platform::observe::{self, Nats, Observation, Observed};
use snapshot::{Action, Settings, State, sample::Event, update};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::top::{Looks, Printed, now};

/// Nobody has asked for so long: then nobody looks.
const IDLE: Duration = Duration::from_secs(30);
/// How long the first ones who ask may wait for the second look of every source.
const FIRST: Duration = Duration::from_secs(4);
/// Those who may wait for an answer.
const WAITING: usize = 64;

type Asker = oneshot::Sender<String>;

/// Asks for reports, from any thread.
#[derive(Clone, Debug)]
pub(crate) struct Lookout(mpsc::Sender<Asker>);

impl Lookout {
    /// Looks at this server once somebody asks. Must be called inside a runtime of tokio, which does the looking.
    pub(crate) fn of(nats: Nats) -> Self {
        Self::new(IDLE, move |cancel| {
            let observed = Observed {
                nats: Some(nats.clone()),
                ..Observed::default()
            };
            observe::start(observed, cancel)
        })
    }

    fn new(idle: Duration, begin: impl Fn(CancellationToken) -> Observation + Send + 'static) -> Self {
        let (ask, asked) = mpsc::channel(WAITING);
        tokio::spawn(keep(idle, begin, asked));
        Self(ask)
    }

    /// What `ratectl top --once -o json` prints; `None` if too many ask, or the end has come.
    pub(crate) async fn report(&self) -> Option<String> {
        let (asker, answer) = oneshot::channel();
        self.0.try_send(asker).ok()?;
        answer.await.ok()
    }
}

/// Looks whenever somebody asks, until nobody can any more.
async fn keep(
    idle: Duration,
    begin: impl Fn(CancellationToken) -> Observation,
    mut asked: mpsc::Receiver<Asker>,
) {
    while let Some(first) = asked.recv().await {
        let cancel = CancellationToken::new();
        let _ended = cancel.clone().drop_guard();
        Watch::new(begin(cancel), first).run(idle, &mut asked).await;
    }
}

/// One continuous observation.
struct Watch {
    observation: Observation,
    state: State,
    looks: Looks,
    waiting: Vec<Asker>,
}

impl Watch {
    fn new(observation: Observation, first: Asker) -> Self {
        Self {
            observation,
            state: State::new(Settings::default()),
            looks: Looks::default(),
            waiting: vec![first],
        }
    }

    /// Answers all who ask, until nobody has for long. The first ones wait for what can be known.
    async fn run(mut self, idle: Duration, requests: &mut mpsc::Receiver<Asker>) {
        let (mut known, known_by) = (false, Instant::now() + FIRST);
        let mut until = Instant::now() + FIRST + idle;
        loop {
            tokio::select! {
                event = self.observation.events.recv() => match event {
                    Some(event) => self.heed(event),
                    None => return,
                },
                request = requests.recv() => match request {
                    Some(asker) => {
                        self.waiting.push(asker);
                        until = until.max(Instant::now() + idle);
                    }
                    None => return,
                },
                () = sleep_until(known_by), if !known => known = true,
                () = sleep_until(until) => return,
            }
            known = known || self.looks.are_enough();
            if known && !self.waiting.is_empty() {
                self.answer();
            }
        }
    }

    fn heed(&mut self, event: Event) {
        self.looks.count(&event.body);
        if let Some(Action::Ask(query)) = update(&mut self.state, event) {
            // One that does not fit is asked later.
            drop(self.observation.ask.try_send(query));
        }
    }

    fn answer(&mut self) {
        let report = Printed(self.state.report(now()));
        match serde_json::to_string(&report) {
            Ok(json) => {
                for asker in self.waiting.drain(..) {
                    // Who has gone needs none.
                    drop(asker.send(json.clone()));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a report cannot be written as JSON");
                self.waiting.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    /// Nobody answers there.
    fn nowhere() -> Observed {
        Observed {
            nats: Some(Nats::new("nats://127.0.0.1:1")),
            ..Observed::default()
        }
    }

    #[tokio::test]
    async fn one_observation_serves_all_who_ask_and_ends_when_nobody_does() {
        let begun: Arc<Mutex<Vec<CancellationToken>>> = Arc::default();
        let tokens = Arc::clone(&begun);
        let lookout = Lookout::new(Duration::from_millis(200), move |cancel| {
            tokens.lock().unwrap().push(cancel.clone());
            observe::start(nowhere(), cancel)
        });
        assert_eq!(
            begun.lock().unwrap().len(),
            0,
            "nobody looks before somebody asks"
        );
        let (one, other) = tokio::join!(lookout.report(), lookout.report());
        let report: Value = serde_json::from_str(&one.unwrap()).unwrap();
        assert_eq!(report["schema"], "ratectl.top/v1");
        assert_eq!(report["sources"][0]["source"], "jetstream", "{report}");
        assert!(other.is_some());
        let first = {
            let begun = begun.lock().unwrap();
            assert_eq!(begun.len(), 1);
            begun[0].clone()
        };
        first.cancelled().await;
        lookout.report().await.unwrap();
        assert_eq!(begun.lock().unwrap().len(), 2);
    }
}
