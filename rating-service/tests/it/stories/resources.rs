//! Users, services and ratings, one request at a time.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::ask::{Answer as _, Ask};
use crate::world::World;

const NOBODY: &str = "01932c07-209c-7d3e-8f3a-2b1c4d5e6f70";

pub(super) async fn each_kind_is_created_read_replaced_and_deleted(world: &World) {
    let user = world.user("ada").await;
    let service = world.service("parser").await;
    let cases = [
        (
            "users",
            json!({"name": "Bob", "email": "Bob@Example.org"}),
            json!({"name": "Rob", "email": "bob@example.org"}),
        ),
        (
            "services",
            json!({"name": "Lexer", "description": "fast"}),
            json!({"name": "Lexer 2"}),
        ),
        (
            "ratings",
            json!({"userId": user, "serviceId": service, "score": 4, "comment": " good "}),
            json!({"score": 5}),
        ),
    ];
    for (collection, content, replacement) in cases {
        let item = is_created(world, collection, &content).await;
        is_replaced(world, &item, &replacement).await;
        is_deleted(world, &item, &replacement).await;
    }
}

/// The path of what is created.
async fn is_created(world: &World, collection: &str, content: &Value) -> String {
    let created = world.ask(&Ask::post(&format!("/{collection}"), content)).await;
    assert_eq!(
        (created.status.as_u16(), created.etag()),
        (201, "\"v1\""),
        "{created:?}"
    );
    let item = format!("/{collection}/{}", created.id());
    assert_eq!(created.header("location"), Some(format!("/api{item}").as_str()));
    assert_eq!(created.header("content-type"), Some("application/json"));
    assert_eq!(created.id().as_bytes()[14], b'7', "ids are UUIDv7");
    assert!(created.json()["createdAt"].as_str().unwrap().ends_with('Z'));
    let read = world.ask(&Ask::get(&item)).await;
    assert_eq!(
        (read.status.as_u16(), &read.body, read.etag()),
        (200, &created.body, "\"v1\"")
    );
    let list = world.ask(&Ask::get(&format!("/{collection}"))).await;
    assert!(list.ids().contains(&created.id()));
    item
}

async fn is_replaced(world: &World, item: &str, replacement: &Value) {
    let without = world.ask(&Ask::new(Method::PUT, item).json(replacement)).await;
    assert_eq!(without.status, 428);
    let replaced = world.ask(&Ask::put(item, "\"v1\"", replacement)).await;
    assert_eq!(
        (replaced.status.as_u16(), replaced.etag()),
        (200, "\"v2\""),
        "{replaced:?}"
    );
    let stale = world.ask(&Ask::put(item, "\"v1\"", replacement)).await;
    assert_eq!((stale.status.as_u16(), stale.etag()), (412, "\"v2\""));
    // What was read can be sent back.
    let same = Ask::put(item, "W/\"v2\", \"v9\", \"v2\"", &replaced.json());
    let same = world.ask(&same).await;
    assert_eq!((same.status.as_u16(), same.etag()), (200, "\"v3\""), "{same:?}");
    assert_eq!(same.json()["createdAt"], replaced.json()["createdAt"]);
    assert_eq!(
        world.ask(&Ask::put(item, "*", replacement)).await.etag(),
        "\"v4\""
    );
}

async fn is_deleted(world: &World, item: &str, replacement: &Value) {
    let stale = world.ask(&Ask::delete(item).header("if-match", "\"v1\"")).await;
    assert_eq!((stale.status.as_u16(), stale.etag()), (412, "\"v4\""));
    let deleted = world.ask(&Ask::delete(item).header("if-match", "\"v4\"")).await;
    assert_eq!((deleted.status.as_u16(), deleted.body.len()), (204, 0));
    for gone in [
        Ask::get(item),
        Ask::delete(item),
        Ask::put(item, "*", replacement),
    ] {
        assert_eq!(world.ask(&gone).await.status, 404);
    }
}

pub(super) async fn an_address_belongs_to_one_user_whatever_its_case(world: &World) {
    let ada = world.user("ada").await;
    let bob = world.user("bob").await;
    let taken = world
        .ask(&Ask::post(
            "/users",
            &json!({"name": "x", "email": "ADA@example.org"}),
        ))
        .await;
    assert_eq!(
        (taken.status.as_u16(), taken.fields()),
        (409, vec!["/email".to_owned()])
    );
    let path = format!("/users/{bob}");
    let taken = world
        .ask(&Ask::put(
            &path,
            "*",
            &json!({"name": "x", "email": "Ada@Example.org"}),
        ))
        .await;
    assert_eq!(
        (taken.status.as_u16(), taken.fields()),
        (409, vec!["/email".to_owned()])
    );
    assert_eq!(world.ask(&Ask::get(&path)).await.etag(), "\"v1\"");
    let own = json!({"name": "x", "email": "ADA@EXAMPLE.ORG"});
    assert_eq!(
        world
            .ask(&Ask::put(&format!("/users/{ada}"), "*", &own))
            .await
            .status,
        200
    );
}

pub(super) async fn a_user_rates_a_service_once(world: &World) {
    let (user, service, other) = (
        world.user("ada").await,
        world.service("a").await,
        world.service("b").await,
    );
    let rating = world.rating(&user, &service, 3).await;
    let twice = json!({"userId": user, "serviceId": service, "score": 4});
    let refused = world.ask(&Ask::post("/ratings", &twice)).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.fields(), ["/userId", "/serviceId"]);
    // A rating stays where it is, so it cannot be moved onto another either.
    let moved = json!({"userId": user, "serviceId": other, "score": 4});
    let refused = world
        .ask(&Ask::put(&format!("/ratings/{rating}"), "*", &moved))
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.fields()),
        (422, vec!["/serviceId".to_owned()])
    );
    assert_eq!(
        world
            .ask(&Ask::delete(&format!("/ratings?id={rating}")))
            .await
            .status,
        204
    );
    world.rating(&user, &service, 5).await;
}

pub(super) async fn what_is_missing_or_still_in_use_is_named(world: &World) {
    let (user, service) = (world.user("ada").await, world.service("a").await);
    let both = json!({"userId": NOBODY, "serviceId": NOBODY, "score": 1});
    let refused = world.ask(&Ask::post("/ratings", &both)).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.fields(), ["/userId", "/serviceId"]);
    let one = json!({"userId": user, "serviceId": NOBODY, "score": 1});
    assert_eq!(
        world.ask(&Ask::post("/ratings", &one)).await.fields(),
        ["/serviceId"]
    );
    for path in ["users", "services", "ratings"] {
        assert_eq!(
            world.ask(&Ask::get(&format!("/{path}/{NOBODY}"))).await.status,
            404
        );
    }
    assert_eq!(
        world
            .ask(&Ask::get(&format!("/services/{NOBODY}/summary")))
            .await
            .status,
        404
    );

    let rating = world.rating(&user, &service, 0).await;
    for path in [format!("/users/{user}"), format!("/services/{service}")] {
        assert_eq!(world.ask(&Ask::delete(&path)).await.status, 409);
        assert_eq!(world.ask(&Ask::get(&path)).await.status, 200);
    }
    world.ask(&Ask::delete(&format!("/ratings/{rating}"))).await;
    for path in [format!("/users/{user}"), format!("/services/{service}")] {
        assert_eq!(world.ask(&Ask::delete(&path)).await.status, 204);
    }
}

pub(super) async fn a_list_of_ratings_is_created_wholly_or_not_at_all(world: &World) {
    let service = world.service("a").await;
    let mut items = Vec::new();
    for number in 0..20 {
        let user = world.user(&format!("user{number}")).await;
        items.push(json!({"userId": user, "serviceId": service, "score": number % 6}));
    }
    let mut wrong = items.clone();
    wrong[17]["serviceId"] = json!(NOBODY);
    let refused = world.ask(&Ask::post("/ratings", &json!({"items": wrong}))).await;
    assert_eq!(
        (refused.status.as_u16(), refused.fields()),
        (422, vec!["/items/17/serviceId".to_owned()])
    );
    wrong[17] = items[3].clone();
    let refused = world.ask(&Ask::post("/ratings", &json!({"items": wrong}))).await;
    assert_eq!(refused.status, 409, "the same pair twice in one list");
    assert!(world.ask(&Ask::get("/ratings")).await.ids().is_empty());

    let created = world.ask(&Ask::post("/ratings", &json!({"items": items}))).await;
    assert_eq!(created.status, 201, "{:?}", created.body);
    let list = created.json();
    let created_items = list["items"].as_array().unwrap();
    assert_eq!(created_items.len(), 20);
    for (asked, made) in items.iter().zip(created_items) {
        assert_eq!(
            (&asked["userId"], &asked["score"]),
            (&made["userId"], &made["score"]),
            "in the order asked"
        );
    }
    assert_eq!(world.ask(&Ask::get("/ratings")).await.ids().len(), 20);
}

pub(super) async fn several_ratings_are_deleted_wholly_or_not_at_all(world: &World) {
    let user = world.user("ada").await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let service = world.service(name).await;
        ids.push(world.rating(&user, &service, 1).await);
    }
    let refused = world
        .ask(&Ask::delete(&format!("/ratings?ids={},{NOBODY}", ids[0])))
        .await;
    assert_eq!(refused.status, 404);
    assert_eq!(world.ask(&Ask::get("/ratings")).await.ids().len(), 4);
    assert_eq!(
        world
            .ask(&Ask::delete(&format!("/ratings?ids={},{}", ids[0], ids[1])))
            .await
            .status,
        204
    );
    let body = json!({"ids": [ids[2], ids[3]]});
    assert_eq!(world.ask(&Ask::delete("/ratings").json(&body)).await.status, 204);
    assert!(world.ask(&Ask::get("/ratings")).await.ids().is_empty());
}

pub(super) async fn ratings_are_filtered_and_picked(world: &World) {
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let (lexer, parser) = (world.service("lexer").await, world.service("parser").await);
    let mut ids = Vec::new();
    for (user, service) in [(&ada, &lexer), (&ada, &parser), (&bob, &lexer)] {
        ids.push(world.rating(user, service, 2).await);
    }
    let list = async |query: String| world.ask(&Ask::get(&format!("/ratings?{query}"))).await.ids();
    assert_eq!(list(format!("userId={ada}")).await, ids[..2]);
    assert_eq!(
        list(format!("serviceId={lexer}")).await,
        [ids[0].clone(), ids[2].clone()]
    );
    assert_eq!(list(format!("userId={ada}&serviceId={parser}")).await, ids[1..2]);
    assert_eq!(list(format!("userId={bob}&serviceId={parser}")).await, [""; 0]);
    assert_eq!(
        list(format!("ids={},{NOBODY},{}", ids[2], ids[0])).await,
        [ids[2].clone(), ids[0].clone()]
    );
}

pub(super) async fn pages_neither_repeat_nor_miss_what_was_there_before(world: &World) {
    let mut before = BTreeSet::new();
    for number in 0..25 {
        before.insert(world.user(&format!("before{number}")).await);
    }
    let mut seen = Vec::new();
    let mut target = "/users?limit=7".to_owned();
    for round in 0.. {
        let page = world.ask(&Ask::get(&target)).await;
        assert_eq!(page.status, 200);
        seen.extend(page.ids());
        let Value::String(cursor) = &page.json()["next"] else {
            break;
        };
        target = format!("/users?limit=7&cursor={cursor}");
        if round < 3 {
            world.user(&format!("during{round}")).await;
        }
    }
    let distinct: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(distinct.len(), seen.len(), "nothing twice");
    assert!(before.is_subset(&distinct), "nothing left out");
    assert_eq!(seen.len(), 28, "what is created meanwhile comes last");
    let exact = world.ask(&Ask::get("/users?limit=28")).await.json();
    assert_eq!(exact["next"], Value::Null, "a full last page has no next");
}

pub(super) async fn a_client_that_has_the_version_is_not_sent_it(world: &World) {
    let path = format!("/users/{}", world.user("ada").await);
    let not_modified = world
        .ask(&Ask::get(&path).header("if-none-match", "\"v7\", W/\"v1\""))
        .await;
    assert_eq!(
        (
            not_modified.status.as_u16(),
            not_modified.etag(),
            not_modified.body.len()
        ),
        (304, "\"v1\"", 0)
    );
    assert_eq!(
        world
            .ask(&Ask::get(&path).header("if-none-match", "\"v2\""))
            .await
            .status,
        200
    );
    let head = world.ask(&Ask::new(Method::HEAD, &path)).await;
    assert_eq!((head.status.as_u16(), head.etag()), (200, "\"v1\""));
}

/// The longest page of the longest ratings, in characters of four bytes.
pub(super) async fn the_longest_page_fits_into_a_message(world: &World) {
    let service = world.service("a").await;
    let comment = "\u{10348}".repeat(1_000);
    for number in 0..200 {
        let user = world.user(&format!("u{number}")).await;
        let body = json!({"userId": user, "serviceId": service, "score": 5, "comment": comment});
        assert_eq!(world.ask(&Ask::post("/ratings", &body)).await.status, 201);
    }
    let page = world.ask(&Ask::get("/ratings?limit=200")).await;
    assert_eq!(page.ids().len(), 200);
    assert!(
        page.body.len() < 1_000_000,
        "{} bytes leave no room for headers",
        page.body.len()
    );
}
