//! What servers tell unasked: advisories, and how long acknowledgements took.
//!
//! A storm of them (one for every message that is given back) becomes a few events with counts: what comes within one window and is about the same is
//! one, and there are only so many different ones in a window.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::Message;
use futures_util::StreamExt as _;
use serde_json::Value;
use snapshot::latency::Histogram;
use snapshot::sample::{AckTimesSample, AdvisoryKind, AdvisorySample, Body};
use tokio::sync::watch;

use super::link::{Link, Trouble};
use super::outlet::Outlet;
use super::pace::{LONGEST, jittered};
use super::reply::Part;

const ADVISORIES: &str = "$JS.EVENT.ADVISORY.>";
/// Where the server tells of each request to its API, ours too: about streams and consumers that says nothing.
const AUDIT: &str = "$JS.EVENT.ADVISORY.API";
const METRICS: &str = "$JS.EVENT.METRIC.CONSUMER.ACK.>";
/// What comes within this time is put together.
const WINDOW: Duration = Duration::from_millis(500);
/// Different things in one window; more are counted as one that has no stream.
const MOST: usize = 200;
/// Longest reason.
const LONGEST_REASON: usize = 200;

/// Listens until nobody listens to us. `pressure` changes whenever the API has dropped requests.
pub(super) async fn run(link: Link, mut outlet: Outlet, pressure: watch::Sender<u64>) {
    loop {
        while !link.is_connected() {
            outlet.connecting(link.why()).await;
            link.changed().await;
        }
        let trouble = match listen(&link, &mut outlet, &pressure).await {
            Ok(never) => match never {},
            Err(trouble) => trouble,
        };
        if trouble != Trouble::Disconnected {
            outlet.down(&format!("cannot hear advisories: {trouble}")).await;
            // What is forbidden may be allowed some day.
            tokio::select! {
                () = tokio::time::sleep(jittered(LONGEST)) => {}
                () = link.lost() => {}
            }
        }
    }
}

async fn listen(
    link: &Link,
    outlet: &mut Outlet,
    pressure: &watch::Sender<u64>,
) -> Result<std::convert::Infallible, Trouble> {
    let mut advisories = link.subscribe(ADVISORIES).await?;
    let mut metrics = link.subscribe(METRICS).await?;
    let mut window = Window::default();
    let mut tick = tokio::time::interval(WINDOW);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut without = None;
    outlet.up().await;
    loop {
        tokio::select! {
            Some(message) = advisories.next() => {
                outlet.meter.received(message.length);
                if message.subject.as_str() != AUDIT && window.advisory(&message) {
                    pressure.send_modify(|count| *count += 1);
                }
            }
            Some(message) = metrics.next() => {
                outlet.meter.received(message.length);
                window.metric(&message);
            }
            // Nobody reads: what comes meanwhile is put together all the longer.
            _ = tick.tick(), if outlet.has_room() => {
                window.flush(outlet).await;
                outlet.up_but(without.clone()).await;
            }
            () = link.refused(ADVISORIES) => return Err(Trouble::Other(format!("the user may not subscribe to {ADVISORIES}"))),
            () = link.refused(METRICS), if without.is_none() => {
                without = Some(format!("the user may not subscribe to {METRICS}"));
            }
            () = link.lost() => return Err(Trouble::Disconnected),
        }
    }
}

/// What has come since the last flush.
#[derive(Debug, Default)]
struct Window {
    advisories: BTreeMap<(AdvisoryKind, Option<String>, Option<String>), AdvisorySample>,
    times: BTreeMap<(String, String), Times>,
}

#[derive(Debug, Default)]
struct Times {
    ack: Histogram,
    redelivered: u64,
}

impl Window {
    /// Takes an advisory in; whether it says that the API has dropped requests.
    fn advisory(&mut self, message: &Message) -> bool {
        let Ok(value) = serde_json::from_slice::<Value>(&message.payload) else {
            return false;
        };
        let sample = advisory(Part(&value));
        let is_pressure = sample.kind == AdvisoryKind::ApiLimitReached;
        self.add(sample);
        is_pressure
    }

    fn add(&mut self, sample: AdvisorySample) {
        let mut key = (sample.kind, sample.stream.clone(), sample.consumer.clone());
        if self.advisories.len() >= MOST && !self.advisories.contains_key(&key) {
            key = (sample.kind, None, None);
        }
        let nameless = key.1.is_none() && sample.stream.is_some();
        let known = self.advisories.entry(key).or_default();
        let count = known.count + sample.count;
        *known = AdvisorySample { count, ..sample };
        if nameless {
            (known.stream, known.consumer, known.stream_seq) = (None, None, None);
        }
    }

    fn metric(&mut self, message: &Message) {
        let Ok(value) = serde_json::from_slice::<Value>(&message.payload) else {
            return;
        };
        let part = Part(&value);
        let (Some(stream), Some(consumer)) = (part.text("/stream"), part.text("/consumer")) else {
            return;
        };
        let key = (stream, consumer);
        if self.times.len() >= MOST && !self.times.contains_key(&key) {
            return;
        }
        let times = self.times.entry(key).or_default();
        times.ack.record(part.number("/ack_time").unwrap_or(0));
        times.redelivered += u64::from(part.number("/deliveries").unwrap_or(1) > 1);
    }

    async fn flush(&mut self, outlet: &Outlet) {
        for sample in std::mem::take(&mut self.advisories).into_values() {
            outlet.send(Body::Advisory(sample)).await;
        }
        for ((stream, consumer), times) in std::mem::take(&mut self.times) {
            let sample = AckTimesSample {
                stream,
                consumer,
                ack_time: times.ack.write(),
                redelivered: times.redelivered,
            };
            outlet.send(Body::AckTimes(sample)).await;
        }
    }
}

fn advisory(part: Part<'_>) -> AdvisorySample {
    let name = part.text("/type").unwrap_or_default();
    let kind = kind(&name, part);
    let reason = part.text("/reason").or_else(|| part.text("/leader"));
    let reason = reason.or_else(|| (kind == AdvisoryKind::Other && !name.is_empty()).then(|| name.clone()));
    AdvisorySample {
        kind,
        stream: part.text("/stream"),
        consumer: part.text("/consumer"),
        stream_seq: part.number("/stream_seq"),
        deliveries: part.number("/deliveries"),
        reason: reason.map(|reason| reason.chars().take(LONGEST_REASON).collect()),
        ts: part.time("/timestamp"),
        // The API says how many requests it has dropped.
        count: part.number("/dropped").unwrap_or(1).max(1),
    }
}

/// By the type, such as `io.nats.jetstream.advisory.v1.consumer_action`.
fn kind(name: &str, part: Part<'_>) -> AdvisoryKind {
    let action = part.text("/action").unwrap_or_default();
    match (name.rsplit('.').next().unwrap_or_default(), action.as_str()) {
        ("max_deliver", _) => AdvisoryKind::MaxDeliveries,
        ("nak", _) => AdvisoryKind::MsgNaked,
        ("terminated", _) => AdvisoryKind::MsgTerminated,
        ("consumer_action", "create") => AdvisoryKind::ConsumerCreated,
        ("consumer_action", "delete") => AdvisoryKind::ConsumerDeleted,
        ("consumer_pause", _) => AdvisoryKind::ConsumerPause,
        ("consumer_group_pinned", _) => AdvisoryKind::ConsumerPinned,
        ("consumer_group_unpinned", _) => AdvisoryKind::ConsumerUnpinned,
        ("consumer_leader_elected", _) => AdvisoryKind::ConsumerLeaderElected,
        ("consumer_quorum_lost", _) => AdvisoryKind::ConsumerQuorumLost,
        ("stream_action", "create") => AdvisoryKind::StreamCreated,
        ("stream_action", "modify") => AdvisoryKind::StreamUpdated,
        ("stream_action", "delete") => AdvisoryKind::StreamDeleted,
        ("stream_leader_elected", _) => AdvisoryKind::StreamLeaderElected,
        ("stream_quorum_lost", _) => AdvisoryKind::StreamQuorumLost,
        ("stream_batch_abandoned", _) => AdvisoryKind::StreamBatchAbandoned,
        ("server_out_of_space", _) => AdvisoryKind::ServerOutOfStorage,
        ("server_removed", _) => AdvisoryKind::ServerRemoved,
        ("api_limit_reached", _) => AdvisoryKind::ApiLimitReached,
        ("domain_leader_elected", _) => AdvisoryKind::DomainLeaderElected,
        _ => AdvisoryKind::Other,
    }
}

#[cfg(test)]
mod tests;
