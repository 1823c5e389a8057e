//! A nats-server that is not there, goes away, or stalls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use contract::definition;
use serde_json::json;
use testbed::nats::Server;

use crate::client::{get, request};
use crate::system::{Running, STREAM, System, until};
use crate::worker::{self, ok};

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_without_nats_says_so_and_recovers_by_itself() {
    let mut nats = Server::start().unwrap();
    nats.kill().unwrap();
    let proxy = Running::start(&nats.url(), |_| {});
    let answer = get(proxy.address, "/things").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.problem()["title"], "Message broker unreachable");
    assert_eq!(
        get(proxy.address, "/nowhere").await.status,
        404,
        "the table needs no broker"
    );
    until("the reason is known", || {
        proxy.trouble("nats").is_some_and(|why| why.contains("refused"))
    })
    .await;

    nats.restart().unwrap();
    until("the lack of a stream is known", || {
        let why = proxy.trouble("streams");
        why.is_some_and(|why| why.contains("no stream takes") && why.contains("ratectl streams apply"))
    })
    .await;
    nats.apply(&definition::parse("streams.yaml", STREAM).unwrap())
        .await
        .unwrap();
    proxy.ready().await;
    let _worker = worker::start(&nats, |_| Some(ok("back"))).await;
    assert_eq!(get(proxy.address, "/things").await.text(), "back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_survives_a_restart_of_the_broker() {
    let on_disk = STREAM.replace("storage: memory", "storage: file");
    let mut system = System::start_with(&on_disk, |_| {}).await;
    let address = system.address();
    let asked = tokio::spawn(async move { request(address, "POST", "/things", &[], b"{}").await });
    loop {
        let info = system
            .nats
            .jetstream("STREAM.INFO.REQUESTS", &json!(null))
            .await
            .unwrap();
        if info["state"]["messages"] == 1 {
            break;
        }
    }
    system.nats.restart().unwrap();
    system.proxy.ready().await;
    let _worker = worker::start(&system.nats, |_| Some(ok("survived"))).await;
    assert_eq!(asked.await.unwrap().text(), "survived");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_broker_is_gone_requests_fail_at_once() {
    let mut system = System::start().await;
    system.nats.kill().unwrap();
    until("the loss is noticed", || system.proxy.trouble("nats").is_some()).await;
    let answer = request(system.address(), "POST", "/things", &[], b"{}").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_broker_costs_no_more_than_the_deadline_and_nothing_is_done_twice() {
    let system = System::start().await;
    let done = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&done);
    let _worker = worker::start(&system.nats, move |request| {
        if request.path.segments() == ["things"] {
            count.fetch_add(1, Ordering::Relaxed);
        }
        Some(ok("done"))
    })
    .await;
    system.nats.pause().unwrap();
    let address = system.address();
    let patient = tokio::spawn(async move { request(address, "POST", "/things", &[], b"{}").await });
    assert_eq!(get(address, "/quick").await.status, 504);
    // Both publishes of the patient request lie in the socket now; the stream is to store one.
    until("it was published again", || {
        system.proxy.metric("proxy_republished_messages_total") >= 1
    })
    .await;
    system.nats.resume().unwrap();
    assert_eq!(patient.await.unwrap().status, 200);
    assert_eq!(get(address, "/things/1").await.status, 200);
    assert_eq!(done.load(Ordering::Relaxed), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_acknowledges_nothing_makes_the_proxy_not_ready() {
    let nats = Server::start().unwrap();
    let mute = json!({"name": "MUTE", "subjects": ["api.>"], "storage": "memory", "no_ack": true});
    nats.jetstream("STREAM.CREATE.MUTE", &mute).await.unwrap();
    let proxy = Running::start(&nats.url(), |_| {});
    until("the reason is given", || {
        proxy
            .trouble("streams")
            .is_some_and(|why| why.contains("acknowledges nothing"))
    })
    .await;
}
