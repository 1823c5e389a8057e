//! The whole service: requests through a real work queue, either envelope, and what happens to it.

use std::time::Duration;

use contract::envelope::Version;
use rating_service::store::Settings;
use rating_service::{Config, Error};
use runtime::lifecycle::{Reason, Shutdown};
use serde_json::json;
use sqlx::Connection as _;
use tempfile::TempDir;
use test_case::test_case;
use testbed::nats::Server;
use tokio::task::JoinHandle;

use crate::ask::{Answer as _, Ask};
use crate::bus::{Proxy, published};
use crate::world::{cluster, eventually};

/// A running service.
struct Service {
    shutdown: Shutdown,
    task: JoinHandle<Result<(), Error>>,
}

impl Service {
    fn start(config: &Config) -> Self {
        let shutdown = Shutdown::new();
        let task = tokio::spawn(rating_service::run(config.clone(), None, shutdown.clone()));
        Self { shutdown, task }
    }

    async fn stop(self) {
        self.shutdown.drain(Reason::Requested);
        self.task.await.unwrap().unwrap();
    }
}

fn config(server: &Server, folder: &TempDir) -> Config {
    let database = format!("sqlite:{}", folder.path().join("ratings.db").display());
    let layers = Config::layers()
        .unwrap()
        .flag("test", "admin_listen", "127.0.0.1:0");
    layers
        .flag("test", "nats.urls", server.url())
        .flag("test", "database.url", database)
        .load()
        .unwrap()
}

fn user(name: &str) -> Ask {
    Ask::post(
        "/users",
        &json!({"name": name, "email": format!("{name}@example.org")}),
    )
}

#[test_case(Version::V2 ; "in envelopes of version 2")]
#[test_case(Version::V1 ; "in envelopes of version 1")]
#[tokio::test(flavor = "multi_thread")]
async fn requests_from_the_queue_are_served(version: Version) {
    let (server, folder) = (Server::start().unwrap(), tempfile::tempdir().unwrap());
    server.apply_repository().await.unwrap();
    let service = Service::start(&config(&server, &folder));
    let proxy = Proxy::new(&server, "api").await;
    let ask = async |ask: Ask| proxy.ask(version, &ask).await;

    let created = ask(user("ada").header("idempotency-key", "k1")).await;
    assert_eq!(created.status, 201, "{:?}", created.body);
    let path = format!("/users/{}", created.id());
    assert_eq!(
        (created.etag(), created.header("location")),
        ("\"v1\"", Some(format!("/api{path}").as_str()))
    );
    let replayed = ask(user("ada").header("idempotency-key", "k1")).await;
    assert_eq!(
        (replayed.id(), replayed.header("idempotency-replayed")),
        (created.id(), Some("true"))
    );
    let reviewed = ask(Ask::post("/services", &json!({"name": "parser"}))).await.id();
    let rating = json!({"userId": created.id(), "serviceId": reviewed, "score": 5});
    let rated = ask(Ask::post("/ratings", &json!({"items": [rating]}))).await;
    assert_eq!((rated.status.as_u16(), rated.ids().len()), (201, 1));
    assert_eq!(
        ask(Ask::get(&format!("/ratings?userId={}&limit=1", created.id())))
            .await
            .ids(),
        rated.ids()
    );
    let summary = ask(Ask::get(&format!("/services/{reviewed}/summary")))
        .await
        .json();
    assert_eq!((&summary["count"], &summary["mean"]), (&json!(1), &json!(5.0)));
    let replacement = json!({"name": "Ada", "email": "ada@example.org"});
    assert_eq!(
        ask(Ask::put(&path, "\"v1\"", &replacement)).await.etag(),
        "\"v2\""
    );
    assert_eq!(ask(Ask::put(&path, "\"v1\"", &replacement)).await.status, 412);
    let refused = ask(Ask::post("/users", &json!({"name": "x"}))).await;
    assert_eq!(
        (refused.status.as_u16(), refused.fields()),
        (422, vec!["/email".to_owned()])
    );
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!(
        ask(Ask::new(http::Method::PATCH, "/users")).await.header("allow"),
        Some("GET, HEAD, POST")
    );
    assert_eq!(
        ask(Ask::delete(&format!("/ratings?id={}", rated.ids()[0])))
            .await
            .status,
        204
    );
    eventually("all events", async || published(&server).await.len() == 5).await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_prefix_serves_the_subjects_of_the_original() {
    let (server, folder) = (Server::start().unwrap(), tempfile::tempdir().unwrap());
    let definitions = "
apiVersion: jetstream.nats.io/v1beta2
kind: Stream
metadata: {name: requests}
spec: {name: REQUESTS, subjects: [get.users, post.users], retention: workqueue, storage: file}
---
apiVersion: jetstream.nats.io/v1beta2
kind: Consumer
metadata: {name: rating-service}
spec: {streamName: REQUESTS, durableName: rating-service, ackPolicy: explicit}
";
    let definitions = contract::definition::parse("test", definitions).unwrap();
    server.apply(&definitions).await.unwrap();
    let mut config = config(&server, &folder);
    config.prefix = String::new();
    let service = Service::start(&config);
    let proxy = Proxy::new(&server, "").await;
    assert_eq!(proxy.ask(Version::V1, &user("ada")).await.status, 201);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_delivered_twice_is_executed_once() {
    let (server, folder) = (Server::start().unwrap(), tempfile::tempdir().unwrap());
    server.apply_repository().await.unwrap();
    let service = Service::start(&config(&server, &folder));
    let proxy = Proxy::new(&server, "api").await;
    let ask = user("ada");
    let first = proxy.ask(Version::V2, &ask).await;
    let second = proxy.ask(Version::V2, &ask).await;
    assert_eq!((first.status.as_u16(), &second), (201, &first));
    assert_eq!(proxy.ask(Version::V2, &Ask::get("/users")).await.ids().len(), 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_started_before_everything_else_serves_when_it_is_there() {
    let (mut server, folder) = (Server::start().unwrap(), tempfile::tempdir().unwrap());
    server.stop().unwrap();
    let mut config = config(&server, &folder);
    // A file where the database's folder should be: it cannot be opened.
    let blocked = folder.path().join("data");
    std::fs::write(&blocked, "").unwrap();
    config.database.location = format!("sqlite:{}", blocked.join("ratings.db").display())
        .parse()
        .unwrap();
    let service = Service::start(&config);
    server.restart().unwrap();
    server.apply_repository().await.unwrap();
    let proxy = Proxy::new(&server, "api").await;
    // A request that came before the worker had found its consumer gets no answer.
    let short = Duration::from_secs(2);
    let refused = async || {
        proxy
            .try_ask(Version::V2, &user("ada"), short)
            .await
            .is_some_and(|reply| reply.status == 503)
    };
    eventually("a request is told that the database is away", refused).await;
    std::fs::remove_file(&blocked).unwrap();
    assert_eq!(proxy.ask(Version::V2, &user("ada")).await.status, 201);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waits_beyond_its_deadline_is_not_begun() {
    let (server, folder) = (Server::start().unwrap(), tempfile::tempdir().unwrap());
    server.apply_repository().await.unwrap();
    let service = Service::start(&config(&server, &folder));
    let proxy = Proxy::new(&server, "api").await;
    assert_eq!(proxy.ask(Version::V2, &user("first")).await.status, 201);
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("ratings.db"));
    let mut other = sqlx::SqliteConnection::connect_with(&file).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let late = proxy
        .try_ask(Version::V2, &user("late"), Duration::from_secs(2))
        .await;
    if let Some(reply) = late {
        // Right before the deadline the client can only be told that nobody knows.
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["outcome"]),
            (503, &json!("unknown"))
        );
    }
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(proxy.ask(Version::V2, &user("next")).await.status, 201);
    let names = proxy.ask(Version::V2, &Ask::get("/users")).await.json();
    let names: Vec<_> = names["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["name"].clone())
        .collect();
    assert_eq!(names, ["first", "next"]);
    service.stop().await;
}

/// Cuts all connections to the database, again and again, while clients write.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_lost_and_found_loses_and_doubles_nothing() {
    let Some(cluster) = cluster() else { return };
    let (server, folder) = (Server::start().unwrap(), tempfile::tempdir().unwrap());
    server.apply_repository().await.unwrap();
    let url = cluster.create_database().unwrap();
    let config = Config {
        database: Settings::new(url.parse().unwrap()),
        ..config(&server, &folder)
    };
    let service = Service::start(&config);
    let proxy = Proxy::new(&server, "api").await;
    assert_eq!(proxy.ask(Version::V2, &user("first")).await.status, 201);
    let mut axe = sqlx::PgConnection::connect(&url).await.unwrap();
    let cut = async {
        for _ in 0..20 {
            let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rating-service'";
            sqlx::query(all).execute(&mut axe).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let writers = (0..8).map(|writer| {
        let proxy = &proxy;
        async move {
            for number in 0..20 {
                let ask = user(&format!("w{writer}n{number}"));
                assert_eq!(proxy.ask(Version::V2, &ask).await.status, 201);
            }
        }
    });
    tokio::join!(cut, futures_util::future::join_all(writers));
    assert_eq!(
        proxy
            .ask(Version::V2, &Ask::get("/users?limit=200"))
            .await
            .ids()
            .len(),
        161
    );
    eventually("all events", async || published(&server).await.len() == 161).await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_ended_and_what_was_kept_is_there_after_a_restart() {
    let (server, folder) = (Server::start().unwrap(), tempfile::tempdir().unwrap());
    server.apply_repository().await.unwrap();
    let config = config(&server, &folder);
    let service = Service::start(&config);
    let proxy = Proxy::new(&server, "api").await;
    assert_eq!(proxy.ask(Version::V2, &user("first")).await.status, 201);
    let asks: Vec<_> = (0..50).map(|number| user(&format!("u{number}"))).collect();
    let answers = futures_util::future::join_all(asks.iter().map(|ask| proxy.ask(Version::V2, ask)));
    let restart = async {
        // Some requests are answered by this service, the others wait in the queue for the next one.
        service.stop().await;
        Service::start(&config)
    };
    let (answers, next) = tokio::join!(answers, restart);
    assert!(answers.iter().all(|reply| reply.status == 201), "{answers:?}");
    assert_eq!(
        proxy
            .ask(Version::V2, &Ask::get("/users?limit=200"))
            .await
            .ids()
            .len(),
        51
    );
    eventually("all events", async || published(&server).await.len() == 51).await;
    next.stop().await;
}
