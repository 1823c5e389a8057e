//! A writer: makes users, services and ratings and changes ratings, one write after the other, each under one key until
//! it is settled.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::client::{Client, Message};
use crate::history::{Action, Answer, Attempt, Kind, Outcome, Write};

/// The deadlines of the writers' requests, in turn. A message whose worker died is delivered again when its
/// acknowledgement is overdue, after 5 s: the short deadline has passed by then and the client must repeat its request,
/// the long one leaves time for the second delivery to answer.
pub const DEADLINES: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(12)];
/// Pause after a write, so that a run's data stay small enough to be read back one by one.
const PAUSE: Duration = Duration::from_millis(40);
/// Pause before a write is tried again.
const BACK_OFF: Duration = Duration::from_millis(150);
/// Every so many writes one is sent again after its success, to see the same answer.
const REPLAY_EVERY: usize = 8;

/// What all writers of a run share.
#[derive(Debug)]
pub struct Run {
    /// Where the proxy listens.
    pub proxy: SocketAddr,
    /// When the run began.
    pub began: Instant,
    /// Which fault is under way.
    pub phase: AtomicUsize,
    /// Writes answered with success so far, by writer.
    pub successes: Vec<AtomicUsize>,
    /// No new writes from now on.
    pub stop: CancellationToken,
    /// No new attempts from now on.
    pub give_up: CancellationToken,
}

/// One of the writers.
#[derive(Debug)]
pub struct Writer {
    run: Arc<Run>,
    number: usize,
    client: Client,
    writes: Vec<Write>,
}

impl Writer {
    /// A writer that has written nothing yet.
    pub fn new(run: Arc<Run>, number: usize) -> Self {
        let client = Client::new(run.proxy);
        Self {
            run,
            number,
            client,
            writes: Vec::new(),
        }
    }

    /// Writes until told to stop; gives what it did.
    pub async fn work(mut self) -> Vec<Write> {
        while !self.run.stop.is_cancelled() {
            self.story().await;
        }
        self.writes
    }

    /// A user, a service, the user's rating of it, and a second thought. What builds on a write that did not succeed is
    /// left out.
    async fn story(&mut self) -> Option<()> {
        let key = self.next_key();
        let user = json!({ "name": key, "email": format!("{key}@example.org") });
        let user = self
            .settle(Action::Create(Kind::User), post("/users", &key, &user))
            .await?
            .id()?;
        let key = self.next_key();
        let service = json!({ "name": key, "description": "Under fault" });
        let service = self
            .settle(Action::Create(Kind::Service), post("/services", &key, &service))
            .await?
            .id()?;
        let key = self.next_key();
        let rating = json!({ "userId": user, "serviceId": service, "score": 3, "comment": key });
        let rating = self
            .settle(Action::Create(Kind::Rating), post("/ratings", &key, &rating))
            .await?;
        let second = self.next_key();
        let content = json!({
            "userId": user, "serviceId": service, "score": 4, "comment": format!("{key} {second}"),
        });
        let replace = Message {
            method: Method::PUT,
            path: format!("/ratings/{}", rating.id()?),
            body: content.to_string(),
            key: Some(second),
            if_match: rating.etag,
        };
        self.settle(Action::Replace, replace).await.map(drop)
    }

    fn next_key(&self) -> String {
        format!("w{}-{}", self.number, self.writes.len())
    }

    /// Sends a write until it is answered with success or refused for good.
    async fn settle(&mut self, action: Action, message: Message) -> Option<Answer> {
        let key = message.key.clone().unwrap_or_default();
        let mut write = Write {
            key,
            action,
            attempts: Vec::new(),
        };
        let success = loop {
            match self.attempt(&mut write, &message).await {
                Some(answer) if answer.is_success() => break Some(answer),
                Some(answer) if !answer.may_be_retried() => break None,
                _ => {}
            }
            tokio::select! {
                () = self.run.give_up.cancelled() => break None,
                () = tokio::time::sleep(BACK_OFF) => {}
            }
        };
        if success.is_some() {
            self.run.successes[self.number].fetch_add(1, Ordering::Relaxed);
            if self.writes.len() % REPLAY_EVERY == REPLAY_EVERY - 1 {
                self.attempt(&mut write, &message).await;
            }
        }
        self.writes.push(write);
        tokio::time::sleep(PAUSE).await;
        success
    }

    async fn attempt(&mut self, write: &mut Write, message: &Message) -> Option<Answer> {
        let (phase, sent) = (self.run.phase.load(Ordering::Relaxed), self.run.began.elapsed());
        let deadline = DEADLINES[self.number % DEADLINES.len()];
        let (outcome, took) = self.client.send(message, deadline).await;
        let answer = match &outcome {
            Outcome::Answered(answer) => Some(answer.clone()),
            Outcome::Broken(_) => None,
        };
        write.attempts.push(Attempt {
            phase,
            sent,
            deadline,
            took,
            outcome,
        });
        answer
    }
}

fn post(path: &str, key: &str, body: &Value) -> Message {
    Message {
        method: Method::POST,
        path: path.to_owned(),
        body: body.to_string(),
        key: Some(key.to_owned()),
        if_match: None,
    }
}
