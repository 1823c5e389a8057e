//! A system that is in trouble of many kinds, as its sources would tell of it in the course of a minute.

mod fleet;

use snapshot::{
    Settings, State,
    report::Report,
    sample::{
        AccountSample, AckPolicy, AdvisoryKind, AdvisorySample, Body, ConsumerSample, ConsumersSample, Cost,
        Discard, Event, Found, Message, MessageSample, Millis, Mode, Position, Query, Retention,
        SequencePair, Source, SourceReport, SourceState, Storage, StreamSample, StreamsSample,
    },
    update,
};

/// The first moment.
pub(super) const START: Millis = 1_790_000_000_000;
/// Polls, one in two seconds.
const POLLS: u64 = 30;
const NANOS: i64 = 1_000_000;

/// What is known at the end.
pub(crate) fn state() -> State {
    let mut state = State::new(Settings::default());
    for event in events() {
        update(&mut state, event);
    }
    state
}

/// The report at the end.
pub(crate) fn report() -> Report {
    let state = state();
    state.report(state.now())
}

/// The connection to NATS is lost. Returns when.
pub(crate) fn lose(state: &mut State) -> Millis {
    let at = state.now();
    let mut report = source(Source::Jetstream, POLLS);
    report.state = SourceState::Down;
    report.reason = Some("not connected".to_owned());
    update(
        state,
        Event {
            at,
            body: Body::Source(report),
        },
    );
    at
}

/// Everything that was found out, in order.
pub(crate) fn events() -> Vec<Event> {
    let mut events = Vec::new();
    for poll in 0..POLLS {
        let at = START + i64::try_from(poll).unwrap() * 2000;
        let mut say = |body| events.push(Event { at, body });
        for name in [
            Source::Jetstream,
            Source::Messages,
            Source::Advisories,
            Source::Services,
            Source::Pods,
            Source::PodMetrics,
        ] {
            say(Body::Source(source(name, poll)));
        }
        say(Body::Account(AccountSample {
            api_total: Some(1000 + poll * 8),
            api_errors: Some(0),
            api_inflight: Some(0),
            ..AccountSample::default()
        }));
        say(Body::Streams(StreamsSample {
            streams: streams(at, poll),
            complete: true,
            interval_ms: 2000,
            ..StreamsSample::default()
        }));
        for (stream, consumers) in consumers(at, poll) {
            say(Body::Consumers(ConsumersSample {
                stream: stream.to_owned(),
                consumers,
                complete: true,
                interval_ms: 2000,
                ..ConsumersSample::default()
            }));
        }
        for body in fleet::bodies(at, poll) {
            say(body);
        }
        if poll == 20 {
            say(next_of_billing(at));
        }
        if poll % 3 == 2 {
            say(nak(at, poll));
        }
    }
    events
}

fn source(source: Source, poll: u64) -> SourceReport {
    SourceReport {
        source,
        state: SourceState::Up,
        reason: None,
        endpoint: Some("nats://127.0.0.1:4222".to_owned()),
        version: (source == Source::Jetstream).then(|| "2.15.2".to_owned()),
        round_trip_ms: Some(0.4),
        interval_ms: Some(2000),
        cost: Cost {
            requests: poll * 8,
            errors: 0,
            bytes: poll * 12_000,
            p99_ms: Some(3.1),
        },
    }
}

fn stream(at: Millis, name: &str, subject: &str, last_seq: u64, messages: u64) -> StreamSample {
    StreamSample {
        name: name.to_owned(),
        ts: Some(at * NANOS),
        created_ns: Some(START * NANOS - 1),
        subjects: vec![subject.to_owned()],
        retention: Some(Retention::Limits),
        storage: Some(Storage::File),
        discard: Some(Discard::Old),
        num_replicas: Some(1),
        allow_direct: true,
        messages,
        bytes: messages * 512,
        first_seq: last_seq + 1 - messages.min(last_seq),
        last_seq,
        first_ts: Some((at - 3_600_000) * NANOS),
        last_ts: Some(at * NANOS),
        num_subjects: Some(12),
        num_deleted: Some(0),
        consumer_count: Some(3),
        ..StreamSample::default()
    }
}

fn streams(at: Millis, poll: u64) -> Vec<StreamSample> {
    vec![
        StreamSample {
            max_msgs: Some(200_000),
            ..stream(at, "ORDERS", "orders.>", 100_000 + poll * 100, 5000)
        },
        StreamSample {
            retention: Some(Retention::Workqueue),
            discard: Some(Discard::New),
            max_msgs: Some(1000),
            ..stream(at, "REQUESTS", "api.>", 400_000 + poll * 600, 4 + poll % 3)
        },
        StreamSample {
            max_age_ns: Some(86_400_000_000_000),
            ..stream(at, "EVENTS", "events.>", 70_000 + poll * 20, 60_000)
        },
        StreamSample {
            storage: Some(Storage::Memory),
            ..stream(at, "METRICS", "metrics.>", 900, 900)
        },
    ]
}

/// A pull consumer: `done` deliveries so far.
fn pull(at: Millis, name: &str, done: u64) -> ConsumerSample {
    let place = SequencePair {
        consumer_seq: done,
        stream_seq: done,
        last_active_ns: Some(at * NANOS),
    };
    ConsumerSample {
        name: name.to_owned(),
        ts: Some(at * NANOS),
        created_ns: Some(START * NANOS - 1),
        mode: Mode::Pull,
        durable: true,
        ack_policy: Some(AckPolicy::Explicit),
        ack_wait_ns: Some(30_000_000_000),
        max_ack_pending: Some(1000),
        max_waiting: Some(512),
        delivered: place,
        ack_floor: place,
        ..ConsumerSample::default()
    }
}

fn consumers(at: Millis, poll: u64) -> Vec<(&'static str, Vec<ConsumerSample>)> {
    vec![
        ("ORDERS", of_orders(at, poll)),
        (
            "REQUESTS",
            vec![ConsumerSample {
                num_pending: poll % 3,
                num_ack_pending: 4,
                num_waiting: 12,
                ..pull(at, "workers", 400_000 + poll * 600)
            }],
        ),
        ("EVENTS", of_events(at, poll)),
        (
            "METRICS",
            vec![ConsumerSample {
                num_waiting: 1,
                ..pull(at, "aggregate", 900)
            }],
        ),
    ]
}

fn of_orders(at: Millis, poll: u64) -> Vec<ConsumerSample> {
    let last = 100_000 + poll * 100;
    let mut silent = pull(at, "billing", 96_000);
    silent.delivered.last_active_ns = Some((START - 400_000) * NANOS);
    silent.ack_floor.last_active_ns = silent.delivered.last_active_ns;
    let mut poisoned = pull(at, "audit", last);
    poisoned.delivered.consumer_seq = last * 2 + poll * 500;
    let shipped = 97_000 + poll * 180;
    vec![
        ConsumerSample {
            num_pending: last - 96_000,
            ..silent
        },
        ConsumerSample {
            num_pending: last.saturating_sub(shipped),
            num_ack_pending: 90,
            num_waiting: 2,
            ..pull(at, "shipping", shipped)
        },
        ConsumerSample {
            num_ack_pending: 40,
            num_redelivered: 52,
            num_waiting: 3,
            max_deliver: Some(5),
            ..poisoned
        },
    ]
}

fn of_events(at: Millis, poll: u64) -> Vec<ConsumerSample> {
    let last = 70_000 + poll * 20;
    let mut all = vec![
        ConsumerSample {
            num_pending: 900 + poll * 20,
            paused: true,
            pause_remaining_ns: Some(3_000_000_000_000),
            ..pull(at, "mail", last - 900 - poll * 20)
        },
        ConsumerSample {
            num_pending: 300 + poll * 20,
            num_ack_pending: 100,
            max_ack_pending: Some(100),
            num_waiting: 1,
            ..pull(at, "search", last - 300 - poll * 20)
        },
    ];
    all.extend(["a1", "b2", "c3"].map(|name| ConsumerSample {
        durable: false,
        inactive_threshold_ns: Some(5_000_000_000),
        mode: Mode::Push,
        deliver_subject: Some(format!("_INBOX.{name}")),
        push_bound: Some(true),
        ack_policy: Some(AckPolicy::None),
        max_ack_pending: None,
        ..pull(at, name, last)
    }));
    all
}

fn next_of_billing(at: Millis) -> Body {
    Body::Message(MessageSample {
        query: Query {
            account: None,
            stream: "ORDERS".to_owned(),
            consumer: "billing".to_owned(),
            position: Position::Next,
            seq: 96_001,
            filter_subjects: Vec::new(),
            direct: true,
        },
        found: Found::Message(Message {
            seq: 97_000,
            ts: (at - 425_000) * NANOS,
            subject: "orders.created".to_owned(),
            payload_bytes: 412,
            headers: [("Nats-Msg-Id", "0190b2"), ("X-Trace", "4f\u{1b}[31m")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }),
    })
}

fn nak(at: Millis, poll: u64) -> Body {
    Body::Advisory(AdvisorySample {
        kind: AdvisoryKind::MsgNaked,
        stream: Some("ORDERS".to_owned()),
        consumer: Some("audit".to_owned()),
        stream_seq: Some(99_000 + poll),
        deliveries: Some(3),
        reason: None,
        ts: Some(at * NANOS),
        count: 250,
    })
}

/// The recording that tests of the program play; made anew with `INSTA_UPDATE=always`, as snapshots are.
#[test]
fn the_recording_for_tests_of_the_program_is_of_this_system() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/top/orders.jsonl");
    let mut recorder = snapshot::record::Recorder::begin(Vec::new()).unwrap();
    for event in events() {
        recorder.write(&event).unwrap();
    }
    let recording = recorder.end().unwrap();
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(path, &recording).unwrap();
    }
    assert!(
        std::fs::read(path).unwrap() == recording,
        "{path} is stale: INSTA_UPDATE=always"
    );
}
