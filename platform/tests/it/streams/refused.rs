//! Servers that cannot or will not.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use platform::streams::{self, Error, JetStream};
use serde_json::{Value, json};
use testbed::nats::Server;
use testbed::program::Program;

use super::{apply, defined, server};
use crate::host::LIMIT;

#[tokio::test]
async fn no_server_is_told_without_credentials() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = JetStream::connect(&format!("nats://me:secret@{address}"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Connect { url, .. } if *url == format!("nats://{address}")),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_account_without_jetstream_is_told() {
    let server =
        Server::start_with("accounts { A { users: [{user: a, password: a}] } }\nno_auth_user: a").unwrap();
    let error = JetStream::connect(&server.url()).await.unwrap_err();
    assert!(matches!(error, Error::NoJetStream { .. }), "{error:?}");
}

/// A server without any JetStream, and its URL.
fn without_jetstream() -> (Program, String) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--addr",
        "127.0.0.1",
        "--port",
        "-1",
        "--ports_file_dir",
        folder.path().to_str().unwrap(),
    ];
    let server = Program::start(&testbed::nats::find().unwrap(), arguments, []).unwrap();
    let file = folder.path().join(format!("nats-server_{}.ports", server.pid()));
    let began = Instant::now();
    loop {
        let text = std::fs::read(&file).unwrap_or_default();
        let ports = serde_json::from_slice::<Value>(&text).unwrap_or_default();
        if let Some(url) = ports.pointer("/nats/0").and_then(Value::as_str) {
            return (server, url.to_owned());
        }
        assert!(began.elapsed() < LIMIT, "nats-server does not start");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test]
async fn a_server_without_jetstream_is_told() {
    let (_server, url) = without_jetstream();
    let error = JetStream::connect(&url).await.unwrap_err();
    assert!(matches!(error, Error::NoJetStream { .. }), "{error:?}");
}

#[tokio::test]
async fn what_the_server_refuses_is_told_in_its_words() {
    let (_server, jetstream) = server().await;
    let stream = |name: &str| ("Stream", json!({"name": name, "subjects": ["same.>"]}));
    let error = apply(&jetstream, &defined(&[stream("A"), stream("B")]))
        .await
        .unwrap_err();
    let Error::Refused { operation, source } = error else {
        panic!("{error:?}")
    };
    assert_eq!(operation, "create stream B");
    assert_eq!((source.code, source.err_code), (400, 10065));
    assert_eq!(source.description, "subjects overlap with an existing stream");
}

#[tokio::test]
async fn a_consumer_of_a_stream_that_is_nowhere_is_refused_before_anything_is_done() {
    let (_server, jetstream) = server().await;
    let consumer = (
        "Consumer",
        json!({"streamName": "NO", "durableName": "c", "ackPolicy": "explicit"}),
    );
    let error = streams::diff(&jetstream, &defined(&[consumer]))
        .await
        .unwrap_err();
    let message = "consumer c belongs to stream NO, which is neither defined nor on the server";
    assert_eq!(error.to_string(), message);
}

/// Answers the API as a server would that has never heard of message TTLs.
async fn old_server(client: async_nats::Client) {
    let mut requests = client.subscribe("$JS.API.>").await.unwrap();
    client.flush().await.unwrap();
    tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let answer = match request.subject.as_str() {
                "$JS.API.STREAM.LIST" => json!({"total": 0, "streams": []}),
                subject if subject.starts_with("$JS.API.STREAM.CREATE.") => {
                    let mut config: Value = serde_json::from_slice(&request.payload).unwrap();
                    config.as_object_mut().unwrap().remove("allow_msg_ttl");
                    json!({"config": config})
                }
                _ => json!({}),
            };
            client
                .publish(request.reply.unwrap(), answer.to_string().into())
                .await
                .unwrap();
        }
    });
}

#[tokio::test]
async fn a_server_that_ignores_a_setting_is_found_out() {
    let (_server, url) = without_jetstream();
    old_server(async_nats::connect(&url).await.unwrap()).await;
    let jetstream = JetStream::connect(&url).await.unwrap();
    let definitions = defined(&[(
        "Stream",
        json!({"name": "A", "subjects": ["a"], "allowMsgTtl": true}),
    )]);
    let error = apply(&jetstream, &definitions).await.unwrap_err();
    assert!(
        matches!(&error, Error::NotTaken { changes, .. } if changes[0].field == "allow_msg_ttl"),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_user_of_a_url_signs_in() {
    let users = r#"authorization { users: [{ user: me, password: "p@ss" }] }"#;
    let server = Server::start_with(users).unwrap();
    let address = server.address();
    JetStream::connect(&format!("nats://me:p%40ss@{address}"))
        .await
        .unwrap();
    let error = JetStream::connect(&format!("nats://me:wrong@{address}"))
        .await
        .unwrap_err();
    assert!(!error.to_string().contains("wrong"), "{error}");
}
