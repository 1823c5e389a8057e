use serde_json::json;
use test_case::test_case;

use super::*;

fn message(payload: &Value) -> Message {
    Message {
        subject: "x".into(),
        reply: None,
        payload: payload.to_string().into(),
        headers: None,
        status: None,
        description: None,
        length: 0,
    }
}

fn nak(stream: &str, sequence: u64) -> Message {
    message(
        &json!({"type": "io.nats.jetstream.advisory.v1.nak", "timestamp": "2026-08-20T10:11:12Z", "stream": stream, "consumer": "c",
        "stream_seq": sequence, "deliveries": 3}),
    )
}

#[test]
fn a_storm_is_one_event_with_a_count_and_the_last_message() {
    let mut window = Window::default();
    for sequence in 1..=5_000 {
        window.advisory(&nak("S", sequence));
    }
    let only = window.advisories.into_values().next().unwrap();
    assert_eq!(
        (only.kind, only.count, only.stream_seq, only.deliveries),
        (AdvisoryKind::MsgNaked, 5_000, Some(5_000), Some(3))
    );
}

#[test]
fn there_are_only_so_many_different_ones() {
    let mut window = Window::default();
    for number in 0..1_000 {
        window.advisory(&nak(&format!("S{number}"), 1));
    }
    assert_eq!(window.advisories.len(), MOST + 1);
    let rest = &window.advisories[&(AdvisoryKind::MsgNaked, None, None)];
    assert_eq!((rest.count, &rest.stream), (800, &None));
}

#[test_case("io.nats.jetstream.advisory.v1.max_deliver", "", AdvisoryKind::MaxDeliveries)]
#[test_case(
    "io.nats.jetstream.advisory.v1.consumer_action",
    "delete",
    AdvisoryKind::ConsumerDeleted
)]
#[test_case(
    "io.nats.jetstream.advisory.v1.stream_action",
    "modify",
    AdvisoryKind::StreamUpdated
)]
#[test_case("io.nats.jetstream.advisory.v9.something_new", "", AdvisoryKind::Other)]
#[test_case("", "", AdvisoryKind::Other)]
fn an_advisory_has_its_kind(name: &str, action: &str, expected: AdvisoryKind) {
    let value = json!({"type": name, "action": action});
    let sample = advisory(Part(&value));
    assert_eq!(sample.kind, expected);
    let named = (expected == AdvisoryKind::Other && !name.is_empty()).then(|| name.to_owned());
    assert_eq!(sample.reason, named);
}

#[test]
fn dropped_requests_are_pressure_and_counted() {
    let mut window = Window::default();
    let dropped = json!({"type": "io.nats.jetstream.advisory.v1.api_limit_reached", "dropped": 10_000});
    assert!(window.advisory(&message(&dropped)));
    assert!(!window.advisory(&nak("S", 1)));
    assert!(!window.advisory(&message(&json!("nonsense"))));
    let limit = &window.advisories[&(AdvisoryKind::ApiLimitReached, None, None)];
    assert_eq!(limit.count, 10_000);
}

#[test]
fn times_of_acknowledgement_become_a_histogram_each() {
    let mut window = Window::default();
    for (time, deliveries) in [(0, 1), (8, 1), (9, 2), (u64::MAX, 1)] {
        window.metric(&message(
            &json!({"stream": "S", "consumer": "c", "ack_time": time, "deliveries": deliveries}),
        ));
    }
    window.metric(&message(&json!({"ack_time": 5})));
    let (key, times) = window.times.into_iter().next().unwrap();
    assert_eq!(key, ("S".to_owned(), "c".to_owned()));
    let ack = times.ack.write();
    assert_eq!((ack.zero, times.redelivered), (1, 1));
    assert_eq!(ack.b, [(12, 2), (255, 1)]);
}
