//! Events are committed with what causes them.

use std::collections::BTreeMap;
use std::time::Duration;

use rating_service::domain::Timestamp;
use rating_service::store::Leadership;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::world::World;

pub(super) async fn each_change_causes_one_event_in_order(world: &World) {
    let (user, service) = (world.user("ada").await, world.service("a").await);
    let path = format!("/ratings/{}", world.rating(&user, &service, 1).await);
    let racers = (0..20).map(|score| {
        let (api, ask) = (
            world.api.clone(),
            Ask::put(&path, "*", &json!({"score": score % 6})),
        );
        tokio::spawn(async move { api.answer(&ask.0).await.unwrap() })
    });
    for racer in racers.collect::<Vec<_>>() {
        assert_eq!(racer.await.unwrap().status, 200);
    }
    let last = world.ask(&Ask::get(&path)).await;
    assert_eq!(world.ask(&Ask::delete(&path)).await.status, 204);
    let events = world.events().await;
    assert!(events.is_sorted_by_key(|event| event.sequence));
    let mut histories: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in &events {
        let kind = event.aggregate.as_str();
        histories
            .entry(kind)
            .or_default()
            .push((event.version, event.happening.as_str()));
    }
    assert_eq!(histories["user"], [(1, "created")]);
    assert_eq!(histories["service"], [(1, "created")]);
    let mut expected = vec![(1, "created")];
    expected.extend((2..=21).map(|version| (version, "updated")));
    expected.push((22, "deleted"));
    assert_eq!(histories["rating"], expected);
    let payload: Value = serde_json::from_slice(&events.last().unwrap().payload).unwrap();
    assert_eq!(
        payload,
        serde_json::from_slice::<Value>(&last.body).unwrap(),
        "the end shows what ended"
    );
}

pub(super) async fn refused_changes_cause_none(world: &World) {
    let (user, service) = (world.user("ada").await, world.service("a").await);
    let other = world.user("bob").await;
    world.rating(&user, &service, 1).await;
    let before = world.events().await.len();
    let good = json!({"userId": other, "serviceId": service, "score": 1});
    let taken = json!({"userId": user, "serviceId": service, "score": 1});
    let refused = [
        (Ask::post("/ratings", &json!({"items": [good, taken]})), 409),
        (Ask::post("/ratings", &taken), 409),
        (
            Ask::put(
                &format!("/users/{user}"),
                "\"v9\"",
                &json!({"name": "x", "email": "x@y"}),
            ),
            412,
        ),
        (Ask::delete(&format!("/users/{user}")), 409),
    ];
    for (ask, status) in refused {
        for ask in [
            ask.clone(),
            ask.again().header("idempotency-key", &status.to_string()),
        ] {
            let reply = world.ask(&ask).await;
            assert!(reply.status == status || reply.status == 422, "{reply:?}");
        }
    }
    assert_eq!(world.events().await.len(), before);
}

pub(super) async fn published_events_are_not_offered_again(world: &World) {
    for name in ["a", "b", "c"] {
        world.user(name).await;
    }
    let mut leadership = Leadership::new(world.store.clone());
    assert!(leadership.acquire().await.unwrap());
    let events = leadership.unpublished(2).await.unwrap();
    leadership
        .mark_published(events.iter().map(|event| event.sequence).collect())
        .await
        .unwrap();
    let rest = leadership.unpublished(10).await.unwrap();
    assert_eq!((events.len(), rest.len()), (2, 1));
    assert_eq!(
        world.store.oldest_unpublished().await.unwrap(),
        Some(rest[0].created_at)
    );
    leadership.mark_published(vec![rest[0].sequence]).await.unwrap();
    assert_eq!(world.store.oldest_unpublished().await.unwrap(), None);
    let (past, future) = (
        Timestamp::from_unix_millis(0),
        Timestamp::from_unix_millis(i64::MAX),
    );
    assert_eq!(world.store.purge(past, past).await.unwrap(), 0);
    assert_eq!(world.store.purge(past, future).await.unwrap(), 3);
}

pub(super) async fn one_process_at_a_time_publishes(world: &World) {
    let (mut one, mut other) = (
        Leadership::new(world.store.clone()),
        Leadership::new(world.store.clone()),
    );
    assert!(one.acquire().await.unwrap());
    assert!(one.acquire().await.unwrap(), "still");
    assert!(!other.acquire().await.unwrap());
    assert!(other.unpublished(1).await.unwrap().is_empty());
    one.release().await;
    // The server gives the lock back when it has seen the connection close.
    let mut taken = false;
    for _ in 0..500 {
        taken = other.acquire().await.unwrap();
        if taken {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(taken, "within 10 s");
    assert!(!one.acquire().await.unwrap());
}
