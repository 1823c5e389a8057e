//! Reads the whole event stream, in its order.

use std::time::Duration;

use async_nats::header::HeaderValue;
use async_nats::jetstream::{self, consumer};
use async_nats::{Client, Message};
use futures_util::StreamExt as _;

use crate::Error;
use crate::checker::Event;

/// Messages asked for at once.
const BATCH: usize = 1000;
/// How long a batch may take.
const BATCH_WITHIN: Duration = Duration::from_secs(10);

/// Every event published so far.
///
/// # Errors
///
/// When the stream cannot be read.
pub async fn read(client: &Client) -> Result<Vec<Event>, Error> {
    let stream = jetstream::new(client.clone())
        .get_stream("EVENTS")
        .await
        .map_err(Error::nats("find the stream EVENTS"))?;
    let settings = consumer::pull::Config {
        ack_policy: consumer::AckPolicy::None,
        ..Default::default()
    };
    let consumer = stream
        .create_consumer(settings)
        .await
        .map_err(Error::nats("read the stream EVENTS"))?;
    let expected = stream.cached_info().state.messages;
    let mut events = Vec::new();
    while (events.len() as u64) < expected {
        let mut batch = consumer
            .fetch()
            .max_messages(BATCH)
            .expires(BATCH_WITHIN)
            .messages()
            .await
            .map_err(Error::nats("read the stream EVENTS"))?;
        let before = events.len();
        while let Some(message) = batch.next().await {
            let message = message.map_err(|source| Error::Nats {
                action: "read an event",
                source,
            })?;
            events.push(event(&message)?);
        }
        if events.len() == before {
            break;
        }
    }
    Ok(events)
}

/// What the outbox relay writes into the headers.
fn event(message: &Message) -> Result<Event, Error> {
    let header = |name| {
        let headers = message.headers.as_ref();
        headers
            .and_then(|headers| headers.get(name))
            .map(HeaderValue::as_str)
            .unwrap_or_default()
    };
    let version = header("Px-Aggregate-Version")
        .parse()
        .map_err(Error::nats("read an event's version"))?;
    Ok(Event {
        aggregate: header("Px-Aggregate-Id").to_owned(),
        version,
    })
}
