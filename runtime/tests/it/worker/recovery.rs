//! A worker whose server, stream or consumer goes away and comes back.

use std::sync::Arc;
use std::time::Duration;

use contract::envelope::{Request, Version};
use contract::subject::Codec;
use runtime::lifecycle::Shutdown;
use runtime::worker::{Readiness, Worker};
use runtime::{admin, nats};
use tokio::sync::Notify;

use super::fixture::{Does, Proxy, Running, definitions, echo, eventually, reply, server, settings, within};
use testbed::nats::Server;

const MINUTE: Duration = Duration::from_mins(1);

fn says(readiness: &Readiness, text: &str) -> bool {
    matches!(readiness, Readiness::NotReady(reason) if reason.contains(text))
}

async fn serves(server: &Server) {
    let mut proxy = Proxy::connect(server).await;
    proxy.send(Version::V2, "/users", "works", MINUTE).await;
    assert_eq!(proxy.answer().await.reply.body, "works");
    proxy.queue_is_empty().await;
}

#[tokio::test]
async fn a_missing_stream_makes_it_not_ready_until_somebody_applies_it() {
    let server = Server::start().unwrap();
    let connection = nats::Settings {
        urls: vec![server.url()],
        ..nats::Settings::default()
    };
    let connection = nats::connect(&connection).await.unwrap();
    let admin = admin::Readiness::new(&Shutdown::new());
    let worker = Worker::new(connection, Codec::new("api").unwrap(), settings(), echo()).unwrap();
    let mut worker = Running::of(worker.reporting_to(admin.check("requests")));

    let command = "stream REQUESTS does not exist; create it with `ratectl streams apply`";
    worker.readiness_is(|readiness| says(readiness, command)).await;
    assert_eq!(admin.report().checks[0].reason.as_deref(), Some(command));
    let mut without_consumer = definitions();
    without_consumer.consumers.clear();
    server.apply(&without_consumer).await.unwrap();
    let command = "stream REQUESTS has no consumer worker; create it with `ratectl streams apply`";
    worker.readiness_is(|readiness| says(readiness, command)).await;
    server.apply(&definitions()).await.unwrap();
    worker.ready().await;
    assert!(admin.is_ready());
    serves(&server).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_consumer_deleted_and_made_anew_is_found_again() {
    let server = server().await;
    let proxy = Proxy::connect(&server).await;
    let mut worker = Running::start(&server, settings(), echo()).await;
    worker.ready().await;
    serves(&server).await;
    proxy.info("CONSUMER.DELETE.REQUESTS.worker").await;
    worker
        .readiness_is(|readiness| says(readiness, "has no consumer worker"))
        .await;
    server.apply(&definitions()).await.unwrap();
    worker.ready().await;
    serves(&server).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_consumer_made_anew_before_anybody_looks_is_pulled_from_at_once() {
    let server = server().await;
    let proxy = Proxy::connect(&server).await;
    let mut worker = Running::start(&server, settings(), echo()).await;
    worker.ready().await;
    proxy.info("CONSUMER.DELETE.REQUESTS.worker").await;
    server.apply(&definitions()).await.unwrap();
    serves(&server).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let configuration = r#"
        authorization { users: [{ user: w, password: w, permissions: { publish: ["_PX.>"], subscribe: ["_INBOX.>"] } }] }
    "#;
    let server = Server::start_with(configuration).unwrap();
    let url = server.url().replace("nats://", "nats://w:w@");
    let connection = nats::connect(&nats::Settings {
        urls: vec![url],
        ..nats::Settings::default()
    })
    .await
    .unwrap();
    let worker = Worker::new(connection, Codec::new("api").unwrap(), settings(), echo()).unwrap();
    let mut worker = Running::of(worker);
    let named = |readiness: &Readiness| {
        says(readiness, "Permissions Violation") && says(readiness, "CONSUMER.INFO.REQUESTS.worker")
    };
    worker.readiness_is(named).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_restarted_server_is_found_again_with_what_it_stored() {
    let mut server = server().await;
    let mut worker = Running::start(&server, settings(), echo()).await;
    worker.ready().await;
    for _ in 0..3 {
        server.kill().unwrap();
        worker
            .readiness_is(|readiness| says(readiness, "connection to NATS lost"))
            .await;
        server.restart().unwrap();
        worker.ready().await;
        serves(&server).await;
    }
    worker.stop().await;
}

#[tokio::test]
async fn an_answer_finished_after_the_server_was_restarted_arrives() {
    let mut server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let (begun, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (started, released) = (Arc::clone(&begun), Arc::clone(&gate));
    let handler = Does(move |request: Request, _| {
        let (started, released) = (Arc::clone(&started), Arc::clone(&released));
        async move {
            started.notify_one();
            released.notified().await;
            reply(request.body)
        }
    });
    let mut worker = Running::start(&server, settings(), handler).await;
    proxy.send(Version::V2, "/users", "survived", MINUTE).await;
    within("the handler's start", begun.notified()).await;
    server.kill().unwrap();
    worker
        .readiness_is(|readiness| says(readiness, "connection to NATS lost"))
        .await;
    server.restart().unwrap();
    // Once the proxy gets answers again, its inbox is subscribed to again.
    assert_eq!(proxy.stored("REQUESTS").await, 1);
    gate.notify_one();
    assert_eq!(proxy.answer().await.reply.body, "survived");
    gate.notify_one();
    proxy.queue_is_empty().await;
    worker.stop().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_waited_for() {
    let mut server = server().await;
    server.kill().unwrap();
    let mut worker = Running::start(&server, settings(), echo()).await;
    worker
        .readiness_is(|readiness| says(readiness, "connecting to NATS"))
        .await;
    server.restart().unwrap();
    worker.ready().await;
    serves(&server).await;
    worker.stop().await;
}

#[tokio::test]
async fn missing_heartbeats_are_noticed_and_a_server_that_wakes_up_is_used_again() {
    let server = server().await;
    let mut worker = Running::start(&server, settings(), echo()).await;
    worker.ready().await;
    server.pause().unwrap();
    eventually("missed heartbeats", || async {
        worker.metrics.missed_heartbeats.get() >= 2
    })
    .await;
    server.resume().unwrap();
    serves(&server).await;
    worker.stop().await;
}

#[tokio::test]
async fn an_idle_worker_stays_ready_by_heartbeats_and_outlives_its_pulls() {
    let server = server().await;
    let settings = runtime::worker::Settings {
        pull_expires: Duration::from_secs(1),
        ..settings()
    };
    let mut worker = Running::start(&server, settings, echo()).await;
    worker.ready().await;
    worker.readiness.mark_unchanged();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(
        !worker.readiness.has_changed().unwrap(),
        "{:?}",
        *worker.readiness.borrow()
    );
    assert_eq!(worker.metrics.missed_heartbeats.get(), 0);
    serves(&server).await;
    worker.stop().await;
}
