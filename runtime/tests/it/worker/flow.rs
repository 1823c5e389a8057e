//! What becomes of requests while everything works, and of handlers that fail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contract::envelope::{Reply, Request, Version};
use http::StatusCode;
use http::header::RETRY_AFTER;
use runtime::nats;
use runtime::worker::{Context, Delivery, Observer, Outcome, Settings, Stage, Worker};
use tokio::sync::Semaphore;

use super::fixture::{Count, Does, Proxy, Running, echo, eventually, reply, server, settings};

const MINUTE: Duration = Duration::from_mins(1);

fn retry(after: Option<Duration>) -> Outcome {
    Outcome::Retry {
        reason: "not now".to_owned(),
        after,
    }
}

#[tokio::test]
async fn requests_of_both_versions_are_answered_and_leave_the_queue() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let worker = Running::start(&server, settings(), echo()).await;
    for version in [Version::V2, Version::V1] {
        proxy.send(version, "/users", r#"{"name":"Ann"}"#, MINUTE).await;
        let answer = proxy.answer().await;
        assert_eq!(answer.reply.status, StatusCode::OK);
        assert_eq!(answer.reply.body, r#"{"name":"Ann"}"#);
        assert_eq!(answer.id.len(), 36, "the answer names its request");
    }
    proxy.queue_is_empty().await;
    assert_eq!(
        (worker.metrics.received.get(), worker.metrics.replied.get()),
        (2, 2)
    );
    worker.stop().await;
}

#[tokio::test]
async fn acknowledgements_can_be_confirmed() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let worker = Running::start(
        &server,
        Settings {
            confirm_acks: true,
            ..settings()
        },
        echo(),
    )
    .await;
    for _ in 0..20 {
        proxy.send(Version::V2, "/users", "{}", MINUTE).await;
        proxy.answer().await;
    }
    proxy.queue_is_empty().await;
    assert_eq!(worker.metrics.lost_acknowledgements.get(), 0);
    worker.stop().await;
}

#[tokio::test]
async fn a_request_nobody_waits_for_is_never_handled() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    proxy
        .send(Version::V2, "/users", "{}", Duration::from_millis(1))
        .await;
    let (subject, mut headers, payload) = proxy.message(Version::V1, "/users", "{}", MINUTE);
    // An original proxy sends no deadline.
    headers = headers
        .iter()
        .filter(|(name, _)| AsRef::<str>::as_ref(*name) != "Px-Timeout-Ms")
        .fold(async_nats::HeaderMap::new(), |mut kept, (name, values)| {
            for value in values {
                kept.append(name.clone(), value.clone());
            }
            kept
        });
    proxy.publish(subject, headers, payload).await;

    let calls = Count::default();
    let count = Arc::clone(&calls);
    let handler = Does(move |request: Request, _| {
        count.fetch_add(1, Ordering::Relaxed);
        async move { reply(request.body) }
    });
    let settings = Settings {
        default_timeout: Duration::from_millis(1),
        ..settings()
    };
    let worker = Running::start(&server, settings, handler).await;
    proxy.queue_is_empty().await;
    assert_eq!(worker.metrics.expired.get(), 2);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    assert!(proxy.has_no_answer().await);
    worker.stop().await;
}

#[tokio::test]
async fn a_transient_failure_is_tried_again() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let handler = Does(|request: Request, context: Context| async move {
        if context.delivered() == 1 {
            retry(None)
        } else {
            reply(request.body)
        }
    });
    let worker = Running::start(&server, settings(), handler).await;
    proxy.send(Version::V2, "/users", "again", MINUTE).await;
    assert_eq!(proxy.answer().await.reply.body, "again");
    proxy.queue_is_empty().await;
    assert_eq!(worker.metrics.retried.get(), 1);
    worker.stop().await;
}

#[tokio::test]
async fn without_time_for_another_attempt_the_client_gets_503() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let handler = Does(|_, _| async { retry(Some(MINUTE * 5)) });
    let worker = Running::start(&server, settings(), handler).await;
    proxy.send(Version::V2, "/users", "{}", MINUTE).await;
    let answer = proxy.answer().await;
    assert_eq!(answer.reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.reply.headers[RETRY_AFTER], "1");
    let problem: serde_json::Value = serde_json::from_slice(&answer.reply.body).unwrap();
    assert_eq!(
        (&problem["retryable"], &problem["request_id"]),
        (&true.into(), &answer.id.into())
    );
    assert!(
        problem["outcome"].is_null(),
        "the handler said that it had no effect"
    );
    proxy.queue_is_empty().await;
    assert_eq!((proxy.stored("DEAD").await, worker.metrics.retried.get()), (0, 0));
    worker.stop().await;
}

#[tokio::test]
async fn after_a_panic_without_time_for_another_attempt_the_outcome_is_unknown() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let handler = Does(|_, context: Context| async move {
        tokio::time::sleep_until(context.deadline() - Duration::from_millis(100)).await;
        panic!("nobody knows how far it came");
    });
    let worker = Running::start(&server, settings(), handler).await;
    proxy
        .send(Version::V2, "/users", "{}", Duration::from_secs(3))
        .await;
    let answer = proxy.answer().await;
    assert_eq!(answer.reply.status, StatusCode::SERVICE_UNAVAILABLE);
    let problem: serde_json::Value = serde_json::from_slice(&answer.reply.body).unwrap();
    assert_eq!(problem["outcome"], "unknown");
    worker.stop().await;
}

#[tokio::test]
async fn a_panic_is_a_failure_of_one_attempt() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let handler = Does(|request: Request, context: Context| async move {
        assert!(context.delivered() > 1, "the first attempt panics");
        reply(request.body)
    });
    let worker = Running::start(&server, settings(), handler).await;
    proxy.send(Version::V2, "/users", "still here", MINUTE).await;
    assert_eq!(proxy.answer().await.reply.body, "still here");
    assert_eq!(worker.metrics.panicked.get(), 1);
    worker.stop().await;
}

#[tokio::test]
async fn a_handler_longer_than_the_acknowledgement_time_runs_once() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let calls = Count::default();
    let count = Arc::clone(&calls);
    let handler = Does(move |request: Request, _| {
        count.fetch_add(1, Ordering::Relaxed);
        async move {
            tokio::time::sleep(Duration::from_millis(3500)).await;
            reply(request.body)
        }
    });
    let worker = Running::start(&server, settings(), handler).await;
    proxy.send(Version::V2, "/users", "slow", MINUTE).await;
    assert_eq!(proxy.answer().await.reply.body, "slow");
    proxy.queue_is_empty().await;
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    worker.stop().await;
}

#[tokio::test]
async fn a_handler_that_hangs_is_dropped_and_tried_again() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let handler = Does(|request: Request, context: Context| async move {
        if context.delivered() == 1 {
            std::future::pending::<()>().await;
        }
        reply(request.body)
    });
    let settings = Settings {
        handler_limit: Duration::from_millis(200),
        ..settings()
    };
    let worker = Running::start(&server, settings, handler).await;
    proxy.send(Version::V2, "/users", "second try", MINUTE).await;
    assert_eq!(proxy.answer().await.reply.body, "second try");
    worker.stop().await;
}

#[tokio::test]
async fn the_server_never_sends_more_than_there_are_free_slots() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let gate = Arc::new(Semaphore::new(0));
    let (entered, most) = (Count::default(), Count::default());
    let handler = {
        let (gate, entered, most) = (Arc::clone(&gate), Arc::clone(&entered), Arc::clone(&most));
        Does(move |request: Request, _| {
            let (gate, entered, most) = (Arc::clone(&gate), Arc::clone(&entered), Arc::clone(&most));
            async move {
                most.fetch_max(entered.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                gate.acquire().await.unwrap().forget();
                entered.fetch_sub(1, Ordering::SeqCst);
                reply(request.body)
            }
        })
    };
    for _ in 0..100 {
        proxy.send(Version::V2, "/users", "{}", MINUTE).await;
    }
    let worker = Running::start(&server, settings(), handler).await;
    let unacknowledged = async |proxy: &Proxy| {
        let info = proxy.info("CONSUMER.INFO.REQUESTS.worker").await;
        info["num_ack_pending"].as_u64().unwrap()
    };
    eventually("work in all slots", || async {
        entered.load(Ordering::SeqCst) == 8
    })
    .await;
    assert_eq!(unacknowledged(&proxy).await, 8, "delivered without a free slot");
    for _ in 0..100 {
        gate.add_permits(1);
        proxy.answer().await;
    }
    proxy.queue_is_empty().await;
    assert_eq!(most.load(Ordering::SeqCst), 8, "more requests at once than slots");
    assert_eq!(worker.metrics.received.get(), 100, "nothing was delivered twice");
    worker.stop().await;
}

#[tokio::test]
async fn an_answer_larger_than_the_server_takes_becomes_a_502() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let handler = Does(|_, _| async { reply(vec![b'x'; 2 << 20].into()) });
    let worker = Running::start(&server, settings(), handler).await;
    proxy.send(Version::V2, "/users", "{}", MINUTE).await;
    assert_eq!(proxy.answer().await.reply.status, StatusCode::BAD_GATEWAY);
    proxy.queue_is_empty().await;
    worker.stop().await;
}

#[derive(Default)]
struct Log(Mutex<Vec<(Stage, u64)>>);

impl Observer for Log {
    fn reached(&self, stage: Stage, delivery: &Delivery) {
        self.0.lock().unwrap().push((stage, delivery.stream_sequence));
    }
}

#[tokio::test]
async fn the_stages_of_a_request_are_observed_in_their_order() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let connection = nats::Settings {
        urls: vec![server.url()],
        ..nats::Settings::default()
    };
    let connection = nats::connect(&connection).await.unwrap();
    let codec = contract::subject::Codec::new("api").unwrap();
    let log = Arc::new(Log::default());
    let running = AtomicUsize::new(0);
    let handler = Does(move |_, _| {
        running.fetch_add(1, Ordering::Relaxed);
        async {
            Outcome::Reply(Reply {
                status: StatusCode::NO_CONTENT,
                headers: http::HeaderMap::new(),
                body: bytes::Bytes::new(),
            })
        }
    });
    let worker = Worker::new(connection, codec, settings(), handler).unwrap();
    let worker = Running::of(worker.observed_by(Arc::clone(&log) as Arc<dyn Observer>));
    proxy.send(Version::V2, "/users", "", MINUTE).await;
    assert_eq!(proxy.answer().await.reply.status, StatusCode::NO_CONTENT);
    proxy.queue_is_empty().await;
    worker.stop().await;
    let stages = [Stage::Received, Stage::Handled, Stage::Replied, Stage::Acking].map(|stage| (stage, 1));
    assert_eq!(*log.0.lock().unwrap(), stages);
}
