//! Clients that leave before their answer.

use futures_util::StreamExt as _;
use serde_json::json;

use crate::client::{Connection, bytes};
use crate::system::{System, until};
use crate::worker::StandIn;

async fn stored(system: &System) -> u64 {
    let info = system
        .nats
        .jetstream("STREAM.INFO.REQUESTS", &json!(null))
        .await
        .unwrap();
    info["state"]["messages"].as_u64().unwrap()
}

async fn slot_is_free(system: &System) {
    until("the slot is free", || {
        system.proxy.metric("proxy_pending_requests") == 0
    })
    .await;
}

/// The message of a request whose client left before the stream acknowledged it.
async fn published_and_left(system: &System, stand_in: &mut StandIn, request: &[u8]) -> async_nats::Message {
    let mut connection = Connection::open(system.address()).await;
    connection.send(request).await;
    let message = stand_in.next().await;
    drop(connection);
    slot_is_free(system).await;
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_takes_its_queued_message_with_it() {
    let system = System::start().await;
    let mut connection = Connection::open(system.address()).await;
    connection.send(&bytes("POST", "/things", &[], b"{}")).await;
    while stored(&system).await == 0 {
        tokio::task::yield_now().await;
    }
    drop(connection);
    slot_is_free(&system).await;
    until("the removal is confirmed", || {
        system.proxy.metric("proxy_removed_messages_total") == 1
    })
    .await;
    assert_eq!(stored(&system).await, 0);
    assert_eq!(system.proxy.metric("http_clients_gone_total"), 1);
    assert_eq!(system.proxy.metric("http_requests_in_flight"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_acknowledged_after_its_client_left_is_removed_too() {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let mut removals = stand_in
        .client
        .subscribe("$JS.API.STREAM.MSG.DELETE.REQUESTS")
        .await
        .unwrap();
    stand_in.client.flush().await.unwrap();
    let message = published_and_left(&system, &mut stand_in, &bytes("GET", "/things", &[], b"")).await;
    stand_in.acknowledge(&message, 77).await;
    let removal = removals.next().await.unwrap();
    let asked: serde_json::Value = serde_json::from_slice(&removal.payload).unwrap();
    assert_eq!(asked, json!({"seq": 77, "no_erase": true}));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stays_even_if_its_client_leaves() {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let mut removals = stand_in
        .client
        .subscribe("$JS.API.STREAM.MSG.DELETE.*")
        .await
        .unwrap();
    stand_in.client.flush().await.unwrap();
    let message = published_and_left(&system, &mut stand_in, &bytes("POST", "/happenings", &[], b"{}")).await;
    stand_in.acknowledge(&message, 77).await;
    until("the acknowledgement is in", || {
        system.proxy.metric("proxy_late_replies_total") == 1
    })
    .await;
    let none = tokio::time::timeout(std::time::Duration::from_millis(200), removals.next()).await;
    assert!(none.is_err(), "nothing is to be removed");
}
