//! Single messages: when they came into their stream, and what they look like without their payload.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use snapshot::sample::{Body, Found, Message, MessageSample, Query};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::ask::{Failure, ask};
use super::clock;
use super::cost::Meter;
use super::jetstream::Aside;
use super::link::{Link, Nats};
use super::outlet::Outlet;
use super::reply::Part;

/// The pause between two questions. Every one costs the server a payload, which it sends whether it is wanted or not.
const PAUSE: Duration = Duration::from_millis(500);
/// Questions to the API that may come before their time, after a time without any.
const AHEAD: u32 = 4;
const WITHIN: Duration = Duration::from_secs(4);
/// `JetStream`'s error code for "no message found".
const NO_MESSAGE: u64 = 10_037;
/// Filters of one consumer that are asked for one by one.
const MOST_FILTERS: usize = 4;
/// Headers that are kept of a message, and how much of each.
const MOST_HEADERS: usize = 32;
const LONGEST_HEADER: usize = 512;

/// Answers questions, at most two a second in all, until nobody asks any more. Those that need the API that everything else is asked are
/// counted `aside`, and come more seldom.
pub(super) async fn run(link: Link, mut outlet: Outlet, mut queries: mpsc::Receiver<Query>, aside: Aside) {
    outlet.interval = Some(PAUSE);
    let mut api_due = Instant::now();
    loop {
        tokio::select! {
            query = queries.recv() => {
                let Some(query) = query else { return std::future::pending().await };
                if !query.direct {
                    let (now, pause) = (Instant::now(), aside.pause());
                    if api_due > now + pause * AHEAD {
                        // It is asked again if it still matters.
                        continue;
                    }
                    api_due = api_due.max(now);
                    for _ in filters(&query) {
                        aside.asked();
                        api_due += pause;
                    }
                }
                let found = answer(&link, &mut outlet, &query).await;
                outlet.send(Body::Message(MessageSample { query, found })).await;
                tokio::time::sleep(PAUSE).await;
            }
            () = link.changed() => {}
        }
        if link.is_connected() {
            outlet.up().await;
        } else {
            outlet.connecting(link.why()).await;
        }
    }
}

/// The first message of all the query's filters.
async fn answer(link: &Link, outlet: &mut Outlet, query: &Query) -> Found {
    let mut first: Option<Message> = None;
    let begun = Instant::now();
    for (number, filter) in filters(query).enumerate() {
        // Every one of them counts.
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        tokio::time::sleep_until(begun + PAUSE * number).await;
        match get(link, &mut outlet.meter, query, filter).await {
            Ok(Some((message, _))) if first.as_ref().is_none_or(|first| message.seq < first.seq) => {
                first = Some(message);
            }
            Ok(_) => {}
            Err(failure) => return Found::Failed(failure.to_string()),
        }
    }
    first.map_or(Found::Nothing, Found::Message)
}

/// What is asked for, one after the other.
fn filters(query: &Query) -> impl Iterator<Item = &str> {
    let all = query.filter_subjects.is_empty().then_some(">");
    let filters = query.filter_subjects.iter().map(String::as_str);
    all.into_iter().chain(filters).take(MOST_FILTERS)
}

/// A message and its payload, if there is one of this filter from the query's sequence on.
async fn get(
    link: &Link,
    meter: &mut Meter,
    query: &Query,
    filter: &str,
) -> Result<Option<(Message, Bytes)>, Failure> {
    let body = json!({"seq": query.seq.max(1), "next_by_subj": filter});
    if query.direct {
        return get_direct(link, meter, &query.stream, &body).await;
    }
    match ask(link, meter, &format!("STREAM.MSG.GET.{}", query.stream), &body).await {
        Ok(reply) => Ok(of_reply(Part(&reply))),
        Err(Failure::Api(error)) if error.code == NO_MESSAGE => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Any server that has the stream answers this, outside of the API's queue.
async fn get_direct(
    link: &Link,
    meter: &mut Meter,
    stream: &str,
    body: &Value,
) -> Result<Option<(Message, Bytes)>, Failure> {
    let subject = link.api(&format!("DIRECT.GET.{stream}"));
    let started = Instant::now();
    let answer = link.request(&subject, body.to_string().into(), WITHIN).await;
    let answer = answer.inspect_err(|_| meter.failed())?;
    meter.answered(answer.length, started.elapsed());
    if let Some(status) = answer.status {
        return if status == StatusCode::NOT_FOUND {
            Ok(None)
        } else {
            let words = answer.description.unwrap_or_default();
            Err(super::link::Trouble::Other(format!("the server answers {status} {words}")).into())
        };
    }
    let message = answer
        .headers
        .as_ref()
        .and_then(|headers| of_headers(headers, answer.payload.len()));
    Ok(message.map(|message| (message, answer.payload)))
}

fn of_headers(headers: &HeaderMap, payload: usize) -> Option<Message> {
    let get = |name: &str| headers.get(name).map(async_nats::HeaderValue::as_str);
    let shown = headers
        .iter()
        .filter(|(name, _)| !PLACE.contains(&AsRef::<str>::as_ref(*name)))
        .map(|(name, values)| {
            let values: Vec<&str> = values.iter().map(async_nats::HeaderValue::as_str).collect();
            (AsRef::<str>::as_ref(name).to_owned(), values.join(", "))
        });
    Some(Message {
        seq: get("Nats-Sequence")?.parse().ok()?,
        ts: clock::parse(get("Nats-Time-Stamp")?)?,
        subject: get("Nats-Subject")?.to_owned(),
        payload_bytes: u64::try_from(payload).unwrap_or(u64::MAX),
        headers: bounded(shown),
    })
}

/// What the server says of a message in its headers, beside the message's own.
const PLACE: [&str; 7] = [
    "Nats-Stream",
    "Nats-Sequence",
    "Nats-Time-Stamp",
    "Nats-Subject",
    "Nats-Num-Pending",
    "Nats-Last-Sequence",
    "Nats-UpTo-Sequence",
];

fn of_reply(reply: Part<'_>) -> Option<(Message, Bytes)> {
    let part = reply.at("/message")?;
    let decoded = |pointer| {
        part.text(pointer)
            .and_then(|text| STANDARD.decode(text).ok())
            .unwrap_or_default()
    };
    let (headers, payload) = (decoded("/hdrs"), decoded("/data"));
    let text = String::from_utf8_lossy(&headers);
    let lines = text.lines().skip(1).filter_map(|line| line.split_once(':'));
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in lines {
        joined
            .entry(name.trim().to_owned())
            .and_modify(|values| *values = format!("{values}, {}", value.trim()))
            .or_insert_with(|| value.trim().to_owned());
    }
    let message = Message {
        seq: part.number("/seq")?,
        ts: part.time("/time")?,
        subject: part.text("/subject")?,
        payload_bytes: u64::try_from(payload.len()).unwrap_or(u64::MAX),
        headers: bounded(joined.into_iter()),
    };
    Some((message, payload.into()))
}

fn bounded(headers: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let cut = |(name, value): (String, String)| (name, value.chars().take(LONGEST_HEADER).collect());
    headers.take(MOST_HEADERS).map(cut).collect()
}

/// The beginning of a message's payload.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    /// The message.
    pub message: Message,
    /// At most as many bytes as were asked for.
    pub bytes: Bytes,
}

/// Reads the payload of one message, for who has asked to see it: the first `limit` bytes. `None` if there is no such message.
///
/// # Errors
/// In words: there is no connection, or the user may not.
pub async fn payload(nats: &Nats, query: &Query, limit: usize) -> Result<Option<Payload>, String> {
    let link = Link::open(nats).await?;
    let connected = tokio::time::timeout(WITHIN, link.connected()).await;
    if connected.is_err() {
        return Err(link.why().unwrap_or_else(|| "no connection".to_owned()));
    }
    let filter = query.filter_subjects.first().map_or(">", String::as_str);
    let found = get(&link, &mut Meter::default(), query, filter).await;
    let found = found.map_err(|failure| failure.to_string())?;
    Ok(found.map(|(message, bytes)| Payload {
        message,
        bytes: bytes.slice(..limit.min(bytes.len())),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_api_is_read_with_its_headers_and_without_its_payload() {
        let headers = STANDARD.encode("NATS/1.0\r\nPx-V: 2\r\nTag: a\r\nTag: b\r\n\r\n");
        let reply = json!({"message": {"subject": "api.get.users", "seq": 7, "hdrs": headers, "data": STANDARD.encode("hello"),
            "time": "2026-08-20T10:11:12Z"}});
        let (message, payload) = of_reply(Part(&reply)).unwrap();
        assert_eq!(
            (message.seq, message.payload_bytes, payload),
            (7, 5, Bytes::from_static(b"hello"))
        );
        let headers: Vec<(&str, &str)> = message
            .headers
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(headers, [("Px-V", "2"), ("Tag", "a, b")]);
    }

    #[test]
    fn what_is_kept_of_headers_is_bounded() {
        let headers = (0..100).map(|number| (format!("h{number:03}"), "x".repeat(10_000)));
        let kept = bounded(headers);
        assert_eq!(kept.len(), MOST_HEADERS);
        assert!(kept.values().all(|value| value.len() == LONGEST_HEADER));
    }
}
