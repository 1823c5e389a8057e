//! Every wait ends, and no earlier than it should.

use std::time::Duration;

use runtime::http::{Closed, Settings};
use tokio::io::AsyncReadExt;

use super::{
    client::{Client, PATIENCE, eventually},
    server::{BIG, Server},
};

const SHORT: Duration = Duration::from_millis(200);
/// Long enough for a first request on a busy machine.
const LONGER: Duration = Duration::from_secs(2);

fn settings() -> Settings {
    Settings {
        header_read_timeout: PATIENCE,
        idle_timeout: PATIENCE,
        write_timeout: PATIENCE,
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_half_sent_head_is_answered_408_and_closed() {
    let server = Server::start(Settings {
        header_read_timeout: SHORT,
        ..settings()
    });
    let mut client = Client::connect(server.address).await;
    client.send("GET / HTTP/1.1\r\nHost: a\r\n").await;
    let answer = client.last_answer().await;
    assert_eq!(answer.status(), 408);
    assert!(answer.head.contains("application/problem+json"));
    assert_eq!((server.calls(), server.closed(Closed::HeaderTimeout)), (0, 1));
}

#[tokio::test]
async fn a_head_that_drips_byte_by_byte_gets_no_more_time() {
    let server = Server::start(Settings {
        header_read_timeout: SHORT,
        ..settings()
    });
    let client = Client::connect(server.address).await;
    let (mut read, mut write) = client.stream.into_split();
    let drip = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while write.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut answer = Vec::new();
    let end = tokio::time::timeout(PATIENCE, read.read_to_end(&mut answer))
        .await
        .expect("dripping goes on");
    assert!(end.is_err() || answer.starts_with(b"HTTP/1.1 408"), "{answer:?}");
    drip.abort();
    assert_eq!(server.closed(Closed::HeaderTimeout), 1);
}

#[tokio::test]
async fn a_second_half_sent_head_is_answered_408_too() {
    let server = Server::start(Settings {
        header_read_timeout: LONGER,
        ..settings()
    });
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get("/").await.status(), 200);
    client.send("GET / HT").await;
    assert_eq!(client.last_answer().await.status(), 408);
}

#[tokio::test]
async fn a_connection_that_never_speaks_is_closed_without_a_word() {
    let server = Server::start(Settings {
        header_read_timeout: SHORT,
        ..settings()
    });
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.rest().await, b"");
    assert_eq!(server.closed(Closed::HeaderTimeout), 1);
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_idle_timeout() {
    let server = Server::start(Settings {
        idle_timeout: SHORT,
        ..settings()
    });
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get("/").await.status(), 200);
    assert_eq!(client.rest().await, b"");
    assert_eq!(server.closed(Closed::Idle), 1);
}

#[tokio::test]
async fn the_header_timeout_does_not_end_idle_connections() {
    let server = Server::start(Settings {
        header_read_timeout: LONGER,
        ..settings()
    });
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get("/").await.status(), 200);
    tokio::time::sleep(LONGER + SHORT).await;
    assert_eq!(client.get("/").await.status(), 200);
}

#[tokio::test]
async fn a_request_in_work_is_bounded_by_none_of_them() {
    let server = Server::start(Settings {
        header_read_timeout: LONGER,
        idle_timeout: SHORT,
        write_timeout: SHORT,
        ..settings()
    });
    let mut client = Client::connect(server.address).await;
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    eventually("the request is in work", || server.waiting() == 1).await;
    tokio::time::sleep(LONGER + SHORT).await;
    server.seen.go_on.notify_one();
    assert_eq!(client.answer().await.status(), 200);
}

#[tokio::test]
async fn a_peer_that_does_not_read_its_answer_is_cut_off() {
    let server = Server::start(Settings {
        write_timeout: SHORT,
        ..settings()
    });
    let mut client = Client::connect(server.address).await;
    client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n").await;
    eventually("the connection is closed", || {
        server.closed(Closed::WriteStall) == 1
    })
    .await;
    eventually("it is no longer counted", || server.meters.open.get() == 0).await;
    assert!(client.rest().await.len() < BIG);
}

#[tokio::test]
async fn a_peer_that_reads_slowly_but_steadily_gets_all_of_its_answer() {
    let server = Server::start(Settings {
        write_timeout: LONGER,
        idle_timeout: SHORT,
        ..settings()
    });
    let mut client = Client::connect(server.address).await;
    client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(client.head().await.contains(&BIG.to_string()));
    let mut part = vec![0; BIG / 16];
    for _ in 0..16 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        tokio::time::timeout(PATIENCE, client.stream.read_exact(&mut part))
            .await
            .unwrap()
            .unwrap();
    }
    assert_eq!(server.closed(Closed::WriteStall), 0);
}
