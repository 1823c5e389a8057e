//! Request bodies: size, pace, `100 Continue`, and clients that go away.

use std::time::Duration;

use runtime::http::Settings;

use super::{
    client::{Client, eventually},
    server::{BODY_LIMIT, Server},
};

#[tokio::test]
async fn an_announced_oversize_body_is_refused_before_it_is_sent() {
    let server = Server::start(Settings::default());
    let mut client = Client::connect(server.address).await;
    let length = BODY_LIMIT + 1;
    client
        .send(format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        ))
        .await;
    assert_eq!(client.last_answer().await.status(), 413);
}

#[tokio::test]
async fn a_body_within_the_limit_is_asked_for_and_echoed() {
    let server = Server::start(Settings::default());
    let mut client = Client::connect(server.address).await;
    client
        .send(format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {BODY_LIMIT}\r\n\r\n"
        ))
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 100 "));
    client.send(vec![b'x'; BODY_LIMIT]).await;
    let answer = client.answer().await;
    assert_eq!((answer.status(), answer.body.len()), (200, BODY_LIMIT));
}

#[tokio::test]
async fn an_oversize_body_of_unknown_length_is_refused_and_its_sender_can_read_the_answer() {
    let server = Server::start(Settings::default());
    let mut client = Client::connect(server.address).await;
    client
        .send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    for _ in 0..8 {
        client.send(format!("200\r\n{}\r\n", "x".repeat(512))).await;
    }
    assert_eq!(client.last_answer().await.status(), 413);
}

#[tokio::test]
async fn a_body_that_stops_coming_is_answered_408() {
    let server = Server::with_body_timeout(Settings::default(), Duration::from_millis(200));
    let mut client = Client::connect(server.address).await;
    client
        .send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        .await;
    let answer = client.last_answer().await;
    assert_eq!(answer.status(), 408);
    assert!(answer.body.starts_with(b"no part of the request body arrived"));
}

#[tokio::test]
async fn a_body_that_drips_is_answered_408_in_the_end() {
    let server = Server::with_body_timeout(Settings::default(), Duration::from_millis(500));
    let client = Client::connect(server.address).await;
    let (read, mut write) = client.stream.into_split();
    let drip = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        let _refused = write
            .write_all(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            .await;
        while write.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut status = Vec::new();
    while status.len() < 12 {
        tokio::time::timeout(super::client::PATIENCE, read.readable())
            .await
            .unwrap()
            .unwrap();
        let mut part = [0; 12];
        if let Ok(count) = read.try_read(&mut part) {
            assert_ne!(count, 0, "closed without an answer");
            status.extend_from_slice(&part[..count]);
        }
    }
    assert!(status.starts_with(b"HTTP/1.1 408"));
    drip.abort();
}

#[tokio::test]
async fn a_body_cut_short_by_its_sender_harms_nobody() {
    let server = Server::start(Settings::default());
    let mut client = Client::connect(server.address).await;
    client
        .send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        .await;
    eventually("the request is in work", || server.calls() == 1).await;
    drop(client);
    eventually("the connection is gone", || server.meters.open.get() == 0).await;
    assert_eq!(Client::connect(server.address).await.get("/").await.status(), 200);
}

#[tokio::test]
async fn a_client_that_goes_away_drops_the_work_for_it() {
    let server = Server::start(Settings::default());
    let mut client = Client::connect(server.address).await;
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    eventually("the request is in work", || server.waiting() == 1).await;
    drop(client);
    eventually("the work is dropped", || {
        server.dropped() == 1 && server.waiting() == 0
    })
    .await;
}
