//! Messages that cannot be handled end in the dead letters, and only there.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::HeaderMap;
use contract::envelope::{Request, Version};
use futures_util::StreamExt as _;
use http::StatusCode;
use runtime::worker::{Outcome, Settings};
use serde_json::{Value, json};

use super::fixture::{Count, Does, Proxy, Running, definitions, echo, reply, server, settings, within};

const MINUTE: Duration = Duration::from_mins(1);

/// The first dead letter as the stream tells it: headers as text, payload as base64.
async fn letter(proxy: &Proxy) -> (String, Value) {
    let request = json!({ "seq": 1 }).to_string();
    let answer = proxy
        .client
        .request("$JS.API.STREAM.MSG.GET.DEAD", request.into())
        .await
        .unwrap();
    let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
    let header = answer["message"]["hdrs"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"));
    (
        String::from_utf8(base64(header)).unwrap(),
        answer["message"].clone(),
    )
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text
        .bytes()
        .filter_map(|byte| ALPHABET.iter().position(|letter| *letter == byte));
    let bits: Vec<u8> = digits
        .flat_map(|digit| (0..6).rev().map(move |bit| u8::from(digit >> bit & 1 == 1)))
        .collect();
    bits.chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |value, bit| value << 1 | bit))
        .collect()
}

#[tokio::test]
async fn poison_is_kept_as_it_came_with_the_reason() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let handler = Does(|_, _| async {
        Outcome::Poison {
            reason: "makes no sense".to_owned(),
        }
    });
    let worker = Running::start(&server, settings(), handler).await;
    proxy.send(Version::V2, "/users", "poison", MINUTE).await;
    assert_eq!(proxy.answer().await.reply.status, StatusCode::BAD_GATEWAY);
    proxy.queue_is_empty().await;
    let (headers, message) = letter(&proxy).await;
    assert_eq!(message["subject"], "dead.api.post.users");
    assert_eq!(base64(message["data"].as_str().unwrap()), b"poison");
    let expected = [
        "Px-Dead-Reason: makes no sense\r\n",
        "Px-Dead-Stream: REQUESTS\r\n",
        "Px-Dead-Sequence: 1\r\n",
        "Px-Dead-Deliveries: 1\r\n",
        "Nats-Msg-Id: REQUESTS:1:",
        "Px-Path: /users\r\n",
    ];
    for line in expected {
        assert!(headers.contains(line), "{line} is missing in {headers}");
    }
    assert_eq!(worker.metrics.poisoned.get(), 1);
    worker.stop().await;
}

#[tokio::test]
async fn a_message_that_is_no_request_is_set_aside_and_its_sender_told() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let worker = Running::start(&server, settings(), echo()).await;
    let (subject, mut headers, payload) = proxy.message(Version::V2, "/users", "{}", MINUTE);
    headers.insert("Px-V", "9");
    headers.insert("Nats-TTL", "60s");
    proxy.publish(subject, headers, payload).await;
    let answer = proxy.answer().await;
    assert_eq!(answer.reply.status, StatusCode::BAD_REQUEST);
    proxy.queue_is_empty().await;
    let (headers, _) = letter(&proxy).await;
    assert!(headers.contains("unknown version '9'"), "{headers}");
    assert!(!headers.contains("Nats-TTL"), "{headers}");
    worker.stop().await;
}

/// An original proxy forwards HEAD on a subject of its own, and waits without end.
#[tokio::test]
async fn an_original_proxy_is_told_in_its_own_envelope() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let worker = Running::start(&server, settings(), echo()).await;
    let (_, _, payload) = proxy.message(Version::V1, "/users", "{}", MINUTE);
    proxy
        .publish("api.head.users".to_owned(), HeaderMap::new(), payload)
        .await;
    let answer = proxy.answer().await;
    assert_eq!(answer.reply.status, StatusCode::BAD_REQUEST);
    assert!(!answer.is_version_2);
    proxy.queue_is_empty().await;
    worker.stop().await;
}

#[tokio::test]
async fn a_message_that_names_no_proxy_is_never_answered() {
    let server = server().await;
    let proxy = Proxy::connect(&server).await;
    let mut stolen = proxy
        .client
        .subscribe("$JS.API.STREAM.DELETE.REQUESTS")
        .await
        .unwrap();
    let worker = Running::start(&server, settings(), echo()).await;
    let (subject, mut headers, payload) = proxy.message(Version::V2, "/users", "{}", MINUTE);
    headers.insert("Px-Reply", "$JS.API.STREAM.DELETE.REQUESTS");
    proxy.publish(subject, headers, payload).await;
    proxy.queue_is_empty().await;
    assert_eq!((proxy.stored("DEAD").await, worker.metrics.replied.get()), (1, 0));
    proxy.client.flush().await.unwrap();
    assert!(futures_util::FutureExt::now_or_never(stolen.next()).is_none());
    worker.stop().await;
}

#[tokio::test]
async fn a_request_that_fails_each_time_is_poison_after_the_last_attempt() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let calls = Count::default();
    let count = Arc::clone(&calls);
    let handler = Does(move |_, _| {
        let call = count.fetch_add(1, Ordering::Relaxed);
        async move {
            assert!(call > 0, "the first attempt panics");
            Outcome::Retry {
                reason: "database on fire".to_owned(),
                after: Some(Duration::ZERO),
            }
        }
    });
    let worker = Running::start(&server, settings(), handler).await;
    proxy.send(Version::V2, "/users", "{}", MINUTE).await;
    assert_eq!(proxy.answer().await.reply.status, StatusCode::BAD_GATEWAY);
    proxy.queue_is_empty().await;
    let (headers, _) = letter(&proxy).await;
    assert!(
        headers.contains("Px-Dead-Reason: database on fire\r\n"),
        "{headers}"
    );
    assert!(headers.contains("Px-Dead-Deliveries: 2\r\n"), "{headers}");
    assert_eq!(
        calls.load(Ordering::Relaxed),
        2,
        "three deliveries, the last one not for attempts"
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_changed_limit_of_the_consumer_is_noticed() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let calls = Count::default();
    let count = Arc::clone(&calls);
    let handler = Does(move |_, _| {
        count.fetch_add(1, Ordering::Relaxed);
        async {
            Outcome::Retry {
                reason: "no".to_owned(),
                after: Some(Duration::ZERO),
            }
        }
    });
    let settings = Settings {
        refresh: Duration::from_millis(100),
        ..settings()
    };
    let mut worker = Running::start(&server, settings, handler).await;
    worker.ready().await;
    let mut looked_at = proxy
        .client
        .subscribe("$JS.API.CONSUMER.INFO.REQUESTS.worker")
        .await
        .unwrap();
    let mut changed = definitions();
    changed.consumers[0].max_deliver = Some(2);
    server.apply(&changed).await.unwrap();
    // The second look begins after the change, and the answer to it has come when the third begins.
    for _ in 0..3 {
        within("another look", looked_at.next()).await.unwrap();
    }
    proxy.send(Version::V2, "/users", "{}", MINUTE).await;
    assert_eq!(proxy.answer().await.reply.status, StatusCode::BAD_GATEWAY);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    worker.stop().await;
}

#[tokio::test]
async fn a_request_that_kills_its_workers_is_not_given_to_another_one() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    proxy.send(Version::V2, "/users", "deadly", MINUTE).await;
    for _ in 0..2 {
        // Takes the message and says nothing, as a process that dies.
        let inbox = proxy.client.new_inbox();
        let mut taken = proxy.client.subscribe(inbox.clone()).await.unwrap();
        let next = "$JS.API.CONSUMER.MSG.NEXT.REQUESTS.worker";
        let pull = r#"{"batch":1,"expires":20000000000}"#.into();
        proxy.client.publish_with_reply(next, inbox, pull).await.unwrap();
        assert_eq!(
            within("a delivery", taken.next()).await.unwrap().payload,
            "deadly"
        );
    }
    let calls = Count::default();
    let count = Arc::clone(&calls);
    let handler = Does(move |request: Request, _| {
        count.fetch_add(1, Ordering::Relaxed);
        async move { reply(request.body) }
    });
    let worker = Running::start(&server, settings(), handler).await;
    assert_eq!(proxy.answer().await.reply.status, StatusCode::BAD_GATEWAY);
    proxy.queue_is_empty().await;
    let (headers, _) = letter(&proxy).await;
    assert!(headers.contains("2 deliveries ended without a word"), "{headers}");
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    worker.stop().await;
}

#[tokio::test]
async fn a_dead_letter_waits_for_its_stream() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    proxy.info("STREAM.DELETE.DEAD").await;
    let handler = Does(|_, _| async {
        Outcome::Poison {
            reason: "bad".to_owned(),
        }
    });
    let settings = Settings {
        dead_letter_patience: MINUTE,
        ..settings()
    };
    let worker = Running::start(&server, settings, handler).await;
    proxy.send(Version::V2, "/users", "{}", MINUTE).await;
    // Longer than the consumer's acknowledgement time: the message must stay with this worker.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(proxy.stored("REQUESTS").await, 1, "terminated without a copy");
    assert!(proxy.has_no_answer().await);
    server.apply(&definitions()).await.unwrap();
    assert_eq!(proxy.answer().await.reply.status, StatusCode::BAD_GATEWAY);
    proxy.queue_is_empty().await;
    assert_eq!(
        (proxy.stored("DEAD").await, worker.metrics.received.get()),
        (1, 1)
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_dead_letter_too_large_with_its_reason_is_kept_without_its_payload() {
    let server = server().await;
    let mut proxy = Proxy::connect(&server).await;
    let reason = "x".repeat(400);
    let handler = Does(move |_, _| {
        let reason = reason.clone();
        async { Outcome::Poison { reason } }
    });
    let worker = Running::start(&server, settings(), handler).await;
    let body = "x".repeat((1 << 20) - 400);
    proxy.send(Version::V2, "/users", &body, MINUTE).await;
    assert_eq!(proxy.answer().await.reply.status, StatusCode::BAD_GATEWAY);
    proxy.queue_is_empty().await;
    let (headers, message) = letter(&proxy).await;
    assert!(headers.contains("(its payload of"), "{headers}");
    assert!(message["data"].is_null(), "{}", message["data"]);
    worker.stop().await;
}
