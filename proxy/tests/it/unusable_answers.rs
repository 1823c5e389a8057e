//! Answers that cannot be passed on, come too late, or are forged.

use async_nats::HeaderMap;
use serde_json::json;
use test_case::test_case;

use crate::client::get;
use crate::system::{System, until};
use crate::worker::{StandIn, ok, read};

#[test_case(Some("99"), "x"; "a status below those of http")]
#[test_case(Some("100"), "x"; "an interim status")]
#[test_case(Some("0"), "x"; "no status")]
#[test_case(Some("600"), "x"; "a status above those of http")]
#[test_case(Some("1000"), "x"; "four digits")]
#[test_case(Some("two hundred"), "x"; "words")]
#[test_case(None, "no json"; "neither version")]
#[test_case(None, ""; "nothing")]
#[test_case(None, r#"{"statusCode":0,"body":{}}"#; "version 1 without a status")]
#[test_case(None, r#"{"statusCode":200,"headers":{"a b":"c"}}"#; "version 1 with a header that is none")]
#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_answer_is_a_bad_gateway(status: Option<&str>, payload: &'static str) {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = system.address();
    let asked = tokio::spawn(async move { get(address, "/things").await });
    let message = stand_in.next().await;
    let mut headers = HeaderMap::new();
    headers.insert("X-Other", "1");
    if let Some(status) = status {
        headers.insert("Px-Status", status);
    }
    stand_in.answer_raw(&message, headers, payload).await;
    let answer = asked.await.unwrap();
    assert_eq!(answer.status, 502);
    let problem = answer.problem();
    assert_eq!(
        (&problem["title"], &problem["outcome"]),
        (&json!("Unusable answer"), &json!("unknown"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_over_the_limit_is_a_bad_gateway() {
    let system = System::start_with(crate::system::STREAM, |config| config.max_answer_bytes = 1000).await;
    let _worker = crate::worker::start(&system.nats, |request| {
        let size: usize = request.path.segments()[1].parse().unwrap();
        Some(ok(vec![b'x'; size]))
    })
    .await;
    assert_eq!(get(system.address(), "/things/1000").await.status, 200);
    assert_eq!(get(system.address(), "/things/1001").await.status, 502);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_in_time_is_a_504_of_unknown_outcome() {
    let system = System::start().await;
    let started = std::time::Instant::now();
    let answer = get(system.address(), "/quick").await;
    assert!(started.elapsed().as_millis() >= 300, "not before the deadline");
    assert_eq!(answer.status, 504);
    let problem = answer.problem();
    assert_eq!(
        (&problem["outcome"], &problem["instance"]),
        (&json!("unknown"), &json!("/quick"))
    );
    assert_eq!(system.proxy.metric("proxy_pending_requests"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_late_doubled_or_forged_reaches_nobody_else() {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = system.address();
    let asked = tokio::spawn(async move { get(address, "/quick").await });
    let late = stand_in.next().await;
    assert_eq!(asked.await.unwrap().status, 504);
    // The next request may get the same slot; the old answer must not be taken for its own.
    let asked = tokio::spawn(async move { get(address, "/things").await });
    let message = stand_in.next().await;
    stand_in.answer(&late, &ok("of the request before")).await;
    let mut forged = read(&message).reply_to;
    let last = if forged.ends_with('0') { "1" } else { "0" };
    forged.replace_range(forged.len() - 1.., last);
    stand_in.client.publish(forged, "forged".into()).await.unwrap();
    stand_in.answer(&message, &ok("its own")).await;
    stand_in.answer(&message, &ok("its own, again")).await;
    assert_eq!(asked.await.unwrap().text(), "its own");
    until("late answers are counted", || {
        system.proxy.metric("proxy_late_replies_total") >= 3
    })
    .await;
}
