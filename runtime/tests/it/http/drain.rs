//! The two steps of the stop, as clients see them.

use std::{
    io::ErrorKind,
    sync::atomic::Ordering::SeqCst,
    time::{Duration, Instant},
};

use runtime::{http::Settings, lifecycle::Reason};
use test_case::test_case;
use tokio::net::TcpStream;

use super::{
    client::{Client, PATIENCE, eventually},
    server::Server,
};

async fn ended(server: &mut Server) {
    tokio::time::timeout(PATIENCE, &mut server.running)
        .await
        .expect("the server goes on")
        .unwrap()
        .unwrap();
}

fn start(settings: Settings, shards: usize) -> Server {
    if shards == 0 {
        Server::start(settings)
    } else {
        Server::sharded(settings, shards)
    }
}

#[test_case(0; "on the current runtime")]
#[test_case(2; "sharded")]
#[tokio::test]
async fn the_soft_stop_finishes_requests_closes_idle_connections_and_refuses_new_ones(shards: usize) {
    let mut server = start(
        Settings {
            drain_timeout: PATIENCE,
            ..Settings::default()
        },
        shards,
    );
    let (mut idle, mut busy) = (
        Client::connect(server.address).await,
        Client::connect(server.address).await,
    );
    assert_eq!(idle.get("/").await.status(), 200);
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    eventually("the request is in work", || server.waiting() == 1).await;
    server.shutdown.drain(Reason::Requested);
    assert_eq!(idle.rest().await, b"");
    let refused = TcpStream::connect(server.address)
        .await
        .map(drop)
        .map_err(|error| error.kind());
    assert_eq!(refused, Err(ErrorKind::ConnectionRefused));
    assert!(!server.running.is_finished());
    server.seen.go_on.notify_one();
    let answer = busy.last_answer().await;
    assert_eq!(
        (answer.status(), answer.body.as_slice()),
        (200, b"waited".as_slice())
    );
    // Another thread may answer in the moment before it learns of the stop; `last_answer` has seen it close all the same.
    assert!(shards > 0 || answer.head.to_lowercase().contains("connection: close"));
    ended(&mut server).await;
    assert!(server.seen.drained.load(SeqCst));
    assert_eq!(server.meters.open.get(), 0);
}

#[test_case(0; "on the current runtime")]
#[test_case(2; "sharded")]
#[tokio::test]
async fn a_request_longer_than_the_drain_time_is_dropped(shards: usize) {
    let mut server = start(
        Settings {
            drain_timeout: Duration::from_millis(100),
            ..Settings::default()
        },
        shards,
    );
    let mut client = Client::connect(server.address).await;
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    eventually("the request is in work", || server.waiting() == 1).await;
    server.shutdown.drain(Reason::Requested);
    assert_eq!(client.rest().await, b"");
    ended(&mut server).await;
    assert_eq!(server.dropped(), 1);
}

#[test_case(0; "on the current runtime")]
#[test_case(2; "sharded")]
#[tokio::test]
async fn the_hard_stop_waits_for_nothing(shards: usize) {
    let settings = Settings {
        drain_timeout: PATIENCE,
        accept_grace: PATIENCE,
        ..Settings::default()
    };
    let mut server = start(settings, shards);
    let mut client = Client::connect(server.address).await;
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    eventually("the request is in work", || server.waiting() == 1).await;
    let before = Instant::now();
    server.shutdown.end(Reason::Requested);
    ended(&mut server).await;
    assert!(before.elapsed() < PATIENCE);
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn new_connections_are_served_during_the_accept_grace() {
    let settings = Settings {
        accept_grace: Duration::from_secs(3),
        ..Settings::default()
    };
    let mut server = Server::start(settings);
    server.shutdown.drain(Reason::Requested);
    assert_eq!(Client::connect(server.address).await.get("/").await.status(), 200);
    ended(&mut server).await;
}

#[test_case(0; "on the current runtime")]
#[test_case(2; "sharded")]
#[tokio::test]
async fn dropping_the_server_closes_its_connections_and_listener(shards: usize) {
    let server = start(Settings::default(), shards);
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get("/").await.status(), 200);
    server.running.abort();
    assert_eq!(client.rest().await, b"");
    eventually("the port is free", || {
        std::net::TcpStream::connect(server.address).is_err()
    })
    .await;
}
