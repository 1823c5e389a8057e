//! What a client is told, and in which order.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;

use super::follower::Follower;
use super::stage::{Stage, publish};
use crate::client::{get, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_a_snapshot_and_then_every_event_with_its_sequence() {
    let stage = Stage::set().await;
    let proxy = stage.proxy(|_| {}).await;
    stage.count(0..3).await;
    let mut follower = Follower::open(proxy.address, None).await;
    let head = follower.head.to_ascii_lowercase();
    for line in [
        "content-type: text/event-stream\r\n",
        "cache-control: no-store\r\n",
        "x-request-id: ",
    ] {
        assert!(head.contains(line), "{head}");
    }
    let opening = follower.any().await.unwrap();
    assert!((500..2500).contains(&opening.retry.unwrap()), "{opening:?}");
    assert_eq!(follower.snapshot().await, 3);
    stage.count(3..5).await;
    let event = follower.next().await.unwrap();
    assert_eq!((event.id, event.kind.as_str()), (Some(4), "message"));
    let document = event.json();
    assert_eq!(
        (&document["subject"], &document["data"]),
        (&json!("events.number.counted"), &json!({"n": 3}))
    );
    assert!(document["time"].as_str().unwrap().ends_with('Z'), "{document}");
    assert_eq!(follower.next().await.unwrap().id, Some(5));
    assert_eq!(proxy.metric("feed_clients"), 1);
    assert_eq!(proxy.metric("feed_snapshots_total"), 1);
    assert_eq!(proxy.metric("feed_events_sent_total"), 2);
    drop(follower);
    crate::system::until("the client is gone", || proxy.metric("feed_clients") == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_resumes_over_another_proxy_from_memory_or_from_the_stream() {
    let stage = Stage::set().await;
    let (first, second) = (
        stage.proxy(|_| {}).await,
        stage.proxy(|config| config.feed.buffer_events = 8).await,
    );
    let mut follower = Follower::open(first.address, None).await;
    assert_eq!(follower.snapshot().await, 0);
    // The second proxy follows from here on, and keeps the last eight.
    assert_eq!(Follower::open(second.address, None).await.snapshot().await, 0);
    stage.count(0..400).await;
    assert_eq!(follower.numbers(400).await, (0..400).collect::<Vec<_>>());
    while Follower::open(second.address, None).await.snapshot().await < 400 {}
    for last in [0, 7, 250, 395, 399] {
        let mut resumed = Follower::open(second.address, Some(last)).await;
        let rest = usize::try_from(400 - last).unwrap();
        assert_eq!(resumed.numbers(rest).await, (last..400).collect::<Vec<_>>());
    }
    assert_eq!(second.metric("feed_resumed_total"), 5);
    assert!(second.metric("feed_replayed_total") >= 392 + 385 + 142);
    let mut level = Follower::open(second.address, Some(400)).await;
    stage.count(400..401).await;
    assert_eq!(level.numbers(1).await, [400]);
}

/// Follows up to the event with this sequence, and resumes where it was too slow: on a busy machine it may be. Where it began, and
/// the numbers it got.
async fn pursue(address: SocketAddr, last: Option<u64>, end: u64) -> (u64, Vec<u64>) {
    let (mut first, mut last) = (last, last);
    let mut numbers = Vec::new();
    loop {
        let mut follower = Follower::open(address, last).await;
        while let Some(event) = follower.next().await {
            match event.kind.as_str() {
                "snapshot" if first.is_none() => first = event.id,
                "message" => numbers.push(event.json()["data"]["n"].as_u64().unwrap()),
                "closed" => break,
                other => panic!("nobody said {other}"),
            }
            last = event.id;
            if last == Some(end) {
                return (first.unwrap(), numbers);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_joins_while_much_is_published_misses_nothing() {
    let stage = Stage::set().await;
    let proxy = stage.proxy(|config| config.feed.buffer_events = 50).await;
    let jetstream = stage.jetstream.clone();
    let publishing = tokio::spawn(async move {
        for number in 0..3000 {
            publish(&jetstream, "events.number.counted", number).await;
        }
    });
    let mut joined = Vec::new();
    for index in 0..24_u64 {
        // Every other client comes back from the beginning, the others begin.
        let last = (index % 2 == 0).then_some(index);
        let address = proxy.address;
        joined.push(tokio::spawn(async move {
            let (first, numbers) = pursue(address, last, 3000).await;
            assert_eq!(numbers, (first..3000).collect::<Vec<_>>());
        }));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for follower in joined {
        follower.await.unwrap();
    }
    publishing.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_takes_its_part_and_a_wrong_one_is_a_problem() {
    let stage = Stage::set().await;
    let proxy = stage.proxy(|config| config.feed.max_filters = 1).await;
    let mut even = Follower::open_at(proxy.address, "/events?subject=events.even.%3E", None).await;
    assert_eq!(even.snapshot().await, 0);
    let mut all = Follower::open(proxy.address, None).await;
    all.snapshot().await;
    for number in 0..10 {
        let subject = if number % 2 == 0 {
            "events.even.counted"
        } else {
            "events.odd.counted"
        };
        stage.count_as(subject, number..number + 1).await;
    }
    assert_eq!(even.numbers(5).await, [0, 2, 4, 6, 8]);
    assert_eq!(all.numbers(10).await, (0..10).collect::<Vec<_>>());
    let mut resumed = Follower::open_at(proxy.address, "/events?subject=events.even.%3E", Some(4)).await;
    assert_eq!(resumed.numbers(3).await, [4, 6, 8]);
    for wrong in [
        "other.%3E",
        "%3E",
        "events.a%0D%0APUB%20x%200",
        "events..a",
        "",
        "events.a&subject=events.b",
    ] {
        let answer = get(proxy.address, &format!("/events?subject={wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(answer.problem()["title"], "Malformed subject");
    }
    let third = get(proxy.address, "/events?subject=events.odd.counted").await;
    assert_eq!((third.status, third.header("retry-after")), (503, Some("5")));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_get_is_served_and_hostile_fields_begin_anew() {
    let stage = Stage::set().await;
    let proxy = stage.proxy(|_| {}).await;
    stage.count(0..2).await;
    assert_eq!(
        request(proxy.address, "HEAD", "/events", &[], b"").await.status,
        200
    );
    for method in ["POST", "DELETE"] {
        let answer = request(proxy.address, method, "/events", &[], b"").await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("GET, HEAD, OPTIONS"))
        );
    }
    let options = request(proxy.address, "OPTIONS", "/events", &[], b"").await;
    assert_eq!(
        (options.status, options.header("allow")),
        (204, Some("GET, HEAD, OPTIONS"))
    );
    let json = request(
        proxy.address,
        "GET",
        "/events",
        &[("Accept", "application/json")],
        b"",
    )
    .await;
    assert_eq!(
        (json.status, &json.problem()["title"]),
        (406, &json!("Not acceptable"))
    );
    for last in [
        "-1",
        "1e3",
        "18446744073709551615",
        "99999999999999999999",
        "7; x",
        "\u{fffd}",
        "3",
    ] {
        let target = format!(
            "/events?last-event-id={}",
            last.replace(' ', "%20").replace('\u{fffd}', "%FF")
        );
        let mut follower = Follower::open_at(proxy.address, &target, None).await;
        assert_eq!(follower.snapshot().await, 2, "{last}");
    }
    let mut known = Follower::open_at(proxy.address, "/events?last-event-id=1", None).await;
    assert_eq!(known.numbers(1).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_filled_with_heartbeats() {
    let stage = Stage::set().await;
    let proxy = stage
        .proxy(|config| config.feed.heartbeat = Duration::from_millis(50))
        .await;
    let mut follower = Follower::open(proxy.address, None).await;
    follower.snapshot().await;
    for _ in 0..3 {
        assert!(follower.any().await.unwrap().comment);
    }
    stage.count(0..1).await;
    assert_eq!(follower.numbers(1).await, [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_switched_off_is_unknown() {
    let stage = Stage::set().await;
    let proxy = stage.proxy(|config| config.feed.enabled = false).await;
    assert_eq!(get(proxy.address, "/events").await.status, 404);
}
