//! More than can be kept or told one by one.

use snapshot::judge::{Severity, State as Is};
use snapshot::report::ProblemKind;
use snapshot::sample::{Body, ConsumerSample, ConsumersSample, Event, StreamSample, StreamsSample};
use snapshot::{Settings, State, update};

const NAMES: u64 = 1_000_000;

fn streams(count: u64) -> Body {
    let stream = |number| StreamSample {
        name: format!("S{}", NAMES + number),
        ts: Some(1),
        ..StreamSample::default()
    };
    Body::Streams(StreamsSample {
        streams: (0..count).map(stream).collect(),
        complete: true,
        ..StreamsSample::default()
    })
}

fn consumers(numbers: std::ops::Range<u64>, durable: bool, at: i64) -> Body {
    let consumer = |number| ConsumerSample {
        name: format!("C{}", NAMES + number),
        ts: Some(at * 1_000_000),
        durable,
        num_pending: 3,
        num_waiting: 1,
        ..ConsumerSample::default()
    };
    Body::Consumers(ConsumersSample {
        stream: "S".to_owned(),
        consumers: numbers.map(consumer).collect(),
        complete: true,
        interval_ms: 2_000,
        ..ConsumersSample::default()
    })
}

#[test]
fn more_streams_than_can_be_kept_are_counted() {
    let mut state = State::new(Settings::default());
    update(
        &mut state,
        Event {
            at: 0,
            body: streams(5_003),
        },
    );
    let report = state.report(0);
    assert_eq!((report.streams.len(), report.left_out.streams), (5_000, 3));
    update(
        &mut state,
        Event {
            at: 1,
            body: streams(10),
        },
    );
    let report = state.report(1);
    assert_eq!((report.streams.len(), report.left_out.streams), (10, 0));
}

#[test]
fn what_goes_stale_together_is_one_problem() {
    let mut state = State::new(Settings::default());
    for at in [0, 2_000, 4_000] {
        update(
            &mut state,
            Event {
                at,
                body: consumers(0..50, true, at),
            },
        );
    }
    update(
        &mut state,
        Event {
            at: 12_000,
            body: Body::Tick,
        },
    );
    let report = state.report(12_000);
    assert!(
        report
            .consumers
            .iter()
            .all(|row| row.state == Is::Stale && row.severity == Severity::Unknown)
    );
    let [problem] = &report.problems[..] else {
        panic!("{:?}", report.problems)
    };
    assert_eq!(
        (problem.kind, problem.reason.as_str()),
        (
            ProblemKind::Source,
            "no fresh numbers of 50 streams and consumers"
        )
    );
    assert_eq!(report.events.len(), 1, "{:?}", report.events);
}

#[test]
fn who_is_missing_in_a_complete_list_is_gone_and_in_a_page_is_not() {
    let mut state = State::new(Settings::default());
    update(
        &mut state,
        Event {
            at: 0,
            body: consumers(0..5, true, 0),
        },
    );
    let Body::Consumers(mut page) = consumers(0..2, true, 2_000) else {
        unreachable!()
    };
    page.complete = false;
    update(
        &mut state,
        Event {
            at: 2_000,
            body: Body::Consumers(page),
        },
    );
    assert_eq!(state.report(2_000).consumers.len(), 5);
    update(
        &mut state,
        Event {
            at: 4_000,
            body: consumers(0..2, true, 4_000),
        },
    );
    assert_eq!(state.report(4_000).consumers.len(), 2);
}

#[test]
fn ephemeral_consumers_are_told_together() {
    let mut state = State::new(Settings::default());
    update(
        &mut state,
        Event {
            at: 0,
            body: consumers(0..40, false, 0),
        },
    );
    let report = state.report(0);
    let [fold] = &report.ephemerals[..] else {
        panic!("{:?}", report.ephemerals)
    };
    assert_eq!((fold.count, fold.num_pending, fold.states["WARM"]), (40, 120, 40));
}
