//! A stream that loses events, and a server that goes away.

use serde_json::json;

use super::follower::Follower;
use super::stage::{EVENTS, Stage};
use crate::client::get;
use crate::system::until;

#[tokio::test(flavor = "multi_thread")]
async fn events_the_stream_has_dropped_are_answered_with_a_snapshot() {
    let stage = Stage::set().await;
    stage.count(0..20).await;
    let proxy = stage.proxy(|_| {}).await;
    stage
        .nats
        .jetstream("STREAM.PURGE.EVENTS", &json!({"seq": 11}))
        .await
        .unwrap();
    let mut whole = Follower::open(proxy.address, Some(10)).await;
    assert_eq!(whole.numbers(10).await, (10..20).collect::<Vec<_>>());
    let mut torn = Follower::open(proxy.address, Some(9)).await;
    assert_eq!(torn.snapshot().await, 20);
    let mut ahead = Follower::open(proxy.address, Some(21)).await;
    assert_eq!(ahead.snapshot().await, 20);
    stage.count(20..21).await;
    for follower in [&mut whole, &mut torn, &mut ahead] {
        assert_eq!(follower.numbers(1).await, [20]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_missed_more_than_is_read_again_begins_anew() {
    let stage = Stage::set().await;
    stage.count(0..50).await;
    let proxy = stage.proxy(|config| config.feed.max_replay = 10).await;
    assert_eq!(
        Follower::open(proxy.address, Some(40))
            .await
            .numbers(10)
            .await
            .len(),
        10
    );
    assert_eq!(Follower::open(proxy.address, Some(39)).await.snapshot().await, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_made_anew_is_a_snapshot_for_everybody() {
    let stage = Stage::set().await;
    let proxy = stage.proxy(|_| {}).await;
    let mut follower = Follower::open(proxy.address, None).await;
    follower.snapshot().await;
    stage.count(0..5).await;
    follower.numbers(5).await;
    stage
        .nats
        .jetstream("STREAM.DELETE.EVENTS", &json!(null))
        .await
        .unwrap();
    let streams = contract::definition::parse("streams.yaml", EVENTS).unwrap();
    stage.nats.apply(&streams).await.unwrap();
    assert_eq!(follower.snapshot().await, 0);
    stage.count(5..8).await;
    assert_eq!(follower.numbers(3).await, [5, 6, 7]);
    // Such a place may be one of the old stream.
    let mut doubtful = Follower::open(proxy.address, Some(5)).await;
    assert_eq!(doubtful.snapshot().await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_nats_loses_and_doubles_nothing() {
    let mut stage = Stage::set().await;
    let proxy = stage.proxy(|_| {}).await;
    let mut follower = Follower::open(proxy.address, None).await;
    follower.snapshot().await;
    stage.count(0..100).await;
    follower.numbers(100).await;
    stage.nats.kill().unwrap();
    until("the loss is noticed", || proxy.trouble("nats").is_some()).await;
    // What is in memory needs no server.
    let mut resumed = Follower::open(proxy.address, Some(90)).await;
    assert_eq!(resumed.numbers(10).await, (90..100).collect::<Vec<_>>());
    let unseen = get(proxy.address, "/events?subject=events.other").await;
    assert_eq!((unseen.status, unseen.header("retry-after")), (503, Some("1")));
    stage.nats.restart().unwrap();
    stage.count(100..200).await;
    for follower in [&mut follower, &mut resumed] {
        assert_eq!(follower.numbers(100).await, (100..200).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_stream_the_feed_says_so() {
    let stage = Stage::set().await;
    let proxy = stage.proxy(|_| {}).await;
    stage
        .nats
        .jetstream("STREAM.DELETE.EVENTS", &json!(null))
        .await
        .unwrap();
    let answer = get(proxy.address, "/events").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")));
    let problem = answer.problem();
    assert_eq!(problem["title"], "Feed unavailable");
    assert!(
        problem["detail"].as_str().unwrap().contains("stream not found"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_stream_drops_before_it_is_read_is_no_silent_gap() {
    let stage = Stage::set().await;
    let small = EVENTS.replace("discard: old", "discard: old\n  maxMsgs: 5");
    let streams = contract::definition::parse("streams.yaml", &small).unwrap();
    stage.nats.apply(&streams).await.unwrap();
    let proxy = stage.proxy(|_| {}).await;
    let mut follower = Follower::open(proxy.address, None).await;
    let mut last = follower.snapshot().await;
    for number in 0..5000 {
        let event = format!("{{\"n\":{number}}}");
        let sent = stage
            .jetstream
            .publish("events.number.counted", event.into())
            .await
            .unwrap();
        if number % 500 == 499 {
            sent.await.unwrap();
        }
    }
    while last < 5000 {
        let event = follower.next().await.unwrap();
        let Some(id) = event.id else {
            // Too slow, on a busy machine.
            follower = Follower::open(proxy.address, Some(last)).await;
            continue;
        };
        match event.kind.as_str() {
            "snapshot" => assert!(id >= last, "{id} after {last}"),
            _ => assert_eq!(id, last + 1, "something is missing, and nobody said so"),
        }
        last = id;
    }
}
