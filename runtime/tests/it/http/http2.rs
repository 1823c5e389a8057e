//! HTTP/2 with prior knowledge: the same limits in other clothes.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use runtime::{
    http::{Closed, Settings},
    lifecycle::Reason,
};
use tokio::{io::AsyncReadExt, net::TcpStream};

use super::{
    client::{Client, PATIENCE, eventually},
    server::{BIG, BODY_LIMIT, Server},
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";

async fn connect(server: &Server) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    drop(tokio::spawn(connection));
    sender
}

fn request(uri: &str, body: impl Into<Bytes>) -> http::Request<Full<Bytes>> {
    http::Request::builder()
        .uri(format!("http://test{uri}"))
        .body(Full::new(body.into()))
        .unwrap()
}

async fn status(sender: &mut SendRequest<Full<Bytes>>, request: http::Request<Full<Bytes>>) -> u16 {
    let answer = tokio::time::timeout(PATIENCE, sender.send_request(request))
        .await
        .expect("the server hangs");
    answer.unwrap().status().as_u16()
}

/// A GET of `/wait` on the given stream: four header fields from HPACK's static table and two literals.
fn get_wait(stream: u32) -> Vec<u8> {
    let block = b"\x82\x86\x04\x05/wait\x01\x04test";
    frame(1, 0b101, stream, block)
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

#[tokio::test]
async fn a_request_with_a_body_is_answered() {
    let server = Server::start(Settings::default());
    let mut sender = connect(&server).await;
    let answer = sender
        .send_request(request("/echo", "hello there"))
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.into_body().collect().await.unwrap().to_bytes(),
        "hello there"
    );
}

#[tokio::test]
async fn a_large_answer_arrives_whole() {
    let server = Server::start(Settings::default());
    let mut sender = connect(&server).await;
    let answer = sender.send_request(request("/big", "")).await.unwrap();
    assert_eq!(answer.headers()["content-length"], BIG.to_string());
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes().len(), BIG);
}

#[tokio::test]
async fn an_oversize_body_is_answered_413() {
    let server = Server::start(Settings::default());
    let mut sender = connect(&server).await;
    assert_eq!(
        status(&mut sender, request("/echo", vec![b'x'; BODY_LIMIT + 1])).await,
        413
    );
}

#[tokio::test]
async fn long_targets_and_many_headers_are_refused_and_the_connection_goes_on() {
    let settings = Settings {
        max_headers: 10,
        max_uri_bytes: 1024,
        ..Settings::default()
    };
    let server = Server::start(settings);
    let mut sender = connect(&server).await;
    let long = format!("/{}", "x".repeat(1024));
    assert_eq!(status(&mut sender, request(&long, "")).await, 414);
    let mut many = request("/", "");
    for index in 0..11 {
        let name: http::HeaderName = format!("x-{index}").parse().unwrap();
        many.headers_mut()
            .insert(name, http::HeaderValue::from_static("y"));
    }
    assert_eq!(status(&mut sender, many).await, 431);
    let mut large = request("/", "");
    large
        .headers_mut()
        .insert("x", "y".repeat(17 * 1024).parse().unwrap());
    assert_eq!(status(&mut sender, large).await, 431);
    assert_eq!(server.calls(), 0);
    assert_eq!(status(&mut sender, request("/", "")).await, 200);
}

#[tokio::test]
async fn streams_that_are_opened_only_to_be_reset_close_the_connection() {
    let server = Server::start(Settings {
        http2_max_resets: 50,
        ..Settings::default()
    });
    let mut client = Client::connect(server.address).await;
    client.send(PREFACE).await;
    let mut opened = 0;
    // One at a time, each seen by the service before its reset: a burst would meet a limit of h2's own.
    for stream in (1u32..).step_by(2).take(500) {
        client.send(get_wait(stream)).await;
        let accepted = || server.calls() > opened || server.closed(Closed::ResetFlood) > 0;
        eventually("the request arrives or the flood is noticed", accepted).await;
        opened = server.calls();
        client.send(frame(3, 0, stream, &8u32.to_be_bytes())).await;
        if server.closed(Closed::ResetFlood) > 0 {
            break;
        }
    }
    client.rest().await;
    eventually("the flood is counted", || server.closed(Closed::ResetFlood) == 1).await;
    eventually("no work is left", || server.waiting() == 0).await;
    assert!((50..100).contains(&server.calls()), "{}", server.calls());
}

#[tokio::test]
async fn a_burst_of_resets_closes_the_connection_too() {
    let server = Server::start(Settings::default());
    let mut client = Client::connect(server.address).await;
    let mut burst = PREFACE.to_vec();
    for stream in (1u32..).step_by(2).take(5000) {
        burst.extend(get_wait(stream));
        burst.extend(frame(3, 0, stream, &8u32.to_be_bytes()));
    }
    client.send(burst).await;
    client.rest().await;
    eventually("no work is left", || {
        server.waiting() == 0 && server.meters.open.get() == 0
    })
    .await;
    assert!(server.calls() < 1000, "{}", server.calls());
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let settings = Settings {
        idle_timeout: Duration::from_millis(200),
        ..Settings::default()
    };
    let server = Server::start(settings);
    let mut sender = connect(&server).await;
    assert_eq!(status(&mut sender, request("/", "")).await, 200);
    eventually("the connection is closed", || sender.is_closed()).await;
    assert_eq!(server.closed(Closed::Idle), 1);
}

#[tokio::test]
async fn a_client_that_opens_no_window_for_its_answer_is_cut_off() {
    let settings = Settings {
        write_timeout: Duration::from_millis(300),
        ..Settings::default()
    };
    let server = Server::start(settings);
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(1024)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    drop(tokio::spawn(connection));
    // The answer is never read, so its window is never opened again.
    let answer = sender.send_request(request("/big", "")).await.unwrap();
    eventually("the connection is closed", || {
        server.closed(Closed::WriteStall) + server.closed(Closed::Idle) == 1
    })
    .await;
    drop(answer);
}

#[tokio::test]
async fn the_soft_stop_says_goaway_and_finishes_what_is_in_work() {
    let mut server = Server::start(Settings::default());
    let mut sender = connect(&server).await;
    let mut other = sender.clone();
    let waiting = tokio::spawn(async move { status(&mut other, request("/wait", "")).await });
    eventually("the request is in work", || server.waiting() == 1).await;
    server.shutdown.drain(Reason::Requested);
    let until = tokio::time::Instant::now() + PATIENCE;
    while sender.send_request(request("/", "")).await.is_ok() {
        assert!(
            tokio::time::Instant::now() < until,
            "new requests are still taken"
        );
    }
    assert!(!waiting.is_finished());
    server.seen.go_on.notify_one();
    assert_eq!(waiting.await.unwrap(), 200);
    tokio::time::timeout(PATIENCE, &mut server.running)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(sender.send_request(request("/", "")).await.is_err());
}

#[tokio::test]
async fn a_preface_and_nothing_more_is_closed() {
    let settings = Settings {
        idle_timeout: Duration::from_millis(200),
        ..Settings::default()
    };
    let server = Server::start(settings);
    let mut client = Client::connect(server.address).await;
    client.send(PREFACE).await;
    let mut first = [0; 9];
    client.stream.read_exact(&mut first).await.unwrap();
    assert_eq!(first[3], 4, "the server's settings come first");
    client.rest().await;
    assert_eq!(server.closed(Closed::Idle), 1);
}
