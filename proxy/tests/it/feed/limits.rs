//! Too many clients, too slow ones, and the end of the proxy.

use std::time::{Duration, Instant};

use runtime::lifecycle::Reason;

use super::follower::Follower;
use super::stage::Stage;
use crate::client::get;
use crate::system::until;

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_limited_in_all_and_by_address() {
    let stage = Stage::set().await;
    let proxy = stage
        .proxy(|config| {
            config.feed.max_clients = 2;
            config.feed.max_clients_per_address = 1;
            config.feed.trusted_hops = 1;
        })
        .await;
    let from = |address: &'static str| [("X-Forwarded-For", address)];
    let first = Follower::open(proxy.address, None).await;
    let refused = get(proxy.address, "/events").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("5")));
    assert_eq!(refused.problem()["title"], "Too many clients");
    let mut second = crate::client::Connection::open(proxy.address).await;
    second
        .send(&crate::client::bytes(
            "GET",
            "/events",
            &from("6.6.6.6, 192.0.2.9"),
            b"",
        ))
        .await;
    until("two are there", || proxy.metric("feed_clients") == 2).await;
    let full = crate::client::request(proxy.address, "GET", "/events", &from("192.0.2.10"), b"").await;
    assert_eq!((full.status, full.header("retry-after")), (503, Some("5")));
    assert_eq!(proxy.metric("feed_refused_total{reason=\"address\"}"), 1);
    assert_eq!(proxy.metric("feed_refused_total{reason=\"clients\"}"), 1);
    drop(first);
    until("the seat is free", || proxy.metric("feed_clients") == 1).await;
    assert_eq!(Follower::open(proxy.address, None).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_is_closed_with_a_reason_and_costs_the_others_nothing() {
    let stage = Stage::set().await;
    let proxy = stage
        .proxy(|config| {
            config.shards = 1;
            config.feed.buffer_events = 64;
        })
        .await;
    let mut slow = Follower::open_narrow(proxy.address).await;
    slow.snapshot().await;
    let mut quick = Follower::open(proxy.address, None).await;
    quick.snapshot().await;
    let filler = "x".repeat(100_000);
    // More than the system and the server hold for one connection.
    let count = 200;
    for number in 0..count {
        let event = format!("{{\"n\":{number},\"filler\":\"{filler}\"}}");
        let sent = stage
            .jetstream
            .publish("events.number.counted", event.into())
            .await;
        sent.unwrap().await.unwrap();
        assert_eq!(quick.numbers(1).await, [number]);
    }
    // What it had coming is still sent, then the reason.
    let mut last = slow.next().await.unwrap();
    let mut expected = 0;
    while last.kind == "message" {
        assert_eq!(last.json()["data"]["n"], expected);
        expected += 1;
        last = slow.next().await.unwrap();
    }
    assert_eq!(
        (last.kind.as_str(), last.data.as_str()),
        ("closed", r#"{"reason":"slow"}"#)
    );
    assert_eq!(slow.any().await, None);
    assert!(expected < count, "it was to be too slow");
    assert_eq!(proxy.metric("feed_closed_slow_total"), 1);
    // It goes on where it was.
    let mut resumed = Follower::open(proxy.address, Some(expected)).await;
    let rest: Vec<_> = (expected..count).collect();
    assert_eq!(resumed.numbers(rest.len()).await, rest);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_clients_are_told_to_reconnect_and_the_end_comes_soon() {
    let stage = Stage::set().await;
    let proxy = stage.proxy(|_| {}).await;
    let mut followers = Vec::new();
    for _ in 0..4 {
        let mut follower = Follower::open(proxy.address, None).await;
        follower.snapshot().await;
        followers.push(follower);
    }
    let begun = Instant::now();
    proxy.shutdown.drain(Reason::Requested);
    for mut follower in followers {
        let drain = follower.next().await.unwrap();
        assert_eq!(drain.kind, "drain");
        assert_eq!(drain.json()["retry"].as_u64(), drain.retry);
        assert_eq!(follower.any().await, None);
    }
    until("the proxy has ended", || proxy.task.is_finished()).await;
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "long before the drain's time is over"
    );
}
