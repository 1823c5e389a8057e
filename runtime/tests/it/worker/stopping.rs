//! A worker that is told to stop.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::envelope::{Request, Version};
use runtime::lifecycle::Reason;
use runtime::worker::{Context, Settings};
use tokio::sync::Notify;

use super::fixture::{Does, PATIENCE, Proxy, Running, echo, eventually, reply, server, settings, within};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_stop_in_the_middle_of_work_loses_nothing() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let slow = || {
        Does(|request: Request, _| async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            reply(request.body)
        })
    };
    let mut bodies: HashSet<String> = (0..300).map(|number| number.to_string()).collect();
    for body in &bodies {
        proxy.send(Version::V2, "/users", body, MINUTE).await;
    }
    let first = Running::start(&server, settings(), slow()).await;
    for _ in 0..50 {
        bodies.remove(std::str::from_utf8(&proxy.answer().await.reply.body).unwrap());
    }
    first.stop().await;
    let second = Running::start(&server, settings(), slow()).await;
    let started = Instant::now();
    while !bodies.is_empty() {
        assert!(started.elapsed() < PATIENCE, "lost: {bodies:?}");
        bodies.remove(std::str::from_utf8(&proxy.answer().await.reply.body).unwrap());
    }
    proxy.queue_is_empty().await;
    second.stop().await;
}

#[tokio::test]
async fn a_running_handler_is_waited_for() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let begun = Arc::new(Notify::new());
    let signal = Arc::clone(&begun);
    let handler = Does(move |request: Request, _| {
        let signal = Arc::clone(&signal);
        async move {
            signal.notify_one();
            tokio::time::sleep(Duration::from_millis(1500)).await;
            reply(request.body)
        }
    });
    let worker = Running::start(&server, settings(), handler).await;
    proxy.send(Version::V2, "/users", "finished", MINUTE).await;
    within("the handler's start", begun.notified()).await;
    worker.stop().await;
    assert_eq!(proxy.answer().await.reply.body, "finished");
    eventually("an empty work queue", || async {
        proxy.stored("REQUESTS").await == 0
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_abandoned_and_its_request_goes_to_another_worker() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let begun = Arc::new(Notify::new());
    let signal = Arc::clone(&begun);
    let handler = Does(move |request: Request, context: Context| {
        let signal = Arc::clone(&signal);
        async move {
            signal.notify_one();
            context.cancelled().await;
            std::future::pending::<()>().await;
            reply(request.body)
        }
    });
    let settings = Settings {
        drain_grace: Duration::from_millis(100),
        ..settings()
    };
    let worker = Running::start(&server, settings.clone(), handler).await;
    proxy.send(Version::V2, "/users", "for another", MINUTE).await;
    within("the handler's start", begun.notified()).await;
    worker.stop().await;
    let other = Running::start(&server, settings, echo()).await;
    assert_eq!(proxy.answer().await.reply.body, "for another");
    other.stop().await;
}

#[tokio::test]
async fn a_worker_without_a_server_stops_all_the_same() {
    let mut server = server().await;
    let mut worker = Running::start(&server, settings(), echo()).await;
    worker.ready().await;
    server.kill().unwrap();
    worker.stop().await;

    let never = Running::start(&server, settings(), echo()).await;
    never.shutdown.end(Reason::Requested);
    within("the end of the worker", never.task).await.unwrap();
}
