//! Definitions against a real server.

mod dead;
mod fixed;
mod refused;

use contract::definition::{self, Definitions};
use platform::event::{self, Event};
use platform::streams::{self, Difference, JetStream, Verdict};
use serde_json::{Value, json};
use testbed::nats::Server;

/// A server and its JetStream.
async fn server() -> (Server, JetStream) {
    let server = Server::start().unwrap();
    let jetstream = JetStream::connect(&server.url()).await.unwrap();
    (server, jetstream)
}

/// Definitions in the resources' spelling: `Stream` and `Consumer` specs.
fn defined(specs: &[(&str, Value)]) -> Definitions {
    let resource = |(kind, spec): &(&str, Value)| {
        json!({"apiVersion": definition::API_VERSION, "kind": kind, "metadata": {"name": "x"}, "spec": spec})
            .to_string()
    };
    let documents: Vec<String> = specs.iter().map(resource).collect();
    definition::parse("test", &documents.join("\n---\n")).unwrap()
}

async fn apply(jetstream: &JetStream, definitions: &Definitions) -> Result<Vec<Difference>, streams::Error> {
    let (events, _receiver) = event::channel();
    streams::apply(jetstream, definitions, &events).await
}

fn words(differences: &[Difference]) -> Vec<String> {
    let word = |difference: &Difference| {
        let verdict = match &difference.verdict {
            Verdict::Same => "same".to_owned(),
            Verdict::Create => "create".to_owned(),
            Verdict::Orphan => "orphan".to_owned(),
            Verdict::Update { changes } => format!("update {changes:?}"),
            Verdict::Immutable { changes } => format!("immutable {changes:?}"),
        };
        format!("{}: {verdict}", difference.resource)
    };
    differences.iter().map(word).collect()
}

#[tokio::test]
async fn the_repository_s_definitions_are_created_once_and_then_the_same() {
    let (_server, jetstream) = server().await;
    let definitions = testbed::nats::definitions().unwrap();
    let count = definitions.streams.len() + definitions.consumers.len();
    let (events, mut receiver) = event::channel();
    let first = streams::apply(&jetstream, &definitions, &events).await.unwrap();
    assert_eq!(first.len(), count);
    assert!(
        first
            .iter()
            .all(|difference| difference.verdict == Verdict::Create),
        "{first:?}"
    );
    for difference in &first {
        assert_eq!(
            receiver.recv().await,
            Some(Event::Stream {
                difference: difference.clone()
            })
        );
    }
    for again in [
        apply(&jetstream, &definitions).await,
        streams::diff(&jetstream, &definitions).await,
    ] {
        let again = again.unwrap();
        assert!(
            again.iter().all(|difference| difference.verdict == Verdict::Same),
            "{again:?}"
        );
    }
}

#[tokio::test]
async fn a_change_is_told_field_by_field_and_made() {
    let (_server, jetstream) = server().await;
    let stream = |age: &str| {
        (
            "Stream",
            json!({"name": "A", "subjects": ["a.>"], "maxAge": age, "maxMsgs": 5}),
        )
    };
    let consumer = |wait: &str| {
        (
            "Consumer",
            json!({"streamName": "A", "durableName": "c", "ackPolicy": "explicit", "ackWait": wait}),
        )
    };
    apply(&jetstream, &defined(&[stream("1h"), consumer("5s")]))
        .await
        .unwrap();
    let changed = defined(&[stream("2h"), consumer("6s")]);
    let differences = streams::diff(&jetstream, &changed).await.unwrap();
    let json = serde_json::to_value(&differences).unwrap();
    assert_eq!(
        json,
        json!([
            {"kind": "stream", "name": "A", "verdict": "update",
             "changes": [{"field": "max_age", "from": 3_600_000_000_000_u64, "to": 7_200_000_000_000_u64}]},
            {"kind": "consumer", "stream": "A", "name": "c", "verdict": "update",
             "changes": [{"field": "ack_wait", "from": 5_000_000_000_u64, "to": 6_000_000_000_u64}]},
        ])
    );
    assert_eq!(apply(&jetstream, &changed).await.unwrap(), differences);
    assert_eq!(
        words(&streams::diff(&jetstream, &changed).await.unwrap()),
        ["stream A: same", "consumer c of stream A: same"]
    );
}

#[tokio::test]
async fn an_update_leaves_alone_what_nobody_defined() {
    let (server, jetstream) = server().await;
    let definitions = |subject: &str| defined(&[("Stream", json!({"name": "A", "subjects": [subject]}))]);
    apply(&jetstream, &definitions("a")).await.unwrap();
    let by_hand = json!({"name": "A", "subjects": ["a"], "max_msgs": 77, "metadata": {"owner": "ops"}});
    server.jetstream("STREAM.UPDATE.A", &by_hand).await.unwrap();
    assert_eq!(
        words(&streams::diff(&jetstream, &definitions("a")).await.unwrap()),
        ["stream A: same"]
    );
    apply(&jetstream, &definitions("b")).await.unwrap();
    let info = server.jetstream("STREAM.INFO.A", &Value::Null).await.unwrap();
    assert_eq!(info["config"]["subjects"], json!(["b"]));
    assert_eq!(info["config"]["max_msgs"], 77);
    assert_eq!(info["config"]["metadata"]["owner"], "ops");
}

#[tokio::test]
async fn what_nobody_defined_is_listed_and_left() {
    let (_server, jetstream) = server().await;
    let consumer = |name: &str| {
        (
            "Consumer",
            json!({"streamName": "A", "durableName": name, "ackPolicy": "explicit"}),
        )
    };
    let a = || ("Stream", json!({"name": "A", "subjects": ["a"]}));
    let b = ("Stream", json!({"name": "B", "subjects": ["b"]}));
    apply(&jetstream, &defined(&[a(), b, consumer("one"), consumer("two")]))
        .await
        .unwrap();
    let fewer = defined(&[a(), consumer("two")]);
    let expected = [
        "stream A: same",
        "consumer two of stream A: same",
        "stream B: orphan",
        "consumer one of stream A: orphan",
    ];
    let found = apply(&jetstream, &fewer).await.unwrap();
    assert_eq!(words(&found), expected);
    assert!(!found.iter().any(Difference::differs));
    assert_eq!(streams::ls(&jetstream).await.unwrap().len(), 2);
}

#[tokio::test]
async fn more_streams_and_consumers_than_one_page_holds_are_listed() {
    let (_server, jetstream) = server().await;
    let mut specs: Vec<(&str, Value)> = (0..300)
        .map(|number| ("Stream", json!({"name": format!("S{number:03}"), "subjects": [format!("s.{number}")], "storage": "memory"})))
        .collect();
    specs.extend((0..300).map(|number| {
        let durable = format!("c{number:03}");
        ("Consumer", json!({"streamName": "S000", "durableName": durable, "ackPolicy": "explicit", "memStorage": true}))
    }));
    let definitions = defined(&specs);
    apply(&jetstream, &definitions).await.unwrap();
    let states = streams::ls(&jetstream).await.unwrap();
    assert_eq!(states.len(), 300);
    assert!(states.is_sorted_by_key(|state| &state.name));
    assert_eq!(states[0].consumers.len(), 300);
    let differences = streams::diff(&jetstream, &definitions).await.unwrap();
    assert!(
        differences
            .iter()
            .all(|difference| difference.verdict == Verdict::Same)
    );
}

#[tokio::test]
async fn a_listing_shows_what_is_in_the_streams() {
    let (server, jetstream) = server().await;
    let stream = (
        "Stream",
        json!({"name": "A", "subjects": ["a.>"], "retention": "workqueue"}),
    );
    let consumer = (
        "Consumer",
        json!({"streamName": "A", "durableName": "c", "ackPolicy": "explicit"}),
    );
    apply(&jetstream, &defined(&[stream, consumer])).await.unwrap();
    let context = async_nats::jetstream::new(server.client().await.unwrap());
    for _ in 0..3 {
        context
            .publish("a.b", "hello".into())
            .await
            .unwrap()
            .await
            .unwrap();
    }
    let states = streams::ls(&jetstream).await.unwrap();
    let json = serde_json::to_value(&states).unwrap();
    let bytes = json[0]["bytes"].as_u64().unwrap();
    assert!(bytes > 15);
    assert_eq!(
        json,
        json!([{"name": "A", "subjects": ["a.>"], "retention": "workqueue", "messages": 3, "bytes": bytes,
                "consumers": [{"name": "c", "pending": 3, "ackPending": 0, "waiting": 0}]}])
    );
}
