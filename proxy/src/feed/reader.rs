//! Reads a stream in order, from a sequence on: an ordered consumer. Each message carries the consumer's own count; a count that
//! is left out ends the reading, and whoever reads begins again after the last event there was.

use std::time::Duration;

use async_nats::{Message, StatusCode, Subscriber};
use futures_util::{FutureExt as _, StreamExt as _};
use runtime::nats::{Stamp, State};
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::timeout;

use super::Filter;
use super::event::Event;
use super::stream::{Stream, StreamError};

/// Messages asked for at a time: with the largest that a stream takes they still fit into memory.
const CREDIT: usize = 100;
/// How long the server keeps a question open.
const EXPIRES: Duration = Duration::from_secs(30);
/// How often the server says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Longer silence means that it has forgotten the question.
const SILENCE: Duration = Duration::from_secs(5);

/// One reading of a stream.
#[derive(Debug)]
pub(super) struct Reader {
    stream: Stream,
    inbox: Subscriber,
    reply: String,
    consumer: String,
    /// The consumer's count of the last message.
    count: u64,
    /// Messages asked for that have not come.
    credit: usize,
    /// Messages that matched and were not delivered when the last one was.
    pending: u64,
    /// The last event's sequence.
    last: u64,
    state: watch::Receiver<State>,
    connects: u64,
}

impl Reader {
    /// Begins to read what matches after a sequence.
    pub(super) async fn open(stream: &Stream, filter: &Filter, after: u64) -> Result<Self, StreamError> {
        let mut state = stream.connection.state();
        state.mark_unchanged();
        let connects = stream.connection.connects();
        let reply = stream.connection.new_inbox();
        let client = stream.connection.client();
        let subscribed = client.subscribe(reply.clone()).await;
        let inbox = subscribed.map_err(|_| StreamError::Interrupted("the connection is closed"))?;
        let consumer = stream.consumer(filter, after).await?;
        // What the consumer was made to begin with must not have gone in between.
        let facts = stream.facts().await?;
        if facts.first > after.saturating_add(1) {
            return Err(StreamError::Lost);
        }
        Ok(Self {
            stream: stream.clone(),
            inbox,
            reply,
            consumer: consumer.name,
            count: 0,
            credit: 0,
            pending: consumer.pending,
            last: after,
            state,
            connects,
        })
    }

    /// How many messages matched and were not delivered yet, when the reader last heard.
    pub(super) fn pending(&self) -> u64 {
        self.pending
    }

    /// The next events: waits for one, and takes those that are here already. None when the server says that there is none yet.
    pub(super) async fn read(&mut self) -> Result<Vec<Event>, StreamError> {
        if self.credit == 0 {
            self.ask().await?;
        }
        let mut events = Vec::new();
        let mut next = Some(self.next().await?);
        while let Some(message) = next {
            events.extend(self.take(&message)?);
            let is_full = events.len() >= CREDIT;
            next = if is_full {
                None
            } else {
                self.inbox.next().now_or_never().flatten()
            };
        }
        Ok(events)
    }

    async fn ask(&mut self) -> Result<(), StreamError> {
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", self.stream.name, self.consumer);
        let nanoseconds = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let body = json!({
            "batch": CREDIT,
            "expires": nanoseconds(EXPIRES),
            "idle_heartbeat": nanoseconds(HEARTBEAT),
        });
        let client = self.stream.connection.client();
        let asked = client.publish_with_reply(subject, self.reply.clone(), body.to_string().into());
        asked
            .await
            .map_err(|_| StreamError::Interrupted("the connection is closed"))?;
        self.credit = CREDIT;
        Ok(())
    }

    async fn next(&mut self) -> Result<Message, StreamError> {
        let waiting = async {
            loop {
                tokio::select! {
                    biased;
                    message = self.inbox.next() => {
                        return message.ok_or(StreamError::Interrupted("the connection is closed"));
                    }
                    changed = self.state.changed() => {
                        // The question is lost with the connection it was asked over.
                        if changed.is_err() || self.stream.connection.connects() != self.connects {
                            return Err(StreamError::Interrupted("the connection was made anew"));
                        }
                    }
                }
            }
        };
        let heard = timeout(SILENCE, waiting).await;
        heard.map_err(|_| StreamError::Interrupted("the server is silent"))?
    }

    fn take(&mut self, message: &Message) -> Result<Option<Event>, StreamError> {
        match message.status {
            None => self.event(message).map(Some),
            Some(StatusCode::IDLE_HEARTBEAT) => Ok(None),
            // The question has expired unanswered, wholly or in part.
            Some(StatusCode::TIMEOUT | StatusCode::NOT_FOUND) => {
                self.credit = 0;
                Ok(None)
            }
            Some(_) => Err(StreamError::Interrupted("the server ended the consumer")),
        }
    }

    fn event(&mut self, message: &Message) -> Result<Event, StreamError> {
        let stamp = message.reply.as_deref().and_then(Stamp::parse);
        let stamp = stamp.ok_or(StreamError::Interrupted("a message has no place in the stream"))?;
        if stamp.consumer_sequence != self.count + 1 || stamp.stream_sequence <= self.last {
            return Err(StreamError::Interrupted("a message was lost on its way"));
        }
        self.count = stamp.consumer_sequence;
        self.last = stamp.stream_sequence;
        self.pending = stamp.pending;
        self.credit = self.credit.saturating_sub(1);
        let stored = OffsetDateTime::from_unix_timestamp_nanos(stamp.stored_unix_nanos.into());
        Ok(Event::new(
            stamp.stream_sequence,
            &message.subject,
            stored.unwrap_or(OffsetDateTime::UNIX_EPOCH),
            &message.payload,
        ))
    }
}
