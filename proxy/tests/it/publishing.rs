//! Between publish and acknowledgement: whatever a stream may say, or not say.

use std::time::Duration;

use contract::headers::{HeaderSource as _, names};
use runtime::nats::Incoming;
use serde_json::json;
use test_case::test_case;

use crate::client::{get, request};
use crate::system::System;
use crate::worker::{StandIn, ok, read};

fn header(message: &async_nats::Message, name: &str) -> Option<String> {
    Incoming(message.headers.as_ref()).first(name).map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_acknowledgement_leads_to_one_more_publish_under_the_same_id() {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = system.address();
    let asked = tokio::spawn(async move { get(address, "/things").await });
    let first = stand_in.next().await;
    let second = stand_in.next().await;
    for name in [names::ID, names::NATS_MSG_ID, names::REPLY] {
        assert_eq!(header(&first, name), header(&second, name));
    }
    assert_eq!(header(&first, names::NATS_MSG_ID), header(&first, names::ID));
    assert_eq!((read(&first).attempt, read(&second).attempt), (1, 2));
    assert!(
        read(&second).timeout < read(&first).timeout,
        "the second try has less time left"
    );
    stand_in
        .say(&second, r#"{"stream":"REQUESTS","seq":1,"duplicate":true}"#)
        .await;
    stand_in.answer(&second, &ok("answered")).await;
    assert_eq!(asked.await.unwrap().text(), "answered");
    assert_eq!(system.proxy.metric("proxy_republished_messages_total"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_without_its_acknowledgement() {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = system.address();
    let asked = tokio::spawn(async move { get(address, "/things").await });
    let message = stand_in.next().await;
    stand_in.answer(&message, &ok("first")).await;
    assert_eq!(asked.await.unwrap().text(), "first");
    stand_in.acknowledge(&message, 1).await;
    stand_in.answer(&message, &ok("second")).await;
    let late = || system.proxy.metric("proxy_late_replies_total") >= 2;
    crate::system::until("both are counted as late", late).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_acknowledgement_changes_nothing() {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = system.address();
    let asked = tokio::spawn(async move { get(address, "/things").await });
    let message = stand_in.next().await;
    stand_in.acknowledge(&message, 1).await;
    stand_in.acknowledge(&message, 1).await;
    stand_in
        .say(
            &message,
            r#"{"error":{"code":503,"err_code":10077,"description":"too late"}}"#,
        )
        .await;
    stand_in.answer(&message, &ok("answered")).await;
    assert_eq!(asked.await.unwrap().status, 200);
}

#[test_case(503, 10_077, 503, Some("1"))]
#[test_case(503, 10_023, 503, Some("1"))]
#[test_case(429, 10_167, 503, Some("1"))]
#[test_case(503, 10_118, 503, Some("2"))]
#[test_case(400, 10_054, 413, None)]
#[test_case(400, 10_060, 502, None)]
#[test_case(400, 10_166, 502, None)]
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_stream_has_its_status(code: u16, err_code: u64, status: u16, retry: Option<&str>) {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = system.address();
    let asked = tokio::spawn(async move { get(address, "/things").await });
    let message = stand_in.next().await;
    let error = json!({"error": {"code": code, "err_code": err_code, "description": "words of the server"}});
    stand_in.say(&message, error.to_string()).await;
    let answer = asked.await.unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (status, retry));
    let problem = answer.problem();
    assert_eq!(
        (&problem["retryable"], problem.get("outcome")),
        (&json!(retry.is_some()), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_in_place_of_an_acknowledgement_is_a_bad_gateway() {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = system.address();
    let asked = tokio::spawn(async move { get(address, "/things").await });
    let message = stand_in.next().await;
    stand_in.say(&message, "nonsense").await;
    assert_eq!(asked.await.unwrap().status, 502);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_stream_is_a_503_to_try_again() {
    let system = System::start().await;
    let client = system.nats.client().await.unwrap();
    for number in 0..100 {
        client
            .publish(format!("api.get.filler.{number}"), "".into())
            .await
            .unwrap();
    }
    client.flush().await.unwrap();
    let answer = request(system.address(), "POST", "/things", &[], b"{}").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.problem()["title"], "Queue full");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_stream_the_request_is_tried_again_and_then_refused() {
    let system = System::start_without_streams().await;
    let answer = get(system.address(), "/things").await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.problem()["title"], "No queue for this request");
    assert_eq!(system.proxy.metric("proxy_no_responders_total"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_comes_back_in_time_gets_the_request() {
    let system = System::start_without_streams().await;
    let address = system.address();
    // Whether the subscription is there before the last try depends on the machine, so it may take several rounds.
    for _ in 0..20 {
        let asked = tokio::spawn(async move { get(address, "/things").await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut stand_in = StandIn::start(&system.nats).await;
        let Ok(message) = tokio::time::timeout(Duration::from_secs(2), stand_in.next()).await else {
            continue;
        };
        stand_in.acknowledge(&message, 1).await;
        stand_in.answer(&message, &ok("answered")).await;
        assert_eq!(asked.await.unwrap().text(), "answered");
        if read(&message).attempt > 1 {
            return;
        }
    }
    panic!("no request was tried a second time");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_left_travels_as_header_and_as_time_to_live() {
    let system = System::start().await;
    let asked = request(
        system.address(),
        "POST",
        "/things",
        &[("Prefer", "wait=1")],
        b"{}",
    )
    .await;
    assert_eq!(asked.status, 504);
    let client = system.nats.client().await.unwrap();
    let mut stored = client.subscribe("api.>").await.unwrap();
    client.flush().await.unwrap();
    let address = system.address();
    let asked =
        tokio::spawn(async move { request(address, "GET", "/things", &[("Prefer", "wait=3")], b"").await });
    let message = futures_util::StreamExt::next(&mut stored).await.unwrap();
    assert_eq!(header(&message, names::NATS_TTL).as_deref(), Some("3"));
    let timeout = read(&message).timeout.unwrap();
    assert!(
        timeout <= Duration::from_secs(3) && timeout > Duration::from_secs(1),
        "{timeout:?}"
    );
    assert_eq!(asked.await.unwrap().status, 504);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_without_times_to_live_gets_none() {
    let streams = crate::system::STREAM.replace("allowMsgTtl: true", "allowMsgTtl: false");
    let system = System::start_with(&streams, |_| {}).await;
    let client = system.nats.client().await.unwrap();
    let mut stored = client.subscribe("api.>").await.unwrap();
    client.flush().await.unwrap();
    let address = system.address();
    let asked = tokio::spawn(async move { get(address, "/quick").await });
    let message = futures_util::StreamExt::next(&mut stored).await.unwrap();
    assert_eq!(header(&message, names::NATS_TTL), None);
    assert_eq!(asked.await.unwrap().status, 504);
}
