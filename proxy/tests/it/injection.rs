//! Whatever bytes a client sends, the connection to NATS lives on and nothing unexpected reaches it.

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use test_case::test_case;

use crate::client::{Connection, bytes};
use crate::system::System;
use crate::worker::{self, ok};

/// Request targets that must be refused, with the status.
fn targets() -> Vec<(String, u16)> {
    let mut targets: Vec<(String, u16)> = [
        ("/things/a%0d%0aPUB%20pwn%202%0d%0ahi", 400),
        (
            "/x%200%200%0d%0a%0d%0aPUB%20$JS/API/STREAM/DELETE/REQUESTS%200%0d%0a%0d%0aPUB%20y",
            400,
        ),
        ("/things/%0a", 400),
        ("/things/%00", 400),
        ("/things/%7F", 400),
        ("/things/%1b", 400),
        ("/things/%2E%2E", 400),
        ("/things/%2e", 400),
        ("/things/..", 400),
        ("/things/a%2Fb", 400),
        ("/things/%2f", 400),
        ("/things/%ff", 400),
        ("/things/%c3%28", 400),
        ("/things/%", 400),
        ("/things/%2", 400),
        ("/things/%zz", 400),
        ("/things//1", 404),
        ("//things", 404),
        ("//", 404),
        ("/", 404),
        ("/%2A", 404),
        ("/%3E", 404),
        ("/$JS/API/STREAM/DELETE/REQUESTS", 404),
        ("/_INBOX/x", 404),
        ("/things/1/2/3", 404),
    ]
    .map(|(target, status)| (target.to_owned(), status))
    .into();
    targets.push((format!("/things/{}", "a".repeat(5_000)), 414));
    targets.push((format!("/things/{}", "%20".repeat(1_000)), 414));
    targets.push((format!("/things/{}", "a".repeat(100_000)), 414));
    targets.push(("/a".repeat(40), 414));
    targets
}

/// Whole requests that must be refused with a 4xx or by closing, as raw bytes.
fn requests() -> Vec<Vec<u8>> {
    let host = "Host: proxy\r\n";
    let mut requests: Vec<Vec<u8>> = [
        "GET /things HTTP/1.1\r\n\r\n".to_owned(),
        "GET /things HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(),
        format!("POST /things HTTP/1.1\r\n{host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        format!(
            "POST /things HTTP/1.1\r\n{host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        format!(
            "POST /things HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"
        ),
        format!("POST /things HTTP/1.1\r\n{host}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        format!("POST /things HTTP/1.1\r\n{host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        format!("POST /things HTTP/1.1\r\n{host}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        format!("POST /things HTTP/1.1\r\n{host}Content-Length: +4\r\n\r\nabcd"),
        format!("POST /things HTTP/1.1\r\n{host}Content-Length: 4, 5\r\n\r\nabcd"),
        format!("POST /things HTTP/1.1\r\n{host}Content-Length: 18446744073709551616\r\n\r\nabcd"),
        format!("POST /things HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\nzz\r\nabcd\r\n0\r\n\r\n"),
        format!("POST /things HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"),
        format!("GET /things HTTP/1.1\r\n{host}X-A: b\r\n folded\r\n\r\n"),
        format!("GET /things HTTP/1.1\r\n{host}X-A: a\0b\r\n\r\n"),
        format!("GET /things HTTP/1.1\n{host}\n"),
        format!("GET /thi ngs HTTP/1.1\r\n{host}\r\n"),
        format!("GET /things HTTP/9.9\r\n{host}\r\n"),
        "PUB pwn 2\r\nhi\r\n\r\n".to_owned(),
    ]
    .map(String::into_bytes)
    .into();
    requests.push(bytes("GET", "/things", &[("X-Long", &"a".repeat(100_000))], b""));
    let many: Vec<(String, &str)> = (0..150).map(|number| (format!("X-{number}"), "1")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    requests.push(bytes("GET", "/things", &many, b""));
    let mut obs_text = b"GET /things HTTP/1.1\r\nHost: proxy\r\nX-Obs: ".to_vec();
    obs_text.extend_from_slice(b"\xff\xfe\r\n\r\n");
    requests.push(obs_text);
    requests
}

/// Headers that would steer the server or the worker if they were copied.
const FORGED: [(&str, &str); 14] = [
    ("Nats-Msg-Id", "same"),
    ("Nats-Rollup", "all"),
    ("Nats-Trace-Dest", "pwn"),
    ("Nats-Trace-Only", "true"),
    ("Nats-TTL", "never"),
    ("Nats-Expected-Stream", "OTHER"),
    ("Nats-Expected-Last-Sequence", "99"),
    ("Nats-Schedule", "@every 1s"),
    ("Nats-Batch-Id", "x"),
    ("Px-Reply", "pwn"),
    ("Px-Id", "00000000-0000-0000-0000-000000000000"),
    ("Px-Path", "/other"),
    ("Px-Deadline", "0"),
    ("Px-Method", "DELETE"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_corpus_is_refused_on_one_unbroken_connection() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |request| Some(ok(request.path.to_string()))).await;
    let client = system.nats.client().await.unwrap();
    let mut everything = client.subscribe(">").await.unwrap();
    client.flush().await.unwrap();
    let connects = system.proxy.metric("proxy_nats_connects");
    assert_eq!(connects, 2, "one for each shard");

    for (target, status) in targets() {
        let mut connection = Connection::open(system.address()).await;
        connection.push(&bytes("GET", &target, &[], b"")).await;
        let answer = connection.answer().await;
        let shown: String = target.chars().take(60).collect();
        assert_eq!(answer.status, status, "{shown}: {}", answer.text());
    }
    for request in requests() {
        let mut connection = Connection::open(system.address()).await;
        connection.push(&request).await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(120)]).into_owned();
        if let Some(answer) = connection.next().await {
            assert!(
                (400..500).contains(&answer.status) || answer.status == 505,
                "{shown:?}: {answer:?}"
            );
        }
    }
    let mut connection = Connection::open(system.address()).await;
    for path in [
        "/things/%2A",
        "/things/%3E",
        "/things/a%20b",
        "/things/a.b",
        "/things/%24JS",
        "/things/%C3%BC",
    ] {
        connection.send(&bytes("GET", path, &FORGED, b"")).await;
        let answer = connection.answer().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }

    assert_eq!(
        system.proxy.metric("proxy_nats_connects"),
        connects,
        "a connection to NATS was lost"
    );
    let log = system.nats.log();
    for complaint in ["arser", "Violation", "maximum control line"] {
        assert!(
            !log.contains(complaint),
            "the server complains of {complaint}:\n{log}"
        );
    }
    let mut heads = BTreeSet::new();
    while let Ok(Some(message)) =
        tokio::time::timeout(std::time::Duration::from_millis(300), everything.next()).await
    {
        let subject = message.subject.as_str();
        assert!(subject.bytes().all(|byte| byte.is_ascii_graphic()), "{subject}");
        assert!(
            !subject
                .split('.')
                .any(|token| matches!(token, "*" | ">" | "" | "pwn")),
            "{subject}"
        );
        heads.insert(subject.split('.').next().unwrap().to_owned());
    }
    let expected: BTreeSet<String> = ["$JS", "_INBOX", "_PX", "api"].map(str::to_owned).into();
    assert!(heads.is_subset(&expected), "{heads:?}");
}

#[test_case("/things/%2A", "api.get.things.%2A")]
#[test_case("/things/%3E", "api.get.things.%3E")]
#[test_case("/things/a.b", "api.get.things.a%2Eb")]
#[test_case("/things/a%20b", "api.get.things.a%20b")]
#[test_case("/things/%24JS", "api.get.things.%24JS")]
#[tokio::test(flavor = "multi_thread")]
async fn odd_but_legal_segments_become_one_plain_token(path: &str, subject: &str) {
    let system = System::start_without_streams().await;
    let mut stand_in = worker::StandIn::start(&system.nats).await;
    let mut connection = Connection::open(system.address()).await;
    connection.send(&bytes("GET", path, &FORGED, b"")).await;
    let message = stand_in.next().await;
    assert_eq!(message.subject.as_str(), subject);
    let headers = message.headers.as_ref().unwrap();
    for (name, value) in FORGED {
        let kept = headers.get_all(name).any(|kept| kept.as_str() == value);
        assert!(!kept, "{name} was taken over");
    }
    stand_in.answer(&message, &ok("fine")).await;
    assert_eq!(connection.answer().await.text(), "fine");
}
