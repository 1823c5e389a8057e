//! Every size has a limit, with an answer of its own.

use runtime::http::{Closed, Settings};

use super::{
    client::{Client, eventually},
    server::Server,
};

fn settings() -> Settings {
    Settings {
        max_headers: 10,
        max_header_bytes: 4096,
        max_uri_bytes: 1024,
        ..Settings::default()
    }
}

async fn status(request: String) -> u16 {
    let server = Server::start(settings());
    let mut client = Client::connect(server.address).await;
    client.send(request).await;
    let status = client.last_answer().await.status();
    assert_eq!((server.calls(), server.closed(Closed::Refused)), (0, 1));
    status
}

#[tokio::test]
async fn too_many_headers_are_answered_431() {
    let many = "x: y\r\n".repeat(10);
    assert_eq!(
        status(format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n")).await,
        431
    );
}

#[tokio::test]
async fn too_long_a_head_is_answered_431() {
    assert_eq!(
        status(format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
            "y".repeat(4096)
        ))
        .await,
        431
    );
}

#[tokio::test]
async fn too_long_a_target_is_answered_414() {
    assert_eq!(
        status(format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "y".repeat(1024))).await,
        414
    );
}

#[tokio::test]
async fn a_target_of_100_kilobytes_is_answered_414_although_most_of_it_is_never_parsed() {
    assert_eq!(
        status(format!(
            "GET /{} HTTP/1.1\r\nHost: a\r\n\r\n",
            "y".repeat(100 * 1024)
        ))
        .await,
        414
    );
}

#[tokio::test]
async fn what_is_just_within_the_limits_is_served() {
    let server = Server::start(settings());
    let mut client = Client::connect(server.address).await;
    let (path, many) = ("y".repeat(1023), "x: y\r\n".repeat(9));
    client
        .send(format!("GET /{path} HTTP/1.1\r\nHost: a\r\n{many}\r\n"))
        .await;
    assert_eq!(client.answer().await.status(), 200);
}

#[tokio::test]
async fn more_headers_than_hypers_default_can_be_allowed() {
    let server = Server::start(Settings {
        max_headers: 150,
        ..Settings::default()
    });
    let mut client = Client::connect(server.address).await;
    client
        .send(format!(
            "GET / HTTP/1.1\r\nHost: a\r\n{}\r\n",
            "x: y\r\n".repeat(149)
        ))
        .await;
    assert_eq!(client.answer().await.status(), 200);
}

#[tokio::test]
async fn one_connection_too_many_is_answered_503_and_the_others_go_on() {
    let server = Server::start(Settings {
        max_connections: 2,
        ..Settings::default()
    });
    let (mut first, mut second) = (
        Client::connect(server.address).await,
        Client::connect(server.address).await,
    );
    assert_eq!(first.get("/").await.status(), 200);
    assert_eq!(second.get("/").await.status(), 200);
    let mut third = Client::connect(server.address).await;
    third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let answer = third.last_answer().await;
    assert_eq!(answer.status(), 503);
    assert!(answer.head.contains("retry-after: 1\r\n"));
    assert_eq!(
        (server.meters.refused.get(), server.meters.accepted.get()),
        (1, 2)
    );
    assert_eq!(first.get("/").await.status(), 200);
    drop(second);
    eventually("the closed connection is no longer counted", || {
        server.meters.open.get() == 1
    })
    .await;
    assert_eq!(Client::connect(server.address).await.get("/").await.status(), 200);
}

#[tokio::test]
async fn a_fault_in_the_service_ends_only_its_own_connection() {
    let server = Server::start(Settings::default());
    let mut other = Client::connect(server.address).await;
    assert_eq!(other.get("/").await.status(), 200);
    let mut client = Client::connect(server.address).await;
    client.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(client.rest().await, b"");
    assert_eq!(other.get("/").await.status(), 200);
    eventually("the connection is no longer counted", || {
        server.meters.open.get() == 1
    })
    .await;
}
