//! What two thousand consumers cost: `cargo run --release -p snapshot --example scale`.

use std::fs;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use snapshot::sample::{
    Body, ConsumerSample, ConsumersSample, Event, SequencePair, StreamSample, StreamsSample,
};
use snapshot::{Settings, State, update};

const STREAMS: u64 = 8;
const PAGE: u64 = 250;
const POLLS: u64 = 160;

fn main() -> io::Result<()> {
    let before = resident();
    let mut state = State::new(Settings::default());
    let mut slowest = Duration::ZERO;
    let mut all = Duration::ZERO;
    for poll in 0..POLLS {
        let at = i64::try_from(poll).unwrap_or(0) * 2_000;
        let streams = (0..STREAMS).map(|stream| sample_of(stream, poll)).collect();
        let streams = StreamsSample {
            streams,
            complete: true,
            interval_ms: 2_000,
            ..StreamsSample::default()
        };
        update(
            &mut state,
            Event {
                at,
                body: Body::Streams(streams),
            },
        );
        for stream in 0..STREAMS {
            let event = Event {
                at,
                body: Body::Consumers(page(stream, poll)),
            };
            let begin = Instant::now();
            update(&mut state, event);
            let took = begin.elapsed();
            (slowest, all) = (slowest.max(took), all + took);
        }
        update(&mut state, Event { at, body: Body::Tick });
    }
    let kept = resident().saturating_sub(before);
    let begin = Instant::now();
    let report = state.report(i64::try_from(POLLS).unwrap_or(0) * 2_000);
    let reported = begin.elapsed();
    let pages = u32::try_from(POLLS * STREAMS).unwrap_or(u32::MAX);
    writeln!(
        io::stdout(),
        "{} consumers, {POLLS} polls: {kept} KiB resident",
        report.consumers.len()
    )?;
    writeln!(
        io::stdout(),
        "a page of {PAGE}: {:?} on average, {slowest:?} at most; a report: {reported:?}",
        all / pages
    )
}

fn name(stream: u64) -> String {
    format!("ORDERS_{stream}")
}

/// Half of the consumers lag: the others have little to judge.
fn page(stream: u64, poll: u64) -> ConsumersSample {
    let consumers = (0..PAGE).map(|number| {
        let delivered = poll * 100 + number;
        ConsumerSample {
            name: format!("consumer-{number}"),
            ts: Some(i64::try_from(poll).unwrap_or(0) * 2_000_000_000),
            created_ns: Some(1),
            durable: true,
            ack_wait_ns: Some(30_000_000_000),
            max_ack_pending: Some(1_000),
            filter_subjects: vec![format!("orders.{number}.>")],
            delivered: SequencePair {
                consumer_seq: delivered,
                stream_seq: delivered,
                last_active_ns: None,
            },
            ack_floor: SequencePair {
                consumer_seq: delivered,
                stream_seq: delivered,
                last_active_ns: None,
            },
            num_pending: if number % 2 == 0 {
                0
            } else {
                1_000 + poll * (number % 50)
            },
            num_ack_pending: number % 7,
            ..ConsumerSample::default()
        }
    });
    ConsumersSample {
        stream: name(stream),
        consumers: consumers.collect(),
        complete: true,
        interval_ms: 2_000,
        ..ConsumersSample::default()
    }
}

fn sample_of(stream: u64, poll: u64) -> StreamSample {
    let ts = i64::try_from(poll).unwrap_or(0) * 2_000_000_000;
    StreamSample {
        name: name(stream),
        ts: Some(ts),
        messages: 1_000_000,
        bytes: 100_000_000,
        first_seq: 1,
        first_ts: Some(0),
        last_seq: 1_000_000 + poll * 200,
        last_ts: Some(ts),
        ..StreamSample::default()
    }
}

/// Resident memory of this process in KiB; 0 where the system does not tell.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next())
        .and_then(|count| count.parse().ok())
        .unwrap_or(0)
}
