//! The client against a registry of a few lines.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::http_request;

/// What a registry keeps, by path.
type Store = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// Turns a request into a status line with headers, and a body.
type Serve = fn(&Store, &str, &str, Vec<u8>) -> (String, Vec<u8>);

async fn registry(serve: Serve) -> (Registry, Store) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let store = Store::default();
    let kept = Arc::clone(&store);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                stream.read_line(&mut head).await.unwrap();
            }
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            let mut body = vec![0; length.unwrap_or(0)];
            stream.read_exact(&mut body).await.unwrap();
            let mut words = head.split_whitespace();
            let (method, path) = (words.next().unwrap(), words.next().unwrap());
            let (status, body) = serve(&kept, method, path, body);
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
            stream
                .write_all(&[head.as_bytes(), &body].concat())
                .await
                .unwrap();
        }
    });
    (Registry::at(address), store)
}

/// A registry that does as it should.
fn honest(store: &Store, method: &str, path: &str, body: Vec<u8>) -> (String, Vec<u8>) {
    let mut store = store.lock().unwrap();
    let mut created = |path: String, body| {
        store.insert(path, body);
        ("201 Created".to_owned(), Vec::new())
    };
    match (method, path) {
        ("GET", "/v2/") => ("200 OK".to_owned(), b"{}".to_vec()),
        ("GET", path) if path.starts_with("/v2/_catalog") => {
            let list = br#"{"repositories":["ratectl-doctor","web"]}"#;
            ("200 OK".to_owned(), list.to_vec())
        }
        ("POST", _) => (
            "202 Accepted\r\nLocation: http://elsewhere/v2/upload?state=1".to_owned(),
            Vec::new(),
        ),
        ("PUT", path) => match path.split_once("&digest=") {
            Some((_, digest)) => created(format!("/v2/ratectl-doctor/blobs/{digest}"), body),
            None => created(path.to_owned(), body),
        },
        ("GET", path) => match store.get(path) {
            Some(body) => ("200 OK".to_owned(), body.clone()),
            None => ("404 Not Found".to_owned(), Vec::new()),
        },
        ("DELETE", path) if store.remove(path).is_some() => ("202 Accepted".to_owned(), Vec::new()),
        _ => ("404 Not Found".to_owned(), Vec::new()),
    }
}

/// A registry that keeps something else than it was given, and deletes nothing.
fn dishonest(store: &Store, method: &str, path: &str, body: Vec<u8>) -> (String, Vec<u8>) {
    let refusal =
        br#"{"errors":[{"code":"UNSUPPORTED","message":"The operation is\u001b[1m unsupported."}]}"#;
    match method {
        "DELETE" => ("405 Method Not Allowed".to_owned(), refusal.to_vec()),
        "GET" => {
            let (status, mut body) = honest(store, method, path, body);
            body.push(b' ');
            (status, body)
        }
        _ => honest(store, method, path, body),
    }
}

#[tokio::test]
async fn what_is_placed_can_be_read_back_and_leaves_nothing_when_removed() {
    let (registry, store) = registry(honest).await;
    registry.answers().await.unwrap();
    let placed = registry.place("hello").await.unwrap();
    assert_eq!(
        placed.blob,
        "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    );
    assert_eq!(store.lock().unwrap().len(), 2);
    registry.read_back(&placed).await.unwrap();
    registry.remove(&placed).await.unwrap();
    assert!(store.lock().unwrap().is_empty());
}

#[tokio::test]
async fn our_own_repository_is_not_counted() {
    let (registry, _store) = registry(honest).await;
    assert_eq!(registry.repositories().await.unwrap(), ["web"]);
}

#[tokio::test]
async fn something_else_than_what_was_pushed_is_told() {
    let (registry, _store) = registry(dishonest).await;
    let placed = registry.place("hello").await.unwrap();
    let error = registry.read_back(&placed).await.unwrap_err();
    assert!(
        matches!(&error, Error::Altered { expected, .. } if *expected == placed.manifest),
        "{error}"
    );
}

#[tokio::test]
async fn a_refusal_says_what_the_registry_says_without_control_characters() {
    let (registry, _store) = registry(dishonest).await;
    let placed = registry.place("hello").await.unwrap();
    let message = registry.remove(&placed).await.unwrap_err().to_string();
    let end = "does not delete what was pushed: it answers 405 (The operation is unsupported.)";
    assert!(message.ends_with(end), "{message}");
}

#[tokio::test]
async fn nobody_there_is_an_error_with_its_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let error = Registry::at(address).answers().await.unwrap_err();
    assert!(matches!(
        error,
        Error::Unanswered {
            source: http_request::Error::Connect(_),
            ..
        }
    ));
}
