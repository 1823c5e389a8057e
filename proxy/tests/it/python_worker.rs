//! A worker in another language, written from docs/PROTOCOL.md alone.

use std::path::PathBuf;

use serde_json::json;
use testbed::Program;

use crate::client::{get, request};
use crate::system::{STREAM, System};

/// What the worker needs besides the stream of requests.
const WORKER: &str = "
---
apiVersion: jetstream.nats.io/v1beta2
kind: Consumer
metadata: { name: hello }
spec: { streamName: REQUESTS, durableName: hello, ackPolicy: explicit, ackWait: 5s, maxDeliver: 3 }
---
apiVersion: jetstream.nats.io/v1beta2
kind: Stream
metadata: { name: dead }
spec: { name: DEAD, subjects: ['dead.>'], storage: memory, maxAge: 1h }
";

/// The interpreter that `make test` prepares. Nothing is proven without it, so CI must have it.
#[expect(clippy::print_stdout, reason = "a test that proves nothing says so")]
fn python() -> Option<PathBuf> {
    let python = testbed::repository().join(".tools/python/bin/python");
    let is_there = python.exists();
    assert!(
        is_there || std::env::var("CI").is_err(),
        "{} is missing; run make test",
        python.display()
    );
    if !is_there {
        println!(
            "skipped: {} is missing; `make test` installs it",
            python.display()
        );
    }
    is_there.then_some(python)
}

async fn messages(system: &System, stream: &str) -> u64 {
    let info = system
        .nats
        .jetstream(&format!("STREAM.INFO.{stream}"), &json!(null))
        .await
        .unwrap();
    info["state"]["messages"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_worker_written_from_the_protocol_answers_requests() {
    let Some(python) = python() else { return };
    let system = System::start_with(&format!("{STREAM}{WORKER}"), |_| {}).await;
    let script = testbed::repository().join("docs/worker.py");
    let environment = [("NATS_URL", system.nats.url()), ("CONSUMER", "hello".to_owned())];
    let worker = Program::start(&python, [script], environment).unwrap();

    let answer = get(system.address(), "/things/caf%C3%A9%20noir").await;
    assert_eq!(answer.status, 200, "{answer:?}, worker: {}", worker.log());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let expected = json!({"hello": "café noir", "method": "GET", "bytes": 0});
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&answer.text()).unwrap(),
        expected
    );
    let answer = request(system.address(), "PUT", "/things/you", &[], b"12345").await;
    assert!(answer.text().contains(r#""bytes": 5"#), "{answer:?}");

    let client = system.nats.client().await.unwrap();
    let told = client.request("$SRV.PING.hello", "".into()).await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told.payload).unwrap();
    assert_eq!(told["metadata"]["consumer"], "hello", "{told}");

    // Something that is no request is set aside, and the worker lives on.
    let stranger = async_nats::connect(system.nats.url()).await.unwrap();
    stranger
        .publish("api.get.things", "nonsense".into())
        .await
        .unwrap();
    stranger.flush().await.unwrap();
    let mut left = (1, 0);
    while left != (0, 1) {
        left = (
            messages(&system, "REQUESTS").await,
            messages(&system, "DEAD").await,
        );
    }
    assert_eq!(
        get(system.address(), "/things/again").await.status,
        200,
        "{}",
        worker.log()
    );
}
