//! Many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use contract::envelope::Reply;
use rating_service::store::{Location, Settings, Store};
use serde_json::json;

use crate::ask::{Answer as _, Ask};
use crate::world::{World, eventually};

/// Sends all at once, alternately to two processes, and returns the answers.
async fn all_at_once(world: &World, asks: Vec<Ask>) -> Vec<Reply> {
    let apis = [world.api.clone(), world.neighbour().await];
    let tasks: Vec<_> = asks
        .into_iter()
        .zip(apis.iter().cycle().cloned())
        .map(|(ask, api)| tokio::spawn(async move { api.answer(&ask.0).await.unwrap() }))
        .collect();
    let mut replies = Vec::new();
    for task in tasks {
        replies.push(task.await.unwrap());
    }
    replies
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies
        .iter()
        .filter(|reply| reply.status.as_u16() == status)
        .count()
}

pub(super) async fn of_n_racers_on_one_version_one_wins(world: &World) {
    let user = world.user("ada").await;
    let service = world.service("a").await;
    let path = format!("/ratings/{}", world.rating(&user, &service, 0).await);
    for round in 1..=4 {
        let known = format!("\"v{round}\"");
        let race = (0..24)
            .map(|racer| Ask::put(&path, &known, &json!({"score": racer % 6})))
            .collect();
        let replies = all_at_once(world, race).await;
        assert_eq!((count(&replies, 200), count(&replies, 412)), (1, 23));
        let next = format!("\"v{}\"", round + 1);
        assert!(
            replies.iter().all(|reply| reply.etag() == next),
            "winner and losers are told the same version"
        );
        let winner = replies.iter().find(|reply| reply.status == 200).unwrap();
        assert_eq!(world.ask(&Ask::get(&path)).await.body, winner.body);
    }
}

pub(super) async fn of_n_users_with_one_address_one_is_created(world: &World) {
    let rush = (0..24).map(|number| {
        Ask::post(
            "/users",
            &json!({"name": format!("n{number}"), "email": "one@example.org"}),
        )
    });
    let replies = all_at_once(world, rush.collect()).await;
    assert_eq!((count(&replies, 201), count(&replies, 409)), (1, 23));
    // The same by PUT, where the databases notice it later.
    let mut paths = Vec::new();
    for number in 0..8 {
        paths.push(format!("/users/{}", world.user(&format!("u{number}")).await));
    }
    let rush = paths
        .iter()
        .map(|path| Ask::put(path, "*", &json!({"name": "x", "email": "two@example.org"})));
    let replies = all_at_once(world, rush.collect()).await;
    assert_eq!((count(&replies, 200), count(&replies, 409)), (1, 7));
}

pub(super) async fn crossing_lists_do_not_hurt_each_other(world: &World) {
    let service = world.service("a").await;
    let mut items = Vec::new();
    for number in 0..10 {
        let user = world.user(&format!("u{number}")).await;
        items.push(json!({"userId": user, "serviceId": service, "score": 1}));
    }
    let backwards: Vec<_> = items.iter().rev().cloned().collect();
    let rush = (0..12).map(|number| {
        let items = if number % 2 == 0 { &items } else { &backwards };
        Ask::post("/ratings", &json!({"items": items}))
    });
    let replies = all_at_once(world, rush.collect()).await;
    assert_eq!((count(&replies, 201), count(&replies, 409)), (1, 11));
}

/// Ratings come in pairs of 0 and 5, so any true picture has a mean of 2.5.
pub(super) async fn a_summary_is_right_while_many_write(world: &World) {
    let service = world.service("a").await;
    let path = format!("/services/{service}/summary");
    assert_eq!(
        world.ask(&Ask::get(&path)).await.json(),
        json!({
            "serviceId": service, "count": 0, "mean": null, "histogram": [0, 0, 0, 0, 0, 0]
        })
    );
    let mut pairs = Vec::new();
    for number in 0..24 {
        let (one, other) = (
            world.user(&format!("a{number}")).await,
            world.user(&format!("b{number}")).await,
        );
        pairs.push(json!({"items": [
            {"userId": one, "serviceId": service, "score": 0}, {"userId": other, "serviceId": service, "score": 5}
        ]}));
    }
    let done = Arc::new(AtomicBool::new(false));
    let watcher = tokio::spawn({
        let (api, path, done) = (world.api.clone(), path.clone(), Arc::clone(&done));
        async move {
            let mut pictures = 0;
            while !done.load(Ordering::Relaxed) || pictures == 0 {
                let summary = api.answer(&Ask::get(&path).0).await.unwrap().json();
                let zeros = summary["histogram"][0].as_i64().unwrap();
                assert_eq!(summary["histogram"], json!([zeros, 0, 0, 0, 0, zeros]));
                assert_eq!(summary["count"], json!(2 * zeros));
                assert_eq!(summary["mean"].as_f64(), (zeros > 0).then_some(2.5));
                pictures += 1;
            }
        }
    });
    let replies = all_at_once(
        world,
        pairs.iter().map(|pair| Ask::post("/ratings", pair)).collect(),
    )
    .await;
    done.store(true, Ordering::Relaxed);
    watcher.await.unwrap();
    assert_eq!(count(&replies, 201), 24);
    let rating = replies[0].ids()[0].clone();
    world
        .ask(&Ask::put(
            &format!("/ratings/{rating}"),
            "*",
            &json!({"score": 2}),
        ))
        .await;
    world
        .ask(&Ask::delete(&format!("/ratings/{}", replies[0].ids()[1])))
        .await;
    let summary = world.ask(&Ask::get(&path)).await.json();
    assert_eq!(
        (&summary["count"], &summary["histogram"]),
        (&json!(47), &json!([23, 0, 1, 0, 0, 23]))
    );
}

pub(super) async fn a_locked_database_is_waited_for(world: &World) {
    let before = world.user("before").await;
    let lock = world.lock().await;
    let waiting = tokio::spawn({
        let api = world.api.clone();
        let ask = Ask::post("/users", &json!({"name": "ada", "email": "ada@example.org"}));
        async move { api.answer(&ask.0).await.unwrap() }
    });
    if let Location::Sqlite(_) = world.location {
        // Readers do not care. (On PostgreSQL the lock that this test takes keeps them out too.)
        assert_eq!(
            world.ask(&Ask::get(&format!("/users/{before}"))).await.status,
            200
        );
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!waiting.is_finished(), "the lock is real");
    lock.release().await;
    assert_eq!(waiting.await.unwrap().status, 201);
}

pub(super) async fn several_starting_processes_make_one_schema(world: &World) {
    // The world's own database has its schema already, so a new one is needed beside it.
    let location = match &world.location {
        Location::Sqlite(file) => Location::Sqlite(file.with_file_name("second.db")),
        Location::Postgres(url) => {
            let name = format!("several_{}", uuid::Uuid::now_v7().simple());
            let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(url)
                .await
                .unwrap();
            let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
            sqlx::query(create).execute(&mut connection).await.unwrap();
            Location::Postgres(format!("{}/{name}", url.rsplit_once('/').unwrap().0))
        }
    };
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let location = location.clone();
            tokio::spawn(async move {
                let store = Store::open(&Settings::new(location)).unwrap();
                // A process that meets another one opening the same new file may have to try again, as the service does.
                eventually("the schema", async || match store.prepare().await {
                    Ok(()) => true,
                    Err(error) => {
                        assert!(error.is_transient(), "{}", error.chain());
                        false
                    }
                })
                .await;
                store.ping().await.unwrap();
                store.close().await;
            })
        })
        .collect();
    for process in starting {
        process.await.unwrap();
    }
}
