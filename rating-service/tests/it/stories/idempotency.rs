//! A write is executed once, whoever repeats it.

use rating_service::api::NoAnswer;
use rating_service::domain::Timestamp;
use serde_json::json;

use crate::ask::{Answer as _, Ask};
use crate::world::{World, eventually};

fn keyed(name: &str, key: &str) -> Ask {
    Ask::post(
        "/users",
        &json!({"name": name, "email": format!("{name}@example.org")}),
    )
    .header("idempotency-key", key)
}

async fn users(world: &World) -> usize {
    world.ask(&Ask::get("/users")).await.ids().len()
}

pub(super) async fn a_repeated_key_replays_the_stored_answer(world: &World) {
    let first = world.ask(&keyed("ada", "k1")).await;
    assert_eq!(
        (first.status.as_u16(), first.header("idempotency-replayed")),
        (201, None)
    );
    let neighbour = world.neighbour().await;
    for reply in [
        world.ask(&keyed("ada", "k1")).await,
        neighbour.answer(&keyed("ada", "\"k1\"").0).await.unwrap(),
    ] {
        assert_eq!((reply.status, &reply.body), (first.status, &first.body));
        assert_eq!(
            (reply.etag(), reply.header("location")),
            (first.etag(), first.header("location"))
        );
        assert_eq!(reply.header("idempotency-replayed"), Some("true"));
    }
    assert_eq!(users(world).await, 1);
    assert_eq!(world.events().await.len(), 1);
}

pub(super) async fn a_refusal_is_replayed_too(world: &World) {
    let id = world.user("ada").await;
    let refused = world.ask(&keyed("ada", "k1")).await;
    assert_eq!(refused.status, 409);
    world.ask(&Ask::delete(&format!("/users/{id}"))).await;
    let replayed = world.ask(&keyed("ada", "k1")).await;
    assert_eq!((replayed.status, &replayed.body), (refused.status, &refused.body));
    assert_eq!(replayed.header("idempotency-replayed"), Some("true"));
    assert_eq!(world.ask(&keyed("ada", "k2")).await.status, 201);
}

pub(super) async fn a_key_stands_for_one_content_one_path_and_one_method(world: &World) {
    let first = world.ask(&keyed("ada", "k1")).await;
    let other = world.ask(&keyed("bob", "k1")).await;
    assert_eq!(
        (other.status.as_u16(), other.fields()),
        (422, vec!["Idempotency-Key".to_owned()])
    );
    assert_eq!(users(world).await, 1);
    let elsewhere = Ask::post("/services", &json!({"name": "a"})).header("idempotency-key", "k1");
    assert_eq!(world.ask(&elsewhere).await.status, 201);
    let path = format!("/users/{}", first.id());
    let put =
        Ask::put(&path, "\"v1\"", &json!({"name": "x", "email": "x@y"})).header("idempotency-key", "k1");
    assert_eq!(world.ask(&put).await.status, 200);
    assert_eq!(
        world.ask(&put.again()).await.status,
        200,
        "a repeated PUT is not stale"
    );
    let delete = Ask::delete(&path).header("idempotency-key", "k1");
    assert_eq!(world.ask(&delete).await.status, 204);
    assert_eq!(
        world.ask(&delete.again()).await.status,
        204,
        "a repeated DELETE still succeeds"
    );
}

pub(super) async fn of_two_concurrent_requests_with_one_key_one_is_told_to_wait(world: &World) {
    let lock = world.lock().await;
    let first = tokio::spawn({
        let api = world.api.clone();
        async move { api.answer(&keyed("ada", "k1").0).await.unwrap() }
    });
    let second = tokio::spawn({
        let api = world.api.clone();
        async move { api.answer(&keyed("ada", "k1").0).await.unwrap() }
    });
    // Whichever is second is answered while the database is still locked for the other.
    eventually("one of two answers", async || {
        first.is_finished() || second.is_finished()
    })
    .await;
    lock.release().await;
    let (one, other) = (first.await.unwrap(), second.await.unwrap());
    let (told, made) = if one.status == 409 {
        (one, other)
    } else {
        (other, one)
    };
    assert_eq!(
        (told.status.as_u16(), told.fields()),
        (409, vec!["Idempotency-Key".to_owned()])
    );
    assert_eq!(made.status, 201, "{:?}", made.body);
    let replayed = world.ask(&keyed("ada", "k1")).await;
    assert_eq!((replayed.status.as_u16(), &replayed.body), (201, &made.body));
}

pub(super) async fn a_redelivered_request_gets_its_first_answer(world: &World) {
    let neighbour = world.neighbour().await;
    let twice = async |ask: &Ask| {
        let first = world.ask(ask).await;
        assert!(first.status.is_success(), "{first:?}");
        let again = neighbour.answer(&ask.0).await.unwrap();
        assert_eq!(again, first, "byte for byte, and not marked as a replay");
        first
    };
    let created = twice(&Ask::post(
        "/users",
        &json!({"name": "ada", "email": "ada@example.org"}),
    ))
    .await;
    let path = format!("/users/{}", created.id());
    twice(&Ask::put(
        &path,
        "\"v1\"",
        &json!({"name": "ada l", "email": "ada@example.org"}),
    ))
    .await;
    assert_eq!(world.ask(&Ask::get(&path)).await.etag(), "\"v2\"");
    twice(&Ask::delete(&path)).await;
    twice(&keyed("bob", "k1")).await;
    assert_eq!(world.events().await.len(), 4);
}

pub(super) async fn a_redelivery_that_meets_its_first_delivery_waits(world: &World) {
    let ask = keyed("ada", "k1");
    let lock = world.lock().await;
    let deliver = || {
        let (api, request) = (world.api.clone(), ask.0.clone());
        tokio::spawn(async move { api.answer(&request).await })
    };
    let (first, second) = (deliver(), deliver());
    eventually("one of two deliveries", async || {
        first.is_finished() || second.is_finished()
    })
    .await;
    lock.release().await;
    let results = [first.await.unwrap(), second.await.unwrap()];
    assert_eq!(
        results
            .iter()
            .filter(|result| matches!(result, Err(NoAnswer::InProgress)))
            .count(),
        1
    );
    assert_eq!(
        results
            .iter()
            .filter(|result| result.as_ref().is_ok_and(|reply| reply.status == 201))
            .count(),
        1
    );
    assert_eq!(world.ask(&ask).await.status, 201);
    assert_eq!(users(world).await, 1);
}

pub(super) async fn old_answers_are_purged(world: &World) {
    let ask = keyed("ada", "k1");
    world.ask(&ask).await;
    let (past, future) = (
        Timestamp::from_unix_millis(0),
        Timestamp::from_unix_millis(i64::MAX),
    );
    assert_eq!(world.store.purge(past, past).await.unwrap(), 0);
    assert_eq!(world.ask(&ask.again()).await.status, 201, "still replayed");
    assert_eq!(
        world.store.purge(future, future).await.unwrap(),
        1,
        "events not yet published stay"
    );
    assert_eq!(
        world.ask(&ask.again()).await.status,
        409,
        "executed again, and the address is taken"
    );
    assert_eq!(world.events().await.len(), 1);
}
