use std::collections::BTreeMap;

use test_case::test_case;

use super::{Circumstances, Severity, State, StreamCircumstances, Verdict, Workers, consumer, stream};
use crate::lag::{Derived, Evidence, Exact, History, Point};
use crate::number::SECOND;
use crate::sample::{
    AckPolicy, ClusterSample, ConsumerSample, Discard, Lost, Mode, PriorityGroup, ReplicaSample,
    SequencePair, StreamSample, StreamSource,
};
use crate::threshold::{StreamThresholds, Thresholds};

/// Now.
const NOW: i64 = 1_000_000 * SECOND;

/// A consumer that has just delivered and acknowledged its 1,000th message; nothing waits.
fn well() -> ConsumerSample {
    let pair = SequencePair {
        consumer_seq: 1_000,
        stream_seq: 1_000,
        last_active_ns: Some(NOW - SECOND),
    };
    ConsumerSample {
        name: "billing".to_owned(),
        ts: Some(NOW),
        durable: true,
        ack_policy: Some(AckPolicy::Explicit),
        ack_wait_ns: Some(30_000_000_000),
        max_ack_pending: Some(1_000),
        delivered: pair,
        ack_floor: pair,
        num_waiting: 1,
        ..ConsumerSample::default()
    }
}

/// The judgement of one sample, as of the first look.
fn first_look(sample: &ConsumerSample) -> Verdict {
    let mut history = History::default();
    history.push(Point::of(sample).unwrap());
    let thresholds = Thresholds::of(&sample.metadata);
    let derived = Derived::of(&Evidence {
        sample,
        history: &history,
        stream: None,
        exact: &Exact::default(),
        thresholds: &thresholds,
    });
    consumer(&Circumstances {
        stream: "ORDERS",
        sample,
        history: &history,
        derived: &derived,
        thresholds: &thresholds,
        absent: None,
        lost: 0,
        workers: &Workers::Unknown,
        component: Some("billing-service"),
    })
}

fn limited(mut sample: ConsumerSample, name: &str, value: &str) -> ConsumerSample {
    sample.metadata = BTreeMap::from([(format!("io.nats.monitor.{name}"), value.to_owned())]);
    sample
}

fn quiet_for(seconds: i64) -> ConsumerSample {
    let mut sample = well();
    sample.delivered.last_active_ns = Some(NOW - seconds * SECOND);
    sample.ack_floor.last_active_ns = sample.delivered.last_active_ns;
    sample
}

fn waits(sample: ConsumerSample) -> ConsumerSample {
    ConsumerSample {
        num_pending: 5,
        num_waiting: 0,
        ..sample
    }
}

fn group_with(replica: ReplicaSample) -> ClusterSample {
    ClusterSample {
        leader: Some("n1".to_owned()),
        replicas: vec![replica],
        ..ClusterSample::default()
    }
}

fn current() -> ReplicaSample {
    ReplicaSample {
        name: "n2".to_owned(),
        current: true,
        ..ReplicaSample::default()
    }
}

fn group(pinned: Option<&str>) -> ConsumerSample {
    let group = PriorityGroup {
        group: "g".to_owned(),
        pinned_client_id: pinned.map(str::to_owned),
        pinned_ts: None,
    };
    limited(
        ConsumerSample {
            priority_groups: vec![group],
            ..well()
        },
        "pinned",
        "true",
    )
}

fn push(bound: Option<bool>) -> ConsumerSample {
    ConsumerSample {
        mode: Mode::Push,
        push_bound: bound,
        ..waits(well())
    }
}

#[test_case(&well(), State::Ok, Severity::Ok; "all is well")]
#[test_case(&quiet_for(3_600), State::Idle, Severity::Ok; "an idle consumer is no alarm")]
#[test_case(&waits(quiet_for(59)), State::Ok, Severity::Ok; "nobody has asked for a while")]
#[test_case(&waits(quiet_for(61)), State::NoConsumer, Severity::Crit; "nobody has asked for a minute")]
#[test_case(&ConsumerSample { ack_wait_ns: Some(120_000_000_000), ..waits(quiet_for(61)) }, State::Ok, Severity::Ok; "work may take two minutes")]
#[test_case(&ConsumerSample { durable: false, ..waits(quiet_for(61)) }, State::NoConsumer, Severity::Info; "an ephemeral one goes by itself")]
#[test_case(&push(Some(false)), State::NoConsumer, Severity::Crit; "nobody listens")]
#[test_case(&push(Some(true)), State::Ok, Severity::Ok; "somebody listens")]
#[test_case(&push(None), State::Ok, Severity::Ok; "an old server does not say who listens")]
#[test_case(&ConsumerSample { paused: true, ..waits(quiet_for(600)) }, State::Paused, Severity::Info; "what is paused has no consumer on purpose")]
#[test_case(&ConsumerSample { cluster: Some(ClusterSample::default()), paused: true, ..well() }, State::Offline, Severity::Crit; "no leader")]
#[test_case(&ConsumerSample { cluster: Some(group_with(current())), ..well() }, State::Ok, Severity::Ok; "replicas are current")]
#[test_case(&ConsumerSample { cluster: Some(group_with(ReplicaSample { offline: true, ..current() })), ..well() }, State::Degraded, Severity::Warn; "a replica is away")]
#[test_case(&ConsumerSample { cluster: Some(group_with(ReplicaSample { current: false, ..current() })), ..waits(quiet_for(61)) }, State::NoConsumer, Severity::Crit; "what is worse is not hidden by a replica")]
#[test_case(&limited(waits(quiet_for(20)), "last-delivery-critical", "10s"), State::Stall, Severity::Crit; "not delivered for longer than set")]
#[test_case(&limited(quiet_for(20), "last-delivery-critical", "10s"), State::Ok, Severity::Ok; "nothing to deliver")]
#[test_case(&limited(ConsumerSample { num_ack_pending: 1, ..quiet_for(20) }, "last-ack-critical", "10s"), State::AckStall, Severity::Crit; "not acknowledged for longer than set")]
#[test_case(&limited(quiet_for(20), "last-ack-critical", "10s"), State::Ok, Severity::Ok; "nothing to acknowledge")]
#[test_case(&limited(ConsumerSample { num_ack_pending: 50, ..well() }, "outstanding-ack-critical", "50"), State::AckSat, Severity::Crit; "more out than set")]
#[test_case(&limited(ConsumerSample { num_redelivered: 3, ..well() }, "redelivery-critical", "3"), State::RedeliveryStorm, Severity::Crit; "more delivered again than set")]
#[test_case(&limited(ConsumerSample { num_waiting: 9, ..well() }, "waiting-critical", "9"), State::Threshold, Severity::Crit; "more wait for messages than set")]
#[test_case(&limited(ConsumerSample { num_pending: 7, ..well() }, "unprocessed-critical", "7"), State::Lagging, Severity::Crit; "more wait than set")]
#[test_case(&group(None), State::Threshold, Severity::Crit; "a group is pinned to nobody")]
#[test_case(&group(Some("c1")), State::Ok, Severity::Ok; "a group is pinned")]
fn one_sample_is_judged_by_what_it_proves(sample: &ConsumerSample, state: State, severity: Severity) {
    let verdict = first_look(sample);
    assert_eq!(
        (verdict.state, verdict.severity),
        (state, severity),
        "{}",
        verdict.reason
    );
}

#[test]
fn the_command_names_the_component_where_it_is_known() {
    assert_eq!(
        first_look(&waits(quiet_for(61))).command.as_deref(),
        Some("ratectl logs billing-service")
    );
}

#[test]
fn names_in_commands_cannot_become_commands() {
    let sample = ConsumerSample {
        name: "a;reboot".to_owned(),
        paused: true,
        ..well()
    };
    assert_eq!(
        first_look(&sample).command.as_deref(),
        Some("nats consumer resume ORDERS 'a;reboot'")
    );
}

fn full_at(messages: u64) -> StreamSample {
    StreamSample {
        messages,
        max_msgs: Some(1_000),
        discard: Some(Discard::New),
        ..busy()
    }
}

fn busy() -> StreamSample {
    StreamSample {
        name: "ORDERS".to_owned(),
        ts: Some(NOW),
        last_ts: Some(NOW - SECOND),
        last_seq: 9,
        ..StreamSample::default()
    }
}

fn mirrors(source: StreamSource) -> StreamSample {
    StreamSample {
        mirror: Some(source),
        ..busy()
    }
}

fn source() -> StreamSource {
    StreamSource {
        name: "ORIGIN".to_owned(),
        lag: Some(0),
        active_ns: Some(SECOND),
        error: None,
    }
}

fn few(messages: u64) -> StreamSample {
    let set = [("msgs-warn", "20"), ("msgs-critical", "10")];
    let metadata = set.map(|(name, value)| (format!("io.nats.monitor.{name}"), value.to_owned()));
    StreamSample {
        messages,
        metadata: BTreeMap::from(metadata),
        ..busy()
    }
}

#[test_case(&busy(), State::Ok, Severity::Ok; "all is well")]
#[test_case(&StreamSample { last_ts: Some(0), ..busy() }, State::Idle, Severity::Ok; "nothing comes")]
#[test_case(&full_at(899), State::Ok, Severity::Ok; "room is left")]
#[test_case(&full_at(900), State::NearlyFull, Severity::Warn; "little room is left")]
#[test_case(&full_at(1_000), State::Full, Severity::Crit; "no room is left")]
#[test_case(&StreamSample { discard: Some(Discard::Old), ..full_at(1_000) }, State::Ok, Severity::Ok; "the oldest give room")]
#[test_case(&StreamSample { lost: Some(Lost { msgs: 1, bytes: 9 }), ..busy() }, State::Loss, Severity::Crit; "the server lost one")]
#[test_case(&StreamSample { cluster: Some(ClusterSample::default()), ..busy() }, State::Offline, Severity::Crit; "no leader")]
#[test_case(&StreamSample { cluster: Some(group_with(ReplicaSample { lag: Some(5_000), ..current() })), ..busy() }, State::Degraded, Severity::Warn; "a replica is behind")]
#[test_case(&mirrors(source()), State::Ok, Severity::Ok; "a mirror is up to date")]
#[test_case(&mirrors(StreamSource { active_ns: None, ..source() }), State::SourceLag, Severity::Warn; "a mirror never heard of its origin")]
#[test_case(&mirrors(StreamSource { lag: Some(9_999), ..source() }), State::SourceLag, Severity::Warn; "a mirror is behind")]
#[test_case(&mirrors(StreamSource { error: Some("gone".to_owned()), ..source() }), State::SourceLag, Severity::Crit; "a mirror does not work")]
#[test_case(&few(21), State::Ok, Severity::Ok; "enough messages")]
#[test_case(&few(20), State::Threshold, Severity::Warn; "few messages")]
#[test_case(&few(10), State::Threshold, Severity::Crit; "too few messages")]
fn a_stream_is_judged_by_one_sample(sample: &StreamSample, state: State, severity: Severity) {
    let thresholds = StreamThresholds::of(&sample.metadata);
    let verdict = stream(&StreamCircumstances {
        sample,
        thresholds: &thresholds,
        absent: None,
    });
    assert_eq!(
        (verdict.state, verdict.severity),
        (state, severity),
        "{}",
        verdict.reason
    );
}

#[test]
fn a_state_is_written_the_same_everywhere() {
    for state in [
        State::Warm,
        State::NoConsumer,
        State::AckSat,
        State::CatchingUp,
        State::RedeliveryStorm,
    ] {
        assert_eq!(serde_json::to_value(state).unwrap(), state.name());
    }
}
