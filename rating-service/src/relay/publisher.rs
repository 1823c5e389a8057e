//! Events into the stream: those of one resource one after the other, those of different resources side by side.

use std::collections::HashMap;
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Context};
use bytes::Bytes;
use contract::headers::{HeaderSink as _, names};
use futures_util::StreamExt as _;
use runtime::nats::{Connection, Outgoing};
use serde::Deserialize;
use uuid::Uuid;

use super::Settings;
use crate::metrics::RelayMetrics;
use crate::store::Event;

/// Resources whose events are on their way at once.
const SIDE_BY_SIDE: usize = 64;
/// How long the stream may take to confirm one event.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(5);

/// Id of the resource an event is about.
const AGGREGATE_ID: &str = "Px-Aggregate-Id";
/// Version of the resource after the change; without gaps from 1.
const AGGREGATE_VERSION: &str = "Px-Aggregate-Version";
const CONTENT_TYPE: &str = "H-content-type";
/// Makes the server refuse an event that another stream would take (ADR-4).
const EXPECTED_STREAM: &str = "Nats-Expected-Stream";

/// The way into the stream.
#[derive(Debug)]
pub(super) struct Publisher {
    connection: Connection,
    context: Context,
    settings: Settings,
    metrics: RelayMetrics,
}

#[derive(Deserialize)]
struct StreamInfo {
    error: Option<ApiError>,
}

#[derive(Deserialize)]
struct ApiError {
    err_code: u64,
    #[serde(default)]
    description: String,
}

impl Publisher {
    pub(super) fn new(connection: Connection, settings: Settings, metrics: RelayMetrics) -> Self {
        let mut context = jetstream::new(connection.client().clone());
        context.set_timeout(CONFIRMED_WITHIN);
        Self {
            connection,
            context,
            settings,
            metrics,
        }
    }

    /// Says why nothing could be published, or that it could.
    pub(super) async fn look_for_stream(&self) -> Result<(), String> {
        if let Some(trouble) = self.connection.trouble() {
            return Err(trouble);
        }
        let stream = &self.settings.stream;
        let request = async_nats::Request::new()
            .payload(Bytes::new())
            .inbox(self.connection.new_inbox())
            .timeout(Some(CONFIRMED_WITHIN));
        let subject = format!("$JS.API.STREAM.INFO.{stream}");
        let answer = match self.connection.client().send_request(subject, request).await {
            Ok(answer) => answer.payload,
            Err(error) if error.kind() == RequestErrorKind::NoResponders => {
                return Err(
                    "the NATS server has no JetStream here; start it with JetStream enabled".to_owned(),
                );
            }
            Err(error) => return Err(format!("cannot ask for stream {stream}: {error}")),
        };
        let info: StreamInfo = serde_json::from_slice(&answer)
            .map_err(|error| format!("cannot read the server's answer about stream {stream}: {error}"))?;
        match info.error {
            None => Ok(()),
            Some(ApiError { err_code: 10059, .. }) => Err(self.missing()),
            Some(ApiError {
                err_code,
                description,
            }) => Err(format!("stream {stream}: {description} ({err_code})")),
        }
    }

    fn missing(&self) -> String {
        format!(
            "stream {} does not exist; create it with `ratectl streams apply`",
            self.settings.stream
        )
    }

    /// Publishes events; tells which are in the stream now, and why not all of them. An event whose predecessor (of the
    /// same resource) was not confirmed is not sent, so that a repetition cannot come after it.
    pub(super) async fn publish(&self, events: Vec<Event>) -> (Vec<i64>, Option<String>) {
        let chains = futures_util::stream::iter(chains(events)).map(|chain| self.publish_chain(chain));
        let mut published = Vec::new();
        let mut failure = None;
        let mut results = std::pin::pin!(chains.buffer_unordered(SIDE_BY_SIDE));
        while let Some((sequences, reason)) = results.next().await {
            published.extend(sequences);
            failure = failure.or(reason);
        }
        (published, failure)
    }

    async fn publish_chain(&self, chain: Vec<Event>) -> (Vec<i64>, Option<String>) {
        let mut published = Vec::with_capacity(chain.len());
        for event in chain {
            let sequence = event.sequence;
            if let Err(reason) = self.publish_one(event).await {
                self.metrics.failures.inc();
                return (published, Some(reason));
            }
            published.push(sequence);
        }
        (published, None)
    }

    async fn publish_one(&self, event: Event) -> Result<(), String> {
        let subject = format!("{}.{}.{}", self.settings.prefix, event.aggregate, event.happening);
        let headers = self
            .headers(&event)
            .map_err(|error| format!("event {}: {error}", event.id))?;
        let message = PublishMessage::build()
            .payload(event.payload.into())
            .headers(headers);
        let refused = |error: PublishError| match error.kind() {
            PublishErrorKind::StreamNotFound => self.missing(),
            _ => format!(
                "stream {} did not take event {}: {error}",
                self.settings.stream, event.id
            ),
        };
        let confirmed = self
            .context
            .send_publish(subject, message)
            .await
            .map_err(refused)?;
        let confirmation = confirmed.await.map_err(refused)?;
        if confirmation.duplicate {
            self.metrics.duplicates.inc();
        } else {
            self.metrics.published.inc();
        }
        Ok(())
    }

    fn headers(&self, event: &Event) -> Result<async_nats::HeaderMap, runtime::nats::RefusedHeader> {
        let mut headers = Outgoing::new();
        headers.append(names::NATS_MSG_ID, &event.id.to_string());
        headers.append(EXPECTED_STREAM, &self.settings.stream);
        headers.append(AGGREGATE_ID, &event.aggregate_id.to_string());
        headers.append(AGGREGATE_VERSION, &event.version.to_string());
        headers.append(CONTENT_TYPE, "application/json");
        headers.finish()
    }
}

/// The events of each resource, in order; the resource with the oldest event comes first.
fn chains(events: Vec<Event>) -> Vec<Vec<Event>> {
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut chains: Vec<Vec<Event>> = Vec::new();
    for event in events {
        let place = *places.entry(event.aggregate_id).or_insert(chains.len());
        if place == chains.len() {
            chains.push(Vec::new());
        }
        chains[place].push(event);
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn event(sequence: i64, aggregate: u128) -> Event {
        Event {
            sequence,
            id: Uuid::from_u128(u128::from(sequence.unsigned_abs())),
            aggregate: "rating".to_owned(),
            aggregate_id: Uuid::from_u128(aggregate),
            version: 1,
            happening: "created".to_owned(),
            payload: Vec::new(),
            created_at: Timestamp::from_unix_millis(0),
        }
    }

    #[test]
    fn events_of_one_resource_stay_in_order_and_together() {
        let events = [(1, 7), (2, 8), (3, 7), (4, 9), (5, 8)].map(|(sequence, id)| event(sequence, id));
        let sequences: Vec<Vec<i64>> = chains(events.to_vec())
            .into_iter()
            .map(|chain| chain.into_iter().map(|event| event.sequence).collect())
            .collect();
        assert_eq!(sequences, [vec![1, 3], vec![2, 5], vec![4]]);
    }
}
