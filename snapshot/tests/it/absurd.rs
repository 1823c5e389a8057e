//! Events that make no sense: nothing panics, and the report stays a report.

use proptest::prelude::*;
use serde_json::Value;
use snapshot::sample::{Body, Event};
use snapshot::{ConsumerKey, Settings, State, update};

use crate::schema::faults;

/// Numbers that counters should not have.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0_u64..50).prop_map(Value::from),
        1 => Just(Value::from(u64::MAX)),
        1 => Just(Value::from(i64::MAX)),
        1 => any::<u32>().prop_map(Value::from),
        2 => Just(Value::Null),
    ]
}

/// Times that clocks should not show.
fn time() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0_i64..60).prop_map(|second| Value::from(second * 1_000_000_000)),
        1 => Just(Value::from(i64::MIN)),
        1 => Just(Value::from(i64::MAX)),
        1 => any::<i64>().prop_map(Value::from),
        2 => Just(Value::Null),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => prop::sample::select(vec!["A", "B", "n1", ""]).prop_map(Value::from),
        1 => "\\PC{0,8}\u{1b}\\[2J\\PC{0,8}".prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        1 => Just(Value::from("\u{202e}x".repeat(5_000))),
    ]
}

/// An object whose members are of those kinds; one that is null is left out.
fn object(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let (names, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    values
        .prop_map(move |values| {
            let pairs = names.iter().map(|name| (*name).to_owned()).zip(values);
            Value::Object(pairs.filter(|(_, value)| !value.is_null()).collect())
        })
        .boxed()
}

fn list(of: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop::collection::vec(of, 0..4).prop_map(Value::from).boxed()
}

fn one_of(words: &'static [&'static str]) -> BoxedStrategy<Value> {
    prop::sample::select(words).prop_map(Value::from).boxed()
}

fn flag() -> BoxedStrategy<Value> {
    any::<bool>().prop_map(Value::from).boxed()
}

fn metadata() -> BoxedStrategy<Value> {
    object(vec![
        ("io.nats.monitor.unprocessed-critical", one_of(&["1", "-1", "x"])),
        (
            "io.nats.monitor.last-delivery-critical",
            one_of(&["1s", "9999999999y", "..s"]),
        ),
        ("io.nats.monitor.pinned", one_of(&["true", "false"])),
        ("stream", one_of(&["A", "B"])),
        ("consumer", one_of(&["A", "B"])),
    ])
}

fn cluster() -> BoxedStrategy<Value> {
    let replica = object(vec![
        ("name", text().boxed()),
        ("current", flag()),
        ("offline", flag()),
        ("lag", number().boxed()),
        ("active_ns", time().boxed()),
    ]);
    object(vec![("leader", text().boxed()), ("replicas", list(replica))])
}

/// Members that must be there are never null.
fn known(of: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    of.prop_map(|value| if value.is_null() { Value::from(0) } else { value })
        .boxed()
}

fn consumers() -> BoxedStrategy<Value> {
    let pair = || {
        object(vec![
            ("consumer_seq", known(number())),
            ("stream_seq", known(number())),
            ("last_active_ns", time().boxed()),
        ])
    };
    let group = object(vec![
        ("group", text().boxed()),
        ("pinned_client_id", text().boxed()),
    ]);
    let consumer = object(vec![
        ("name", text().boxed()),
        ("ts", time().boxed()),
        ("created_ns", one_of(&["x"]).prop_map(|_| Value::from(1)).boxed()),
        ("mode", one_of(&["pull", "push"])),
        ("durable", flag()),
        ("ack_wait_ns", number().boxed()),
        ("max_ack_pending", number().boxed()),
        ("inactive_threshold_ns", number().boxed()),
        ("filter_subjects", list(text().boxed())),
        ("metadata", metadata()),
        ("delivered", pair()),
        ("ack_floor", pair()),
        ("num_pending", known(number())),
        ("num_ack_pending", known(number())),
        ("num_redelivered", known(number())),
        ("num_waiting", known(number())),
        ("paused", flag()),
        ("pause_remaining_ns", number().boxed()),
        ("push_bound", flag()),
        ("priority_groups", list(group)),
        ("cluster", cluster()),
    ]);
    let sample = object(vec![
        ("stream", text().boxed()),
        ("consumers", list(consumer)),
        ("missing", list(text().boxed())),
        ("gone", list(text().boxed())),
        ("complete", flag()),
        ("interval_ms", known(number())),
    ]);
    wrapped("consumers", sample)
}

fn wrapped(name: &'static str, sample: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    object(vec![(name, sample)])
}

fn streams() -> BoxedStrategy<Value> {
    let source = || {
        object(vec![
            ("name", text().boxed()),
            ("lag", number().boxed()),
            ("active_ns", time().boxed()),
            ("error", text().boxed()),
        ])
    };
    let lost = object(vec![("msgs", known(number())), ("bytes", known(number()))]);
    let stream = object(vec![
        ("name", text().boxed()),
        ("ts", time().boxed()),
        ("subjects", list(text().boxed())),
        ("retention", one_of(&["limits", "interest", "workqueue"])),
        ("discard", one_of(&["old", "new"])),
        ("max_msgs", number().boxed()),
        ("max_bytes", number().boxed()),
        ("max_age_ns", number().boxed()),
        ("messages", known(number())),
        ("bytes", known(number())),
        ("first_seq", known(number())),
        ("last_seq", known(number())),
        ("first_ts", time().boxed()),
        ("last_ts", time().boxed()),
        ("num_subjects", number().boxed()),
        ("metadata", metadata()),
        ("lost", lost),
        ("cluster", cluster()),
        ("mirror", source()),
        ("sources", list(source())),
    ]);
    let sample = object(vec![
        ("streams", list(stream)),
        ("missing", list(text().boxed())),
        ("complete", flag()),
        ("interval_ms", known(number())),
    ]);
    wrapped("streams", sample)
}

fn services() -> BoxedStrategy<Value> {
    let bucket = || {
        (known(number()), any::<u32>())
            .prop_map(|(count, index)| Value::from(vec![Value::from(index), count]))
    };
    let hist = || {
        object(vec![
            ("scheme", one_of(&["log2x4", "log2x4", "other"])),
            ("zero", known(number())),
            ("b", list(bucket().boxed())),
        ])
    };
    let route = object(vec![
        ("subject", text().boxed()),
        ("ok", known(number())),
        (
            "err",
            object(vec![("5xx", known(number())), ("\u{7}", known(number()))]),
        ),
        ("inflight", number().boxed()),
        ("hist", hist()),
        ("phases", object(vec![("work", hist()), ("queue", hist())])),
    ]);
    let data = object(vec![
        ("v", Just(Value::from(1)).boxed()),
        ("pod", text().boxed()),
        ("concurrency", number().boxed()),
        ("routes", object(vec![("r", route.clone()), ("\u{1b}[1m", route)])),
    ]);
    let endpoint = object(vec![
        ("name", text().boxed()),
        ("num_requests", known(number())),
        ("num_errors", known(number())),
        ("processing_time_ns", known(number())),
        ("last_error", text().boxed()),
        ("data", data),
    ]);
    let service = object(vec![
        ("name", text().boxed()),
        ("id", text().boxed()),
        ("version", text().boxed()),
        ("metadata", metadata()),
        ("started_ns", time().boxed()),
        ("endpoints", list(endpoint)),
    ]);
    wrapped("services", object(vec![("services", list(service))]))
}

fn pods() -> BoxedStrategy<Value> {
    let small = || (0_u64..u64::from(u32::MAX)).prop_map(Value::from).boxed();
    let pod = object(vec![
        ("namespace", text().boxed()),
        ("name", text().boxed()),
        ("uid", text().boxed()),
        ("status", text().boxed()),
        ("containers", small()),
        ("containers_ready", small()),
        ("restarts", known(number())),
        ("last_restart_ms", time().boxed()),
        ("created_ms", time().boxed()),
        ("message", text().boxed()),
        ("component", text().boxed()),
    ]);
    wrapped("pods", object(vec![("pods", list(pod)), ("complete", flag())]))
}

fn others() -> BoxedStrategy<Value> {
    let report = object(vec![
        ("source", one_of(&["jetstream", "pods", "proxy"])),
        ("state", one_of(&["up", "down", "connecting", "absent"])),
        ("reason", text().boxed()),
        (
            "cost",
            object(vec![("requests", known(number())), ("bytes", known(number()))]),
        ),
    ]);
    let advisory = object(vec![
        ("kind", one_of(&["msg_naked", "api_limit_reached", "other"])),
        ("stream", text().boxed()),
        ("consumer", text().boxed()),
        ("stream_seq", number().boxed()),
        ("reason", text().boxed()),
        ("count", known(number())),
    ]);
    let query = object(vec![
        ("stream", known(text())),
        ("consumer", known(text())),
        ("position", one_of(&["next", "oldest_unacked"])),
        ("seq", known(number())),
    ]);
    let message = object(vec![
        ("seq", known(number())),
        ("ts", known(time())),
        ("subject", text().boxed()),
        ("headers", metadata()),
    ]);
    let found = prop_oneof![wrapped("message", message), Just(Value::from("nothing"))].boxed();
    let event = object(vec![
        ("reason", text().boxed()),
        ("message", text().boxed()),
        ("name", text().boxed()),
    ]);
    prop_oneof![
        wrapped("source", report),
        wrapped("advisory", advisory),
        wrapped("message", object(vec![("query", query), ("found", found)])),
        wrapped("kubernetes_events", object(vec![("events", list(event))])),
        wrapped(
            "account",
            object(vec![
                ("account", text().boxed()),
                ("api_errors", number().boxed())
            ])
        ),
        Just(Value::from("tick")),
    ]
    .boxed()
}

fn event() -> impl Strategy<Value = Event> {
    let at = prop_oneof![8 => 0_i64..60_000, 1 => any::<i64>()];
    let body = prop_oneof![3 => consumers(), 2 => streams(), 1 => services(), 1 => pods(), 3 => others()];
    (at, body).prop_map(|(at, body)| {
        let read: Result<Body, _> = serde_json::from_value(body.clone());
        Event {
            at,
            body: read.unwrap_or_else(|error| panic!("{error} in {body}")),
        }
    })
}

/// Every text of the report.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            found.push(name);
            texts(member, found);
        }),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_events_break_it(events in prop::collection::vec(event(), 1..60), once in any::<bool>()) {
        let mut state = State::new(if once { Settings::once() } else { Settings::default() });
        let key = ConsumerKey { account: None, stream: "A".to_owned(), consumer: "B".to_owned() };
        state.select(Some(key.clone()));
        let mut last = 0;
        for event in events {
            last = event.at;
            update(&mut state, event);
        }
        let report = state.report(last);
        prop_assert_eq!(faults(&report), Vec::<String>::new());
        let json = serde_json::to_value((&report, state.detail(&key, last))).unwrap();
        let mut found = Vec::new();
        texts(&json, &mut found);
        for text in found {
            prop_assert!(!text.chars().any(char::is_control), "{text:?}");
            prop_assert!(text.len() < 5_000, "{} bytes", text.len());
        }
        prop_assert_eq!(state.worst(20).len() <= 20, true);
    }
}
