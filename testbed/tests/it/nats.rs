//! nats-server as a child.

use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use testbed::nats::{Server, definitions};

use crate::is_alive;

async fn stored(server: &Server, stream: &str) -> u64 {
    let info = server
        .jetstream(&format!("STREAM.INFO.{stream}"), &Value::Null)
        .await
        .unwrap();
    info.pointer("/state/messages").unwrap().as_u64().unwrap()
}

#[tokio::test]
async fn a_restarted_server_has_the_same_address_and_the_same_messages() {
    let mut server = Server::start().unwrap();
    let (url, pid) = (server.url(), server.pid());
    server.apply_repository().await.unwrap();
    let client = server.client().await.unwrap();
    let acknowledged = client.request("api.get.users", "hello".into()).await.unwrap();
    assert!(!acknowledged.payload.is_empty());

    server.kill().unwrap();
    assert!(!is_alive(pid));
    assert!(
        TcpStream::connect(server.address()).is_err(),
        "a killed server still takes connections"
    );

    server.restart().unwrap();
    assert_eq!(server.url(), url);
    assert_ne!(server.pid(), pid);
    assert_eq!(stored(&server, "REQUESTS").await, 1);
}

#[tokio::test]
async fn a_paused_server_answers_again_after_it_is_resumed() {
    let server = Server::start().unwrap();
    let client = server.client().await.unwrap();
    let mut echo = client.subscribe("echo").await.unwrap();
    client.flush().await.unwrap();
    server.pause().unwrap();
    client.publish("echo", "hello".into()).await.unwrap();
    let nothing = tokio::time::timeout(Duration::from_millis(200), next(&mut echo)).await;
    assert!(nothing.is_err(), "a stopped process has answered");
    server.resume().unwrap();
    assert_eq!(next(&mut echo).await, "hello");
}

async fn next(subscriber: &mut async_nats::Subscriber) -> bytes::Bytes {
    use futures_util::StreamExt as _;
    subscriber.next().await.unwrap().payload
}

#[tokio::test]
async fn the_repositorys_definitions_can_be_applied_again_and_again() {
    let server = Server::start().unwrap();
    for _ in 0..2 {
        server.apply_repository().await.unwrap();
    }
    let defined = definitions().unwrap();
    let names: Vec<&str> = defined
        .streams
        .iter()
        .map(|stream| stream.name.as_str())
        .collect();
    assert_eq!(names, ["DEAD", "EVENTS", "REQUESTS"]);
    let requests = server
        .jetstream("STREAM.INFO.REQUESTS", &Value::Null)
        .await
        .unwrap();
    let expected = json!({
        "retention": "workqueue", "storage": "file", "discard": "new", "allow_msg_ttl": true,
        "max_age": 120_000_000_000_u64, "duplicate_window": 120_000_000_000_u64, "subjects": ["api.>"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(requests["config"][name], *value, "{name}");
    }
    let worker = server
        .jetstream("CONSUMER.INFO.REQUESTS.rating-service", &Value::Null)
        .await
        .unwrap();
    let expected = json!({
        "ack_policy": "explicit", "deliver_policy": "all", "ack_wait": 5_000_000_000_u64, "max_deliver": 4,
        "durable_name": "rating-service",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(worker["config"][name], *value, "{name}");
    }
}

#[tokio::test]
async fn an_existing_stream_takes_on_a_changed_definition() {
    let server = Server::start().unwrap();
    server.apply_repository().await.unwrap();
    let mut changed = definitions().unwrap();
    changed.streams[2].max_msgs = Some(7);
    server.apply(&changed).await.unwrap();
    let info = server
        .jetstream("STREAM.INFO.REQUESTS", &Value::Null)
        .await
        .unwrap();
    assert_eq!(info["config"]["max_msgs"], 7);
}

#[test]
fn more_configuration_reaches_the_server_and_nonsense_is_an_error_with_its_log() {
    let server = Server::start_with("max_payload: 4096").unwrap();
    assert!(server.log().contains("Server is ready"));
    let error = Server::start_with("no_such_setting: {").unwrap_err().to_string();
    assert!(error.contains("ended before it was ready"), "{error}");
}
