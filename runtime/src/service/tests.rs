use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use test_case::test_case;

use super::document::{self, Verb};
use super::*;

fn written(verb: Verb) -> Value {
    let place = BTreeMap::from([("pod".to_owned(), "p-1".to_owned())]);
    let instance = Instance::new("a-service", "1.2.3", "does it", place);
    let (one, other) = (Route::default(), Route::default());
    one.begin();
    one.end(Ended::Ok);
    one.observe(Part::Total, Duration::from_nanos(8));
    one.begin();
    other.count(Ended::Timeout);
    other.count(Ended::Client);
    other.observe(Part::Total, Duration::from_nanos(8));
    other.observe(Part::Publish, Duration::ZERO);
    let mut totals = Totals::default();
    totals.add(&one);
    totals.add(&other);
    let endpoint = Endpoint {
        name: "http".to_owned(),
        head: "api.".to_owned(),
        consumes: Some(Consumes {
            stream: "REQUESTS".to_owned(),
            consumer: "w".to_owned(),
        }),
        concurrency: 64,
        routes: BTreeMap::from([("get.users".to_owned(), totals)]),
    };
    let mut value: Value =
        serde_json::from_slice(&document::write(verb, &instance, &endpoint).unwrap()).unwrap();
    assert_eq!(value["id"].take(), json!(instance.id()));
    value
}

#[test]
fn a_ping_says_who_is_there() {
    assert_eq!(
        written(Verb::Ping),
        json!({"type": "io.nats.micro.v1.ping_response", "name": "a-service", "id": null, "version": "1.2.3",
            "metadata": {"pod": "p-1"}})
    );
}

#[test]
fn an_info_says_what_it_offers() {
    let info = written(Verb::Info);
    assert_eq!(info["type"], "io.nats.micro.v1.info_response");
    assert_eq!(info["description"], "does it");
    assert_eq!(
        info["endpoints"],
        json!([{"name": "http", "subject": "api.>", "queue_group": "w"}])
    );
}

#[test]
fn stats_add_up_what_the_threads_have_counted() {
    let stats = written(Verb::Stats);
    assert_eq!(stats["type"], "io.nats.micro.v1.stats_response");
    assert!(stats["started"].as_str().unwrap().ends_with('Z'), "{stats}");
    assert_eq!(
        stats["endpoints"],
        json!([{"name": "http", "subject": "api.>", "queue_group": "w", "num_requests": 3, "num_errors": 1,
            "last_error": "timeout: get.users", "processing_time": 16, "average_processing_time": 5,
            "data": {"v": 1, "unit": "ns", "pod": "p-1", "concurrency": 64,
                "consumes": [{"stream": "REQUESTS", "consumer": "w"}], "routes": {"get.users": {
                "subject": "api.get.users", "ok": 1, "err": {"4xx": 1, "timeout": 1}, "inflight": 1,
                "hist": {"scheme": "log2x4", "zero": 0, "b": [[12, 2]]},
                "phases": {"publish": {"scheme": "log2x4", "zero": 1, "b": []}}}}}}])
    );
}

#[test_case(200, Ended::Ok)]
#[test_case(308, Ended::Ok)]
#[test_case(404, Ended::Client)]
#[test_case(503, Ended::Server)]
fn an_answer_ends_a_request_by_its_status(status: u16, expected: Ended) {
    assert_eq!(Ended::of(StatusCode::from_u16(status).unwrap()), expected);
}

#[test]
fn every_end_and_every_part_has_its_own_number_and_name() {
    let ends: std::collections::BTreeSet<&str> = Ended::ALL.iter().map(|how| how.name()).collect();
    assert_eq!(ends.len(), Ended::ALL.len());
    assert!(
        Ended::ALL
            .iter()
            .enumerate()
            .all(|(number, how)| *how as usize == number)
    );
    let parts: std::collections::BTreeSet<&str> = Part::ALL.iter().map(|part| part.name()).collect();
    assert_eq!(parts.len(), Part::ALL.len());
    assert!(
        Part::ALL
            .iter()
            .enumerate()
            .all(|(number, part)| *part as usize == number)
    );
}
