use serde_json::json;
use snapshot::sample::{AckPolicy, Discard, Mode, Replay, Retention, Storage};
use test_case::test_case;

use super::*;

#[test]
fn a_stream_is_read_with_all_that_a_clustered_server_tells() {
    let reply = json!({"config": {"name": "ORDERS", "subjects": ["orders.>"], "retention": "workqueue", "storage": "file", "discard": "new",
        "max_msgs": 1000, "max_bytes": -1, "max_age": 60_000_000_000u64, "max_consumers": -1, "max_msgs_per_subject": -1, "num_replicas": 3,
        "allow_direct": true, "metadata": {"io.nats.monitor.msgs-warn": "100", "odd": 7}},
        "created": "2026-08-20T10:11:12.5Z", "ts": "2026-08-20T10:11:13Z",
        "state": {"messages": 5, "bytes": 500, "first_seq": 3, "first_ts": "0001-01-01T00:00:00Z", "last_seq": 9, "num_deleted": 2,
            "consumer_count": 4, "lost": {"msgs": [4, 5], "bytes": 20}},
        "cluster": {"name": "c", "leader": "n1", "replicas": [{"name": "n2", "current": true, "active": 12, "lag": 3}, {"no": "name"}]},
        "mirror": {"name": "ORIGIN", "lag": 7, "active": -1, "error": {"description": "no route"}},
        "sources": [{"name": "A", "lag": 0, "active": 5}]});
    let stream = stream(Part(&reply)).unwrap();
    assert_eq!(
        (stream.retention, stream.storage, stream.discard),
        (
            Some(Retention::Workqueue),
            Some(Storage::File),
            Some(Discard::New)
        )
    );
    assert_eq!(
        (stream.max_msgs, stream.max_bytes, stream.max_age_ns),
        (Some(1000), None, Some(60_000_000_000))
    );
    assert_eq!(
        (
            stream.messages,
            stream.first_seq,
            stream.last_seq,
            stream.first_ts
        ),
        (5, 3, 9, None)
    );
    assert_eq!(stream.lost.map(|lost| (lost.msgs, lost.bytes)), Some((2, 20)));
    let cluster = stream.cluster.unwrap();
    assert_eq!(
        (
            cluster.leader.as_deref(),
            cluster.replicas.len(),
            cluster.replicas[0].lag
        ),
        (Some("n1"), 1, Some(3))
    );
    let mirror = stream.mirror.unwrap();
    assert_eq!(
        (mirror.lag, mirror.active_ns, mirror.error.as_deref()),
        (Some(7), None, Some("no route"))
    );
    assert_eq!(stream.sources[0].active_ns, Some(5));
    assert_eq!(stream.metadata["odd"], "7");
}

#[test]
fn a_consumer_is_read_with_all_that_a_new_server_tells() {
    let reply = json!({"stream_name": "ORDERS", "name": "billing", "created": "2026-08-20T10:11:12Z", "ts": "2026-08-20T10:11:13Z",
        "config": {"replay_policy": "original", "durable_name": "billing", "ack_policy": "explicit", "ack_wait": 5_000_000_000u64, "max_deliver": -1, "max_ack_pending": 1000,
            "filter_subjects": ["orders.eu", "orders.us"], "num_replicas": 0, "sample_freq": "5%"},
        "delivered": {"consumer_seq": 12, "stream_seq": 10, "last_active": "2026-08-20T10:11:12.9Z"}, "ack_floor": {"consumer_seq": 9, "stream_seq": 8},
        "num_ack_pending": 3, "num_redelivered": 1, "num_waiting": 2, "num_pending": 40, "paused": true, "pause_remaining": 3_000_000_000u64,
        "priority_groups": [{"group": "jobs", "pinned_client_id": "x", "pinned_ts": "2026-08-20T10:11:00Z"}]});
    let consumer = consumer(Part(&reply)).unwrap();
    assert_eq!(consumer.replay, Replay::Original);
    assert_eq!(
        (consumer.mode, consumer.durable, consumer.ack_policy),
        (Mode::Pull, true, Some(AckPolicy::Explicit))
    );
    assert_eq!(
        (
            consumer.max_deliver,
            consumer.max_ack_pending,
            consumer.num_replicas
        ),
        (None, Some(1000), None)
    );
    assert_eq!(
        (consumer.delivered.consumer_seq, consumer.ack_floor.last_active_ns),
        (12, None)
    );
    assert!(consumer.paused && consumer.delivered.last_active_ns.is_some() && consumer.push_bound.is_none());
    assert_eq!(
        (
            consumer.pause_remaining_ns,
            consumer.priority_groups.len(),
            consumer.cluster
        ),
        (Some(3_000_000_000), 1, None)
    );
    assert_eq!(consumer.filter_subjects, ["orders.eu", "orders.us"]);
}

#[test_case(&json!({"deliver_subject": "d", "ack_policy": "none", "idle_heartbeat": 5}), &json!({"ts": "2026-08-20T10:11:13Z"}), (Some(false), true); "ordered, nobody listens")]
#[test_case(&json!({"deliver_subject": "d", "ack_policy": "explicit"}), &json!({"push_bound": true}), (Some(true), false); "push with a listener")]
#[test_case(&json!({"deliver_subject": "d"}), &json!({}), (None, false); "an old server that tells neither")]
#[test_case(&json!({"durable_name": "d"}), &json!({"push_bound": false}), (None, false); "pull")]
fn who_listens_to_a_push_consumer_is_told_or_not_known(
    config: &Value,
    rest: &Value,
    expected: (Option<bool>, bool),
) {
    let mut reply = rest.clone();
    reply["name"] = json!("c");
    reply["config"] = config.clone();
    let consumer = consumer(Part(&reply)).unwrap();
    assert_eq!((consumer.push_bound, consumer.ordered), expected);
}

#[test_case(&json!({"name": "c"}); "nothing but a name")]
#[test_case(&json!({"name": "c", "config": "odd", "delivered": [1], "num_pending": -1, "ts": 5, "cluster": {}}); "fields of other types")]
#[test_case(&json!({"name": "c", "num_pending": null, "config": null}); "nulls")]
fn what_an_old_or_odd_server_leaves_out_is_unknown(reply: &Value) {
    let consumer = consumer(Part(reply)).unwrap();
    let expected = snapshot::sample::ConsumerSample {
        name: "c".to_owned(),
        ..Default::default()
    };
    assert_eq!(consumer, expected);
    assert!(stream(Part(reply)).is_none(), "it has no name of a stream");
}

#[test]
fn an_account_without_limits_has_none() {
    let reply = json!({"memory": 0, "storage": 77, "streams": 3, "limits": {"max_memory": -1, "max_storage": 1000}, "api": {"total": 5, "errors": 1}});
    let account = account(Part(&reply));
    assert_eq!(
        (
            account.memory_bytes,
            account.max_memory_bytes,
            account.max_storage_bytes
        ),
        (Some(0), None, Some(1000))
    );
    assert_eq!((account.api_total, account.api_inflight), (Some(5), None));
}

#[test_case(
    r#"{"error":{"code":404,"err_code":10059,"description":"stream not found"}}"#,
    "stream not found (10059)",
    true
)]
#[test_case(r#"{"error":{"code":503}}"#, "an error without words (503)", false)]
#[test_case(
    "<html>",
    "a reply that is no JSON: expected value at line 1 column 1 (0)",
    false
)]
fn an_error_reply_is_told_in_the_servers_words(payload: &str, expected: &str, missing: bool) {
    let error = read(payload.as_bytes()).unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.is_not_found()),
        (expected, missing)
    );
}
