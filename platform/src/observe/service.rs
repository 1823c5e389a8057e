//! Services: what their instances answer to `$SRV.STATS` (ADR-32).

use std::time::{Duration, Instant};

use async_nats::{Message, StatusCode};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::Value;
use snapshot::sample::{Body, EndpointSample, ServiceData, ServiceSample, ServicesSample};

use super::link::{Link, Trouble};
use super::outlet::Outlet;
use super::pace::Pace;
use super::reply::Part;

const QUESTION: &str = "$SRV.STATS";
/// How long a poll may take in all, and how long after an answer another one is waited for.
const TOTAL: Duration = Duration::from_secs(1);
const STALL: Duration = Duration::from_millis(300);
/// Instances that are looked at; answers of more are dropped.
const MOST_INSTANCES: usize = 500;

/// Polls as often until nobody listens.
pub(super) async fn run(link: Link, mut outlet: Outlet, interval: Duration) {
    let mut pace = Pace::patient(interval);
    loop {
        while !link.is_connected() {
            outlet.connecting(link.why()).await;
            link.changed().await;
        }
        outlet.interval = Some(pace.pause());
        match poll(&link, &mut outlet).await {
            Ok(services) => {
                pace.faster();
                let interval_ms = u64::try_from(pace.pause().as_millis()).unwrap_or(u64::MAX);
                outlet
                    .send(Body::Services(ServicesSample {
                        services,
                        interval_ms,
                    }))
                    .await;
                outlet.up().await;
            }
            Err(Trouble::Disconnected) => continue,
            Err(trouble) => {
                pace.slower();
                outlet.meter.failed();
                outlet.down(&format!("cannot ask for services: {trouble}")).await;
            }
        }
        tokio::select! {
            () = pace.wait() => {}
            () = link.lost() => {}
        }
    }
}

/// One question to everybody, and all answers to it.
async fn poll(link: &Link, outlet: &mut Outlet) -> Result<Vec<ServiceSample>, Trouble> {
    let inbox = link.client().new_inbox();
    let mut answers = link.subscribe(&inbox).await?;
    let refused = link.refused_publish(QUESTION);
    tokio::pin!(refused);
    let asked = Instant::now();
    let question = link.client().publish_with_reply(QUESTION, inbox, Bytes::new());
    question
        .await
        .map_err(|error| Trouble::Other(error.to_string()))?;
    let mut services: Vec<ServiceSample> = Vec::new();
    // Before the first answer there is nothing that could stall.
    let mut until = asked + TOTAL;
    loop {
        let answer = tokio::select! {
            answer = tokio::time::timeout_at(until.into(), answers.next()) => answer,
            () = &mut refused => return Err(Trouble::Denied(QUESTION.to_owned())),
            () = link.lost() => return Err(Trouble::Disconnected),
        };
        let Ok(Some(answer)) = answer else {
            return Ok(services);
        };
        if answer.status == Some(StatusCode::NO_RESPONDERS) {
            outlet.meter.answered(answer.length, asked.elapsed());
            return Ok(services);
        }
        let after = asked.elapsed();
        if services.is_empty() {
            outlet.meter.answered(answer.length, after);
        } else {
            outlet.meter.received(answer.length);
        }
        if services.len() < MOST_INSTANCES {
            services.extend(read(&answer, after));
        }
        until = (asked + TOTAL).min(Instant::now() + STALL);
    }
}

fn read(answer: &Message, after: Duration) -> Option<ServiceSample> {
    let value: Value = serde_json::from_slice(&answer.payload).ok()?;
    service(Part(&value), after)
}

/// One instance; `None` for what does not say who it is.
fn service(part: Part<'_>, after: Duration) -> Option<ServiceSample> {
    Some(ServiceSample {
        name: part.text("/name")?,
        id: part.text("/id")?,
        version: part.text("/version").unwrap_or_default(),
        metadata: part.map("/metadata"),
        started_ns: part.time("/started"),
        round_trip_ms: Some(after.as_secs_f64() * 1e3),
        endpoints: part.list("/endpoints").filter_map(endpoint).collect(),
    })
}

fn endpoint(part: Part<'_>) -> Option<EndpointSample> {
    Some(EndpointSample {
        name: part.text("/name")?,
        subject: part.text("/subject").unwrap_or_default(),
        queue_group: part.text("/queue_group"),
        num_requests: part.number("/num_requests").unwrap_or(0),
        num_errors: part.number("/num_errors").unwrap_or(0),
        last_error: last_error(part),
        processing_time_ns: part.number("/processing_time").unwrap_or(0),
        data: part.at("/data").and_then(|data| ServiceData::from_value(data.0)),
    })
}

/// A text in what libraries send, an object in ADR-32.
fn last_error(part: Part<'_>) -> Option<String> {
    let described = || part.text("/last_error/description");
    part.text("/last_error").or_else(described)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case(&json!("500:broken"), Some("500:broken"); "as libraries send it")]
    #[test_case(&json!({"code": 500, "description": "broken"}), Some("broken"); "as it is specified")]
    #[test_case(&json!(""), None; "none")]
    fn the_last_error_is_read_in_both_forms(error: &Value, expected: Option<&str>) {
        let reply = json!({"name": "a", "id": "1", "endpoints": [{"name": "e", "last_error": error, "data": {"other": true}}]});
        let service = service(Part(&reply), Duration::from_millis(5)).unwrap();
        assert_eq!(service.endpoints[0].last_error.as_deref(), expected);
        assert_eq!((service.round_trip_ms, service.started_ns), (Some(5.0), None));
        assert_eq!(service.endpoints[0].data, None);
    }

    #[test]
    fn who_does_not_say_who_it_is_is_nobody() {
        assert_eq!(service(Part(&json!({"name": "a"})), Duration::ZERO), None);
        assert_eq!(service(Part(&json!([])), Duration::ZERO), None);
    }
}
