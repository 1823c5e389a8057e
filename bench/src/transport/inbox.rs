//! One wildcard subscription for all answers of a connection, and the table of who waits for which.

use std::sync::{Arc, Mutex, PoisonError};

use async_nats::{Client, Message};
use futures_util::StreamExt as _;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::Error;
use crate::load::Failure;

/// What a caller waits for.
pub(super) type Outcome = Result<(), Failure>;

/// The places of one connection's callers.
pub(super) struct Inbox {
    prefix: String,
    places: Mutex<Vec<Place>>,
}

/// One caller's place; the generation tells a late answer from the one waited for.
#[derive(Default)]
struct Place {
    generation: u64,
    waiting: Option<oneshot::Sender<Outcome>>,
}

impl Inbox {
    /// Subscribes and starts sorting answers to `places` callers.
    pub(super) async fn open(client: &Client, places: usize) -> Result<Arc<Self>, Error> {
        let prefix = format!("_PX.{}.0", Uuid::now_v7().simple());
        let mut answers = client
            .subscribe(format!("{prefix}.>"))
            .await
            .map_err(Error::nats("subscribe to the inbox"))?;
        client
            .flush()
            .await
            .map_err(Error::nats("subscribe to the inbox"))?;
        let places = Mutex::new((0..places).map(|_| Place::default()).collect());
        let inbox = Arc::new(Self { prefix, places });
        let sorter = Arc::downgrade(&inbox);
        tokio::spawn(async move {
            while let Some(message) = answers.next().await {
                let Some(inbox) = sorter.upgrade() else { return };
                inbox.sort(&message);
            }
        });
        Ok(inbox)
    }

    /// Begins a request from a place: gives the subjects for the stream's acknowledgement and for the answer.
    pub(super) fn expect(&self, place: usize) -> (String, String, oneshot::Receiver<Outcome>) {
        let (outcome_tx, outcome_rx) = oneshot::channel();
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = &mut places[place];
        entry.generation += 1;
        entry.waiting = Some(outcome_tx);
        let key = format!("{place}:{}", entry.generation);
        (
            format!("{}.a.{key}", self.prefix),
            format!("{}.r.{key}", self.prefix),
            outcome_rx,
        )
    }

    /// Hands a message to the place it is for. An acknowledgement completes nothing unless it is an error.
    fn sort(&self, message: &Message) {
        let Some((kind, place, generation)) = self.key_of(&message.subject) else {
            return;
        };
        let outcome = match kind {
            "r" => Ok(()),
            _ if message.status.is_some() => Err(Failure::Broken("no stream takes the request")),
            _ if message.payload.starts_with(b"{\"error\"") => Err(Failure::Broken("not stored")),
            _ => return,
        };
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = places
            .get_mut(place)
            .filter(|place| place.generation == generation);
        if let Some(outcome_tx) = waiting.and_then(|place| place.waiting.take()) {
            // The caller may have given up; then nobody wants the answer.
            outcome_tx.send(outcome).ok();
        }
    }

    fn key_of<'a>(&self, subject: &'a str) -> Option<(&'a str, usize, u64)> {
        let (kind, key) = subject.get(self.prefix.len() + 1..)?.split_once('.')?;
        let (place, generation) = key.split_once(':')?;
        Some((kind, place.parse().ok()?, generation.parse().ok()?))
    }
}
