//! Tests that the screen and hyper see the same requests: one that only hyper saw would be smuggled past the screen.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use proptest::prelude::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{Framing, Limits};

const LIMITS: Limits = Limits {
    uri_bytes: 1000,
    head_bytes: 4000,
    headers: 50,
};

/// How many heads the screen sees end, or `None` when it refuses the bytes.
fn screened(bytes: &[u8]) -> Option<usize> {
    let mut framing = Framing::new(LIMITS);
    let (mut heads, mut had_begun) = (0, false);
    for byte in bytes {
        framing.feed(&[*byte]).ok()?;
        heads += usize::from(had_begun && !framing.head.has_begun());
        had_begun = framing.head.has_begun();
    }
    Some(heads)
}

/// How many requests hyper hands to a service that reads their bodies.
async fn handed_over(bytes: Vec<u8>) -> usize {
    let (client, server) = tokio::io::duplex(64 * 1024);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let service = service_fn(move |request: Request<Incoming>| {
        counted.fetch_add(1, SeqCst);
        async move {
            // A broken body is for hyper to notice; the answer is the same.
            let _body = request.into_body().collect().await;
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }
    });
    let mut builder = http1::Builder::new();
    builder.header_read_timeout(None).half_close(true);
    let connection = builder.serve_connection(TokioIo::new(server), service);
    let (mut read, mut write) = tokio::io::split(client);
    let talk = async {
        let mut answers = Vec::new();
        let sending = async {
            // hyper may have closed already.
            let _closed = write.write_all(&bytes).await;
            let _closed = write.shutdown().await;
        };
        tokio::join!(sending, read.read_to_end(&mut answers)).1
    };
    let both = async { tokio::join!(connection, talk) };
    let (_broken, read) = timeout(Duration::from_secs(30), both).await.expect("hyper hangs");
    read.unwrap();
    calls.load(SeqCst)
}

fn piece() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("Accept: */*"),
        Just("Host : b"),
        Just("Content-Length: 5"),
        Just("content-length:  5 "),
        Just("Content-Length: 0"),
        Just("Transfer-Encoding: chunked"),
        Just("transfer-encoding: CHUNKED"),
        Just("Transfer-Encoding:\tchunked"),
        Just("Connection: keep-alive"),
        Just("Expect: 100-continue"),
        Just("Upgrade: h2c"),
        Just("X: y"),
    ];
    let end = prop_oneof![60 => Just("\r\n"), 1 => Just("\n"), 1 => Just("\r"), 1 => Just("\r\r\n")];
    let first = prop_oneof![
        4 => Just("POST /a HTTP/1.1\r\nHost: a\r\n"),
        2 => Just("GET /b HTTP/1.1\r\nHost: a\r\n"),
        1 => Just("GET /c HTTP/1.0\r\n"),
        1 => Just("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n"),
        1 => Just("\r\nPOST /d HTTP/1.1\r\nHost: a\r\n"),
    ];
    let body = prop_oneof![
        3 => Just(""),
        2 => Just("abcde"),
        2 => Just("5\r\nabcde\r\n0\r\n\r\n"),
        1 => Just("5;x=\"y\"\r\nabcde\r\n0\r\nT: v\r\n\r\n"),
        1 => Just("5 ;x\r\nabcde\r\n00\r\n\r\n"),
        1 => Just("0\r\n\r\n"),
        1 => Just("5\nabcde\n0\n\n"),
        1 => Just("5\r\nabcdeGET /x HTTP/1.1\r\n\r\n"),
    ];
    let lines = proptest::collection::vec((line, end.clone()), 0..3);
    (first, lines, end, body).prop_map(|(first, lines, end, body)| {
        let lines: String = lines.into_iter().flat_map(|(line, end)| [line, end]).collect();
        format!("{first}{lines}{end}{body}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn hyper_sees_no_request_that_the_screen_did_not_see(pieces in proptest::collection::vec(piece(), 1..4)) {
        let wire = pieces.concat();
        if let Some(heads) = screened(wire.as_bytes()) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let calls = runtime.block_on(handed_over(wire.clone().into_bytes()));
            prop_assert!(calls <= heads, "{calls} calls for {heads} heads in {wire:?}");
        }
    }
}
