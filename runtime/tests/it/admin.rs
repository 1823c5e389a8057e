//! The admin listener over real sockets.

use runtime::{
    admin::{self, Readiness, Running},
    http::Listener,
    lifecycle::{Reason, Shutdown},
    metrics::Metrics,
};
use serde_json::{Value, json};
use std::net::SocketAddr;

use crate::http::client::{Client, eventually};

fn start(readiness: &Readiness) -> (SocketAddr, Running) {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr();
    (
        address,
        admin::start(listener, readiness.clone(), Metrics::with_process()),
    )
}

#[tokio::test]
async fn readiness_lists_every_check_and_follows_it_through_the_drain() {
    let shutdown = Shutdown::new();
    let readiness = Readiness::new(&shutdown);
    let (nats, store) = (readiness.check("nats"), readiness.check("store"));
    let (address, _admin) = start(&readiness);
    let mut client = Client::connect(address).await;
    nats.not_ready("no connection to nats://localhost:4222");
    let answer = client.get("/readyz").await;
    assert_eq!(answer.status(), 503);
    let expected = json!({"ready": false, "checks": [
        {"name": "nats", "ok": false, "reason": "no connection to nats://localhost:4222"},
        {"name": "store", "ok": false, "reason": "starting"},
    ]});
    assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap(), expected);
    nats.ready();
    store.ready();
    assert_eq!(client.get("/readyz").await.status(), 200);
    shutdown.drain(Reason::Requested);
    let answer = client.get("/readyz").await;
    assert_eq!(answer.status(), 503);
    assert!(String::from_utf8_lossy(&answer.body).contains("draining: stop requested"));
    assert_eq!(client.get("/livez").await.status(), 200);
}

#[tokio::test]
async fn metrics_are_text_of_the_process() {
    let (address, _admin) = start(&Readiness::new(&Shutdown::new()));
    let answer = Client::connect(address).await.get("/metrics").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.head.contains("application/openmetrics-text"));
    assert!(String::from_utf8_lossy(&answer.body).contains("process_resident_memory_bytes"));
}

#[tokio::test]
async fn other_paths_are_404_and_other_methods_405() {
    let (address, _admin) = start(&Readiness::new(&Shutdown::new()));
    let mut client = Client::connect(address).await;
    for path in ["/", "/livez/", "/metrics/x"] {
        assert_eq!(client.get(path).await.status(), 404, "{path}");
    }
    client
        .send("POST /readyz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        .await;
    let answer = client.answer().await;
    assert_eq!(answer.status(), 405);
    assert!(answer.head.contains("allow: GET, HEAD"));
    client
        .send("HEAD /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await;
    let answer = client.last_answer().await;
    assert_eq!((answer.status(), answer.body.as_slice()), (200, b"".as_slice()));
}

#[tokio::test]
async fn dropping_it_closes_the_listener() {
    let (address, admin) = start(&Readiness::new(&Shutdown::new()));
    assert_eq!(Client::connect(address).await.get("/livez").await.status(), 200);
    drop(admin);
    eventually("the port is free", || {
        std::net::TcpStream::connect(address).is_err()
    })
    .await;
}
