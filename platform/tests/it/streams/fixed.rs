//! What is called unchangeable is what a server refuses to change, and nothing else.

use serde_json::{Value, json};
use test_case::test_case;

use super::{apply, defined, server};
use platform::streams::{self, Error, Verdict};

/// A spec with one member more.
fn with(mut spec: Value, member: &Value) -> Value {
    spec.as_object_mut()
        .unwrap()
        .extend(member.as_object().unwrap().clone());
    spec
}

fn stream(member: &Value) -> (&'static str, Value) {
    ("Stream", with(json!({"name": "A", "subjects": ["a.>"]}), member))
}

fn consumer(member: &Value) -> (&'static str, Value) {
    (
        "Consumer",
        with(
            json!({"streamName": "A", "durableName": "c", "ackPolicy": "explicit"}),
            member,
        ),
    )
}

/// Applies `before`, then looks at `after`. The server itself is asked in `streams::diff`'s own words, past our verdict.
async fn judged(before: &[(&str, Value)], after: &[(&str, Value)]) -> (bool, bool) {
    let (server, jetstream) = server().await;
    apply(&jetstream, &defined(before)).await.unwrap();
    let after = defined(after);
    let differences = streams::diff(&jetstream, &after).await.unwrap();
    let fixed = differences
        .iter()
        .any(|difference| matches!(difference.verdict, Verdict::Immutable { .. }));
    assert!(
        differences.iter().any(streams::Difference::differs),
        "it is a change: {differences:?}"
    );
    let stream = serde_json::to_value(&after.streams[0]).unwrap();
    let mut answer = server.jetstream("STREAM.UPDATE.A", &stream).await.unwrap();
    if let Some(consumer) = after.consumers.first() {
        let request = json!({"stream_name": "A", "config": consumer, "action": "update"});
        answer = server.jetstream("CONSUMER.CREATE.A.c", &request).await.unwrap();
    }
    let refused = answer.get("error").is_some();
    if !refused {
        assert_eq!(
            streams::diff(&jetstream, &after)
                .await
                .unwrap()
                .iter()
                .filter(|difference| difference.differs())
                .count(),
            0
        );
    }
    (fixed, refused)
}

#[test_case(json!({"storage": "file"}), json!({"storage": "memory"}), true; "storage")]
#[test_case(json!({"retention": "limits"}), json!({"retention": "workqueue"}), true; "to a work queue")]
#[test_case(json!({"retention": "workqueue"}), json!({"retention": "limits"}), true; "from a work queue")]
#[test_case(json!({"retention": "limits"}), json!({"retention": "interest"}), false; "limits to interest")]
#[test_case(json!({"maxConsumers": 5}), json!({"maxConsumers": 6}), false; "max consumers")]
#[test_case(json!({}), json!({"firstSequence": 9}), false; "first sequence")]
#[test_case(json!({"denyDelete": true}), json!({"denyDelete": false}), true; "deny delete off")]
#[test_case(json!({"denyPurge": true}), json!({"denyPurge": false}), true; "deny purge off")]
#[test_case(json!({"denyDelete": false}), json!({"denyDelete": true}), false; "deny delete on")]
#[test_case(json!({"allowMsgTtl": true}), json!({"allowMsgTtl": false}), true; "message ttl off")]
#[test_case(json!({"allowMsgTtl": false}), json!({"allowMsgTtl": true}), false; "message ttl on")]
#[test_case(json!({"allowMsgSchedules": true}), json!({"allowMsgSchedules": false}), true; "schedules off")]
#[test_case(json!({"allowMsgSchedules": false}), json!({"allowMsgSchedules": true}), false; "schedules on")]
#[test_case(json!({"allowMsgCounter": false}), json!({"allowMsgCounter": true}), true; "counters on")]
#[test_case(json!({"allowAtomicPublish": true}), json!({"allowAtomicPublish": false}), false; "atomic batches off")]
#[test_case(json!({"sealed": false}), json!({"sealed": true}), false; "sealed")]
#[test_case(json!({}), json!({"maxMsgsPerSubject": 3}), false; "messages per subject")]
#[test_case(json!({}), json!({"maxMsgSize": 300}), false; "message size")]
#[test_case(json!({"discard": "old"}), json!({"discard": "new"}), false; "discard")]
#[test_case(json!({"duplicateWindow": "1m"}), json!({"duplicateWindow": "30s"}), false; "duplicate window")]
#[test_case(json!({"compression": "none"}), json!({"compression": "s2"}), false; "compression")]
#[test_case(json!({"allowDirect": true}), json!({"allowDirect": false}), false; "direct")]
#[test_case(json!({"allowRollup": false}), json!({"allowRollup": true}), false; "rollup")]
#[test_case(json!({"noAck": false}), json!({"noAck": true}), false; "no ack")]
#[test_case(json!({}), json!({"republish": {"source": "a.>", "destination": "r.>"}}), false; "republish")]
#[test_case(json!({}), json!({"subjectTransform": {"source": "a.>", "dest": "b.>"}}), false; "transform")]
#[test_case(json!({}), json!({"consumerLimits": {"maxAckPending": 9}}), false; "consumer limits")]
#[test_case(json!({}), json!({"metadata": {"team": "x"}}), false; "metadata")]
#[tokio::test]
async fn of_a_stream(before: Value, after: Value, expected: bool) {
    let (fixed, refused) = judged(&[stream(&before)], &[stream(&after)]).await;
    assert_eq!(
        (fixed, refused),
        (expected, expected),
        "(our verdict, the server's)"
    );
}

#[test_case(json!({}), json!({"ackPolicy": "none"}), true; "ack policy")]
#[test_case(json!({"deliverPolicy": "all"}), json!({"deliverPolicy": "new"}), true; "deliver policy")]
#[test_case(json!({"deliverPolicy": "byStartSequence", "optStartSeq": 1}), json!({"deliverPolicy": "byStartSequence", "optStartSeq": 2}), true; "start sequence")]
#[test_case(json!({"replayPolicy": "instant"}), json!({"replayPolicy": "original"}), true; "replay policy")]
#[test_case(json!({"maxWaiting": 5}), json!({"maxWaiting": 6}), true; "max waiting")]
#[test_case(json!({}), json!({"deliverSubject": "d"}), true; "pull to push")]
#[test_case(json!({"deliverSubject": "d"}), json!({"deliverSubject": "e"}), false; "another deliver subject")]
#[test_case(json!({"deliverSubject": "d"}), json!({"deliverSubject": "d", "flowControl": true, "heartbeatInterval": "5s"}), true; "flow control")]
#[test_case(json!({"filterSubject": "a.b"}), json!({"filterSubject": "a.c"}), false; "filter")]
#[test_case(json!({"filterSubject": "a.b"}), json!({"filterSubjects": ["a.b", "a.c"]}), false; "one filter to two")]
#[test_case(json!({"filterSubjects": ["a.b", "a.c"]}), json!({"filterSubjects": ["a.b"]}), false; "two filters to one")]
#[test_case(json!({"maxDeliver": 5}), json!({"maxDeliver": 6}), false; "max deliver")]
#[test_case(json!({"maxAckPending": 5}), json!({"maxAckPending": 6}), false; "max ack pending")]
#[test_case(json!({"maxDeliver": 5}), json!({"maxDeliver": 5, "backoff": ["1s", "2s"]}), false; "pauses")]
#[test_case(json!({}), json!({"headersOnly": true}), false; "headers only")]
#[test_case(json!({}), json!({"sampleFreq": "50%"}), false; "sampling")]
#[test_case(json!({}), json!({"memStorage": true}), true; "memory storage")]
#[test_case(json!({}), json!({"maxRequestBatch": 10, "maxRequestExpires": "5s", "maxRequestMaxBytes": 1000}), false; "bounds of pulls")]
#[test_case(json!({"inactiveThreshold": "1h"}), json!({"inactiveThreshold": "2h"}), false; "idle time")]
#[test_case(json!({}), json!({"description": "x", "metadata": {"a": "b"}}), false; "words")]
#[tokio::test]
async fn of_a_consumer(before: Value, after: Value, expected: bool) {
    let none = json!({});
    let (fixed, refused) = judged(
        &[stream(&none), consumer(&before)],
        &[stream(&none), consumer(&after)],
    )
    .await;
    assert_eq!(
        (fixed, refused),
        (expected, expected),
        "(our verdict, the server's)"
    );
}

#[tokio::test]
async fn nothing_is_changed_when_something_cannot_be() {
    let (_server, jetstream) = server().await;
    apply(
        &jetstream,
        &defined(&[stream(&json!({"storage": "file", "maxMsgs": 5}))]),
    )
    .await
    .unwrap();
    let other = ("Stream", json!({"name": "B", "subjects": ["b"]}));
    let after = defined(&[other, stream(&json!({"storage": "memory", "maxMsgs": 6}))]);
    let error = apply(&jetstream, &after).await.unwrap_err();
    let message = error.to_string();
    assert!(
        matches!(&error, Error::Immutable { differences } if differences.len() == 1),
        "{error:?}"
    );
    for part in [
        "stream A on the server cannot be changed as defined",
        r#"storage: "file" -> "memory""#,
        "loses",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let states = streams::ls(&jetstream).await.unwrap();
    assert_eq!(
        states.iter().map(|state| state.name.as_str()).collect::<Vec<_>>(),
        ["A"]
    );
}
