//! Connections that a service takes over, and those that only look so.

use bytes::Bytes;
use http_body_util::Full;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use runtime::http::{self, Listener, Meters, Peer, Request, Response, Service, Settings};
use runtime::lifecycle::{Reason, Shutdown};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;

use super::client::{Client, eventually};

const UPGRADE: &str = "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";

/// Echoes bytes at `/echo`, and elsewhere declines.
struct Echo;

impl Service for Echo {
    type Body = Full<Bytes>;

    async fn call(&self, mut request: Request, _: Peer) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        if request.uri().path() != "/echo" {
            return response;
        }
        *response.status_mut() = ::http::StatusCode::SWITCHING_PROTOCOLS;
        response
            .headers_mut()
            .insert("connection", "upgrade".parse().unwrap());
        response.headers_mut().insert("upgrade", "echo".parse().unwrap());
        let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
            return response;
        };
        drop(tokio::spawn(async move {
            let mut stream = TokioIo::new(upgrade.await.unwrap());
            let mut bytes = [0; 64];
            while let Ok(length @ 1..) = stream.read(&mut bytes).await {
                stream.write_all(&bytes[..length]).await.unwrap();
            }
        }));
        response
    }
}

struct Running {
    address: std::net::SocketAddr,
    meters: Meters,
    shutdown: Shutdown,
    task: JoinHandle<Result<(), http::Error>>,
}

fn start() -> Running {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let (address, meters, shutdown) = (listener.local_addr(), Meters::default(), Shutdown::new());
    let settings = Settings {
        meters: meters.clone(),
        ..Settings::default()
    };
    let factory = |_| async { Ok::<_, std::io::Error>(Echo) };
    let task = tokio::spawn(http::serve_sharded(
        listener,
        settings,
        1,
        factory,
        shutdown.clone(),
    ));
    Running {
        address,
        meters,
        shutdown,
        task,
    }
}

#[tokio::test]
async fn a_connection_taken_over_carries_any_bytes_and_counts_until_it_ends() {
    let server = start();
    let mut client = Client::connect(server.address).await;
    client.send(UPGRADE).await;
    assert!(client.head().await.starts_with("HTTP/1.1 101"));
    // No HTTP, with bare line feeds and much that a head must not have.
    for bytes in [&b"\x81\x05\n\n\0hello\n"[..], b"GET / HTTP/9\n: \n\n"] {
        client.send(bytes).await;
        let mut echo = vec![0; bytes.len()];
        client.stream.read_exact(&mut echo).await.unwrap();
        assert_eq!(echo, bytes);
    }
    assert_eq!(server.meters.open.get(), 1);
    drop(client);
    eventually("the connection has ended", || server.meters.open.get() == 0).await;
}

#[tokio::test]
async fn asking_for_an_upgrade_lifts_no_screen() {
    let server = start();
    let mut client = Client::connect(server.address).await;
    client.send(UPGRADE.replace("/echo", "/other")).await;
    assert_eq!(client.answer().await.status(), 200);
    client.send("GET / HTTP/1.1\nHost: a\n\n").await;
    assert_eq!(client.last_answer().await.status(), 400);
}

#[tokio::test]
async fn the_stop_ends_what_a_service_has_taken_over() {
    let server = start();
    let mut client = Client::connect(server.address).await;
    client.send(UPGRADE).await;
    client.head().await;
    server.shutdown.end(Reason::Requested);
    assert!(client.rest().await.is_empty());
    server.task.await.unwrap().unwrap();
}
