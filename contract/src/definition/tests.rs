use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use test_case::test_case;

use super::{DefinitionError, Nanos, parse};

/// A stream with `members` in its spec, one a line.
fn stream(members: &str) -> String {
    let spec = members.replace('\n', "\n  ");
    format!("apiVersion: jetstream.nats.io/v1beta2\nkind: Stream\nmetadata: {{name: s}}\nspec:\n  {spec}\n")
}

#[test]
fn a_stream_serialises_as_the_servers_configuration() {
    let yaml = stream(
        "name: ORDERS\nsubjects: [orders.>]\nretention: workqueue\nstorage: file\ndiscard: new\nmaxAge: 1h30m\nreplicas: 3\n\
         allowRollup: false\nallowMsgTtl: true\ndiscardPerSubject: true\nfirstSequence: 9\npreventDelete: true\n\
         sources: [{name: A, externalApiPrefix: $JS.hub.API, subjectTransforms: [{source: a, dest: b}]}]\n\
         republish: {source: a, destination: b}",
    );
    let definitions = parse("orders.yaml", &yaml).unwrap();
    let expected = json!({
        "name": "ORDERS", "subjects": ["orders.>"], "retention": "workqueue", "storage": "file", "discard": "new",
        "max_age": 5_400_000_000_000_u64, "num_replicas": 3, "allow_rollup_hdrs": false, "allow_msg_ttl": true,
        "discard_new_per_subject": true, "first_seq": 9,
        "sources": [{"name": "A", "external": {"api": "$JS.hub.API"}, "subject_transforms": [{"src": "a", "dest": "b"}]}],
        "republish": {"src": "a", "dest": "b"},
    });
    assert_eq!(serde_json::to_value(&definitions.streams[0]).unwrap(), expected);
}

#[test]
fn a_consumer_serialises_as_the_servers_configuration() {
    let yaml = "# a comment\n---\napiVersion: jetstream.nats.io/v1beta2\nkind: Consumer\nmetadata:\n  name: c\nspec:\n  streamName: ORDERS\n  \
                durableName: worker\n  ackPolicy: explicit\n  ackWait: 5s\n  deliverPolicy: byStartSequence\n  optStartSeq: 4\n  \
                backoff: [1s, 500ms]\n  maxRequestBatch: 10\n  filterSubjects: [a, b]\n---\n";
    let definitions = parse("c.yaml", yaml).unwrap();
    assert_eq!(definitions.consumers[0].stream, "ORDERS");
    let expected = json!({
        "durable_name": "worker", "ack_policy": "explicit", "ack_wait": 5_000_000_000_u64,
        "deliver_policy": "by_start_sequence", "opt_start_seq": 4, "backoff": [1_000_000_000, 500_000_000],
        "max_batch": 10, "filter_subjects": ["a", "b"],
    });
    assert_eq!(serde_json::to_value(&definitions.consumers[0]).unwrap(), expected);
}

#[test_case("name: S\nsubject: [a]", "f.yaml:6:3: unknown field"; "an unknown member")]
#[test_case("name: S\nretention: queue", "f.yaml:6:"; "an unknown policy")]
#[test_case("name: S\nmaxAge: 90", "f.yaml:6:"; "a duration without a unit")]
#[test_case("name: S\nmaxAge: [", "f.yaml:"; "broken YAML")]
#[test_case("subjects: [a]", "missing field `name`"; "no name")]
#[test_case("name: a.b", "f.yaml:1: spec.name 'a.b' must have"; "a name with a dot")]
#[test_case("name: S\nmaxAge: 1m\nduplicateWindow: 2m", "f.yaml:1: duplicateWindow (2m) may not be longer than maxAge (1m)"; "a long window")]
#[test_case("name: S\nretention: workqueue\nnoAck: true", "noAck"; "a work queue without acknowledgements")]
fn a_wrong_stream_is_refused_with_its_place(members: &str, message: &str) {
    let error = parse("f.yaml", &stream(members)).unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn another_kind_is_refused_with_its_place() {
    let yaml = format!(
        "{}---\n\n# next\napiVersion: v1\nkind: ConfigMap\n",
        stream("name: S")
    );
    let error = parse("f.yaml", &yaml).unwrap_err();
    assert_eq!(
        error.to_string(),
        "f.yaml:9: kind ConfigMap of v1 is not a Stream or Consumer of jetstream.nats.io/v1beta2"
    );
}

#[test]
fn errors_in_a_later_document_name_its_own_lines() {
    let yaml = format!("{}---\n{}", stream("name: S"), stream("name: T\nnope: 1"));
    let DefinitionError::Yaml { line, column, .. } = parse("f.yaml", &yaml).unwrap_err() else {
        panic!("not a YAML error")
    };
    assert_eq!((line, column), (12, 3));
}

#[test]
fn a_stream_defined_twice_is_refused() {
    let yaml = format!("{}---\n{}", stream("name: S"), stream("name: S"));
    assert_eq!(
        parse("f.yaml", &yaml).unwrap_err().to_string(),
        "stream S is defined twice"
    );
    let mut one = parse("a", &stream("name: S")).unwrap();
    assert!(one.extend(parse("b", &stream("name: S")).unwrap()).is_err());
}

#[test_case("0", 0)]
#[test_case("90s", 90_000)]
#[test_case("1h30m", 5_400_000)]
#[test_case("1.5s", 1_500)]
#[test_case("250ms", 250)]
fn a_duration_reads(text: &str, millis: u64) {
    assert_eq!(
        text.parse::<Nanos>().unwrap().duration(),
        Duration::from_millis(millis)
    );
}

#[test_case("")]
#[test_case("5")]
#[test_case("s")]
#[test_case("-1s")]
#[test_case("1d")]
#[test_case("1 s")]
#[test_case("999999999999h")]
#[test_case(".5s")]
fn a_text_that_is_no_duration_is_refused(text: &str) {
    assert!(text.parse::<Nanos>().is_err());
}

proptest! {
    #[test]
    fn a_duration_prints_as_it_reads(nanos in 0..=u64::MAX / 2) {
        let duration = Nanos::new(nanos).unwrap();
        prop_assert_eq!(duration.to_string().parse::<Nanos>().unwrap(), duration);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[ -~\\n]{0,80}") {
        drop(parse("f", &text));
        drop(text.parse::<Nanos>());
    }
}
