//! A request that two programs could read differently reaches no service.

use runtime::http::Settings;

use super::{client::Client, server::Server};

/// Each is refused; a second request hides behind the ones that carry a body.
const CORPUS: [(&str, &str); 19] = [
    (
        "length and chunks",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    ),
    (
        "chunks and length",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG",
    ),
    (
        "two lengths",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ),
    (
        "two equal lengths",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
    ),
    (
        "a list of lengths",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na",
    ),
    (
        "a negative length",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\na",
    ),
    (
        "a signed length",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na",
    ),
    (
        "a length with a space before the colon",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\na",
    ),
    (
        "an obsolete fold",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n Content-Length: 1\r\n\r\na",
    ),
    (
        "a fold of the coding",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    ),
    ("a bare LF", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"),
    ("bare LFs only", "GET / HTTP/1.1\nHost: a\n\n"),
    (
        "a bare CR in a value",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\rContent-Length: 1\r\n\r\na",
    ),
    ("a NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\0z\r\n\r\n"),
    (
        "a disguised coding",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    ),
    (
        "two codings",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    ),
    (
        "chunks in HTTP/1.0",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    ("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    ("a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
];

#[tokio::test]
async fn every_ambiguous_request_is_answered_400_and_never_passed_on() {
    let server = Server::start(Settings::default());
    for (name, request) in CORPUS {
        let mut client = Client::connect(server.address).await;
        client.send(request).await;
        let rest = String::from_utf8_lossy(&client.rest().await).into_owned();
        assert!(rest.starts_with("HTTP/1.1 400 "), "{name}: {rest:?}");
        assert_eq!(rest.matches("HTTP/1.1").count(), 1, "{name}: {rest:?}");
        assert_eq!(server.calls(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_malformed_chunk_is_answered_400_or_closed() {
    let server = Server::start(Settings::default());
    for chunk in [
        "zz\r\nab\r\n",
        "2\nab\r\n0\r\n\r\n",
        "1\r\nab\r\n0\r\n\r\n",
        "0x2\r\nab\r\n",
        "-1\r\n",
        "ffffffffffffffffff\r\n",
    ] {
        let mut client = Client::connect(server.address).await;
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        client
            .send(format!("{head}{chunk}GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"))
            .await;
        let rest = String::from_utf8_lossy(&client.rest().await).into_owned();
        assert!(
            rest.is_empty() || rest.starts_with("HTTP/1.1 400 "),
            "{chunk:?}: {rest:?}"
        );
        assert!(!rest.contains("200 OK"), "{chunk:?}: {rest:?}");
    }
}

#[tokio::test]
async fn noise_is_answered_400() {
    let server = Server::start(Settings::default());
    for noise in [
        "\u{16}\u{3}\u{1}\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "G\0T / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let mut client = Client::connect(server.address).await;
        client.send(noise).await;
        assert_eq!(client.last_answer().await.status(), 400, "{noise:?}");
    }
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn honest_pipelined_requests_are_each_answered() {
    let server = Server::start(Settings::default());
    let mut client = Client::connect(server.address).await;
    client
        .send(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\
             POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nde\r\n0\r\n\r\n\
             GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        )
        .await;
    assert_eq!(client.answer().await.body, b"abc");
    assert_eq!(client.answer().await.body, b"de");
    assert_eq!(client.answer().await.body, b"hello");
}
