//! From an observation to whoever reads events, and questions back.

use platform::observe::{self, Observation};
use snapshot::sample::{Body, Event, Query, Source};
use tokio::sync::{mpsc, watch};

use crate::top::Feed;

/// Events that may wait.
const WAITING: usize = 256;

/// The ends of a feed that somebody has to serve.
pub(super) struct Ends {
    /// Takes events.
    pub(super) events: mpsc::Sender<Event>,
    /// Questions about single messages.
    pub(super) ask: mpsc::Receiver<Query>,
    /// Rows that are to be looked at often.
    pub(super) interest: watch::Receiver<Vec<observe::Row>>,
}

/// A feed, and its ends.
pub(super) fn feed() -> (Feed, Ends) {
    let (sender, events) = mpsc::channel(WAITING);
    let (ask, asked) = mpsc::channel(WAITING);
    let (interest, rows) = watch::channel(Vec::new());
    let feed = Feed {
        events,
        ask: Some(ask),
        interest: Some(interest),
        recorded: false,
    };
    let ends = Ends {
        events: sender,
        ask: asked,
        interest: rows,
    };
    (feed, ends)
}

/// What is observed, as a feed.
pub(super) fn relayed(observation: Observation) -> Feed {
    let (feed, ends) = feed();
    tokio::spawn(relay(observation, ends, |_| true));
    feed
}

/// Hands events on, as long as `wanted` says so, and questions back, until either side has enough.
pub(super) async fn relay(mut observation: Observation, mut ends: Ends, wanted: fn(Source) -> bool) {
    loop {
        tokio::select! {
            event = observation.events.recv() => {
                let Some(event) = event else { return };
                if concerns(&event, wanted) && ends.events.send(event).await.is_err() {
                    return;
                }
            }
            Some(query) = ends.ask.recv() => drop(observation.ask.try_send(query)),
            Ok(()) = ends.interest.changed() => {
                drop(observation.interest.send(ends.interest.borrow_and_update().clone()));
            }
        }
    }
}

fn concerns(event: &Event, wanted: fn(Source) -> bool) -> bool {
    match &event.body {
        Body::Source(report) => wanted(report.source),
        _ => true,
    }
}

/// Of Kubernetes.
pub(super) fn is_of_kubernetes(source: Source) -> bool {
    matches!(
        source,
        Source::Pods | Source::PodMetrics | Source::KubernetesEvents
    )
}

/// Of a NATS server.
pub(super) fn is_of_nats(source: Source) -> bool {
    !is_of_kubernetes(source)
}
