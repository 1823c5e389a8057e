use serde_json::json;

use super::{
    Body, ConsumerSample, ConsumersSample, Event, Found, Message, MessageSample, Position, Query,
    ServiceData, SourceReport,
};

fn round_trip(body: Body) {
    let event = Event {
        at: 1_700_000_000_123,
        body,
    };
    let line = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event, "{line}");
}

#[test]
fn events_survive_being_written_and_read() {
    round_trip(Body::Tick);
    round_trip(Body::Consumers(ConsumersSample {
        stream: "ORDERS".to_owned(),
        consumers: vec![ConsumerSample {
            name: "billing".to_owned(),
            num_pending: u64::MAX,
            created_ns: Some(i64::MIN),
            ..ConsumerSample::default()
        }],
        ..ConsumersSample::default()
    }));
    round_trip(Body::Message(MessageSample {
        query: Query {
            account: None,
            stream: "ORDERS".to_owned(),
            consumer: "billing".to_owned(),
            position: Position::Next,
            seq: 7,
            filter_subjects: vec!["orders.>".to_owned()],
            direct: true,
        },
        found: Found::Message(Message {
            seq: 9,
            ts: 1,
            ..Message::default()
        }),
    }));
}

#[test]
fn what_is_unknown_is_absent_not_zero() {
    let sample = serde_json::to_value(ConsumerSample::default()).unwrap();
    assert_eq!(sample.get("ts"), None);
    assert_eq!(sample.get("max_ack_pending"), None);
    assert_eq!(sample["num_pending"], 0);
}

#[test]
fn a_recording_of_another_version_is_read_as_far_as_it_goes() {
    let report: SourceReport =
        serde_json::from_value(json!({"source": "jetstream", "state": "up", "later": {"x": 1}})).unwrap();
    assert_eq!(report.cost.requests, 0);
}

#[test]
fn data_of_a_service_is_read_or_ignored() {
    let ours = json!({"v": 1, "unit": "ns", "pod": "p", "routes": {"get.ratings": {
        "ok": 5, "err": {"5xx": 1}, "inflight": 2, "hist": {"scheme": "log2x4", "zero": 1, "b": [[80, 4], [81, 1]]}}}});
    let data = ServiceData::from_value(&ours).unwrap();
    assert_eq!(data.routes["get.ratings"].hist.b, [(80, 4), (81, 1)]);
    for other in [
        json!(null),
        json!("text"),
        json!({"v": 2, "unit": "ns"}),
        json!({"v": 1}),
        json!([1]),
    ] {
        assert_eq!(ServiceData::from_value(&other), None, "{other}");
    }
}
