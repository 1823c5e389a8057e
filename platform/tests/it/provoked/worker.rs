//! Somebody who works on the messages of a consumer, well or badly.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_nats::jetstream::{self, AckKind, Context};
use async_nats::{Client, Message};
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Between two words that it is at work.
const PROGRESS: Duration = Duration::from_secs(5);

/// What it does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Acknowledges it.
    Ack,
    /// Gives every n-th message back each time, and acknowledges the others.
    NakEvery(u64),
    /// Keeps it and says nothing.
    Nothing,
    /// Keeps it and says, again and again, that it is at work.
    Works,
}

/// How it works.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Messages that it works on at once.
    pub(crate) slots: usize,
    /// How long it works on each.
    pub(crate) takes: Duration,
    /// What it does then.
    pub(crate) does: Does,
}

impl Manner {
    /// Fast and well.
    pub(crate) const QUICK: Self = Self {
        slots: 10,
        takes: Duration::from_millis(5),
        does: Does::Ack,
    };
}

/// It asks for messages one by one and waits for each until it comes. Dropping it closes its connection, as the kernel does
/// for a process that is killed.
pub(crate) struct Worker {
    _slots: JoinSet<()>,
    manner: watch::Sender<Manner>,
    caught_up: Arc<Mutex<Option<Instant>>>,
}

impl Worker {
    /// Begins to work on `stream/consumer`, over a connection of its own.
    pub(crate) fn start(client: &Client, stream: &str, consumer: &str, manner: Manner) -> Self {
        let (sender, manner) = (watch::Sender::new(manner), manner);
        let caught_up = Arc::new(Mutex::new(None));
        let mut slots = JoinSet::new();
        for _ in 0..manner.slots {
            let slot = Slot {
                context: jetstream::new(client.clone()),
                subject: format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"),
                manner: sender.subscribe(),
                caught_up: Arc::clone(&caught_up),
            };
            slots.spawn(slot.work());
        }
        Self {
            _slots: slots,
            manner: sender,
            caught_up,
        }
    }

    /// From now on it does that with what it has and with what comes.
    pub(crate) fn does(&self, does: Does) {
        self.manner.send_modify(|manner| manner.does = does);
    }

    /// From now on it works so long on each.
    pub(crate) fn takes(&self, takes: Duration) {
        self.manner.send_modify(|manner| manner.takes = takes);
    }

    /// When it was given the first message behind which none waited.
    pub(crate) fn caught_up(&self) -> Option<Instant> {
        *self.caught_up.lock().unwrap()
    }
}

/// One message at a time.
struct Slot {
    context: Context,
    subject: String,
    manner: watch::Receiver<Manner>,
    caught_up: Arc<Mutex<Option<Instant>>>,
}

impl Slot {
    async fn work(mut self) {
        loop {
            let Some(message) = self.ask().await else { continue };
            let message = jetstream::Message {
                message,
                context: self.context.clone(),
            };
            let (seq, pending) = {
                let info = message.info().unwrap();
                (info.stream_sequence, info.pending)
            };
            if pending == 0 {
                self.caught_up.lock().unwrap().get_or_insert_with(Instant::now);
            }
            let takes = self.manner.borrow().takes;
            tokio::time::sleep(takes).await;
            self.answer(&message, seq).await;
        }
    }

    /// One message; none if none came before the request ended.
    async fn ask(&self) -> Option<Message> {
        let client = self.context.client();
        let inbox = client.new_inbox();
        let mut answers = client.subscribe(inbox.clone()).await.unwrap();
        let request = json!({"batch": 1, "expires": Duration::from_secs(20).as_nanos()}).to_string();
        client
            .publish_with_reply(self.subject.clone(), inbox, request.into())
            .await
            .unwrap();
        let within = Duration::from_secs(25);
        let answer = tokio::time::timeout(within, answers.next()).await.ok()??;
        answer.status.is_none().then_some(answer)
    }

    async fn answer(&mut self, message: &jetstream::Message, seq: u64) {
        let kind = loop {
            let does = self.manner.borrow_and_update().does;
            match does {
                Does::NakEvery(nth) if seq.is_multiple_of(nth) => break AckKind::Nak(None),
                Does::Ack | Does::NakEvery(_) => break AckKind::Ack,
                Does::Works => message.ack_with(AckKind::Progress).await.unwrap(),
                Does::Nothing => {}
            }
            let changed = tokio::time::timeout(PROGRESS, self.manner.changed()).await;
            if changed.is_ok_and(|changed| changed.is_err()) {
                return;
            }
        };
        message.ack_with(kind).await.unwrap();
    }
}
