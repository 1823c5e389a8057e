//! Many clients over three proxies, while everything breaks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use super::follower::Follower;
use super::stage::{Stage, publish};
use crate::system::until;

const EVENTS: u64 = 600;
const ACTIVE: usize = 90;
const IDLE: usize = 1000;

/// What all clients share.
struct Crowd {
    proxies: Vec<SocketAddr>,
    begun: AtomicUsize,
    /// Raised to have everybody connect anew.
    calls: watch::Receiver<u64>,
}

/// Follows until it has seen `wanted`, over whichever proxy is there; panics at the first event that is not the next.
async fn follow(crowd: Arc<Crowd>, home: usize, target: &'static str, wanted: Vec<u64>) {
    let mut calls = crowd.calls.clone();
    let mut last = None;
    let mut seen = 0;
    for attempt in home.. {
        let address = crowd.proxies[attempt % crowd.proxies.len()];
        let Some(mut follower) = Follower::attempt(address, target, last).await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        loop {
            let event = tokio::select! {
                event = follower.next() => event,
                called = calls.changed() => {
                    called.unwrap();
                    None
                }
            };
            let Some(event) = event else { break };
            match event.kind.as_str() {
                "snapshot" => {
                    assert_eq!(last, None, "nothing was lost, so nobody begins anew");
                    crowd.begun.fetch_add(1, Relaxed);
                }
                "message" => {
                    assert_eq!(event.json()["data"]["n"].as_u64(), wanted.get(seen).copied());
                    seen += 1;
                }
                // On a busy machine a client may be too slow: it goes on where it was.
                "closed" | "drain" => break,
                other => panic!("nobody said {other}"),
            }
            last = event.id;
            if seen == wanted.len() {
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_of_three_proxies_sees_every_event_once_and_in_order() {
    let mut stage = Stage::set().await;
    let mut proxies = Vec::new();
    for _ in 0..3 {
        proxies.push(stage.proxy(|config| config.feed.buffer_events = 200).await);
    }
    let (call, calls) = watch::channel(0);
    let crowd = Arc::new(Crowd {
        proxies: proxies.iter().map(|proxy| proxy.address).collect(),
        begun: AtomicUsize::new(0),
        calls,
    });
    let quiet = "/events?subject=events.quiet.%3E";
    let mut clients = Vec::new();
    for index in 0..ACTIVE + IDLE {
        let (target, wanted) = if index < ACTIVE {
            ("/events", (0..EVENTS).collect())
        } else {
            (quiet, vec![0, EVENTS - 1])
        };
        clients.push(tokio::spawn(follow(Arc::clone(&crowd), index, target, wanted)));
    }
    until("everybody is there", || {
        crowd.begun.load(Relaxed) == ACTIVE + IDLE
    })
    .await;
    for number in 0..EVENTS {
        let subject = match number {
            0 => "events.quiet.first",
            number if number == EVENTS - 1 => "events.quiet.last",
            _ => "events.number.counted",
        };
        publish(&stage.jetstream, subject, number).await;
        match number {
            150 => call.send(1).unwrap(),
            300 => proxies[0].task.abort(),
            450 => stage.nats.restart().unwrap(),
            _ => {}
        }
    }
    for client in join_all(clients).await {
        client.unwrap();
    }
    let resumed: u64 = proxies[1..]
        .iter()
        .map(|proxy| proxy.metric("feed_resumed_total"))
        .sum();
    assert!(resumed >= (ACTIVE + IDLE) as u64, "all came back at least once");
}
