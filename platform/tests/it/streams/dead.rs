//! Dead letters that are sent again, with a real server and a worker that answers as the protocol says.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use platform::streams::{DeadLetter, SentAgain};
use serde_json::json;

use super::{defined, server};

/// A stream of requests, its dead letters, and these letters in it: subject and headers.
async fn with_letters(
    letters: &[(&str, &[(&str, &str)])],
) -> (testbed::nats::Server, platform::streams::JetStream) {
    let (server, jetstream) = server().await;
    let definitions = defined(&[
        (
            "Stream",
            json!({"name": "REQUESTS", "subjects": ["api.>"], "retention": "workqueue", "allowMsgTtl": true}),
        ),
        ("Stream", json!({"name": "DEAD", "subjects": ["dead.>"]})),
    ]);
    super::apply(&jetstream, &definitions).await.unwrap();
    let client = async_nats::connect(server.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    for (subject, headers) in letters {
        let mut map = async_nats::HeaderMap::new();
        for (name, value) in *headers {
            map.append(*name, *value);
        }
        let published = context.publish_with_headers((*subject).to_owned(), map, "body".into());
        published.await.unwrap().await.unwrap();
    }
    (server, jetstream)
}

const REQUEST: &[(&str, &str)] = &[
    ("Px-V", "2"),
    ("Px-Id", "one"),
    ("Px-Reply", "_PX.old.0.r.1"),
    ("Px-Timeout-Ms", "5000"),
    ("Px-Deadline", "1"),
    ("H-a", "x"),
    ("H-a", "y"),
    ("Px-Dead-Reason", "no JSON"),
    ("Px-Dead-Stream", "REQUESTS"),
    ("Px-Dead-Sequence", "3"),
];

async fn left(server: &testbed::nats::Server) -> u64 {
    let info = server
        .jetstream("STREAM.INFO.DEAD", &serde_json::Value::Null)
        .await
        .unwrap();
    info["state"]["messages"].as_u64().unwrap()
}

#[tokio::test]
async fn a_letter_leaves_when_its_request_was_answered_and_is_stored_once() {
    let (server, jetstream) = with_letters(&[("dead.api.post.ratings", REQUEST)]).await;
    let found = jetstream.dead_letters("DEAD", 10).await.unwrap();
    let letter = DeadLetter {
        sequence: 1,
        subject: "api.post.ratings".to_owned(),
        reason: "no JSON".to_owned(),
    };
    assert_eq!(
        (found.letters, found.passed_over, found.more),
        (vec![letter], 0, false)
    );

    let client = async_nats::connect(server.url()).await.unwrap();
    let mut requests = client.subscribe("api.>").await.unwrap();
    let answering = client.clone();
    let worker = tokio::spawn(async move {
        let request = requests.next().await.unwrap();
        let headers = request.headers.unwrap();
        let get = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
        let mut answer = async_nats::HeaderMap::new();
        answer.insert("Px-V", "2");
        answer.insert("Px-Status", "201");
        let reply = get("Px-Reply").unwrap();
        answering
            .publish_with_headers(reply, answer, "done".into())
            .await
            .unwrap();
        let all: Vec<String> = headers
            .get_all("H-a")
            .map(|value| value.as_str().to_owned())
            .collect();
        (
            get("Px-Id"),
            get("Px-Timeout-Ms"),
            get("Nats-TTL"),
            get("Px-Dead-Reason"),
            all,
            request.payload,
        )
    });
    let sent = jetstream.send_again("DEAD", &[1, 7]).await.unwrap();
    let expected = SentAgain {
        answered: BTreeMap::from([(201, 1)]),
        missing: 1,
        ..SentAgain::default()
    };
    assert_eq!(sent, expected);
    assert_eq!(left(&server).await, 0);
    let (id, timeout, ttl, reason, repeated, payload) = worker.await.unwrap();
    assert_eq!(
        id.as_deref(),
        Some("one"),
        "a worker that has done it before knows it"
    );
    assert_eq!((timeout.as_deref(), ttl.as_deref()), (Some("30000"), Some("30")));
    assert_eq!(
        (reason, repeated, &payload[..]),
        (None, vec!["x".to_owned(), "y".to_owned()], &b"body"[..])
    );
}

#[tokio::test]
async fn without_anybody_who_would_answer_storing_is_enough_and_what_is_refused_stays() {
    let plain: &[(&str, &str)] = &[("Px-Dead-Reason", "no"), ("Px-Dead-Stream", "REQUESTS")];
    let elsewhere: &[(&str, &str)] = &[("Px-Dead-Reason", "no"), ("Px-Dead-Stream", "OTHER")];
    let cut: &[(&str, &str)] = &[
        ("Px-Dead-Reason", "no (its payload of 9 bytes had no room here)"),
        ("Px-Dead-Stream", "REQUESTS"),
    ];
    let (server, jetstream) = with_letters(&[
        ("dead.api.a", plain),
        ("dead.nowhere", plain),
        ("dead.api.b", elsewhere),
        ("dead.api.c", cut),
        ("dead.api.d", &[]),
    ])
    .await;
    let found = jetstream.dead_letters("DEAD", 4).await.unwrap();
    assert_eq!((found.letters.len(), found.passed_over, found.more), (3, 1, true));
    let sent = jetstream.send_again("DEAD", &[1, 2, 3, 4]).await.unwrap();
    assert_eq!((sent.stored, sent.missing), (1, 1));
    let refused: Vec<u64> = sent.refused.iter().map(|(sequence, _)| *sequence).collect();
    assert_eq!(refused, [2, 3]);
    assert_eq!(left(&server).await, 4);
}
