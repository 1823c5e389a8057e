//! Situations, each provoked on the model: its state comes in its time, with a command, and goes again.

use snapshot::Settings;
use snapshot::judge::{Confidence, Severity, State as Is};
use test_case::test_case;

use crate::lab::Lab;
use crate::simulator::{Does, MS, Simulator};

/// A situation: what makes it, what it is called and within how many seconds, what ends it, and what it is within how many
/// seconds then.
struct Situation {
    provoke: fn(&mut Lab),
    state: Is,
    severity: Severity,
    within: i64,
    command: &'static str,
    heal: fn(&mut Lab),
    after: &'static [Is],
    gone_within: i64,
}

const WELL: &[Is] = &[Is::Ok, Is::Idle];
const RECOVERS: &[Is] = &[Is::CatchingUp, Is::Ok, Is::Idle];

fn metadata(lab: &mut Lab, name: &str, value: &str) {
    lab.world
        .metadata
        .insert(format!("io.nats.monitor.{name}"), value.to_owned());
}

fn killed() -> Situation {
    Situation {
        provoke: |lab| lab.world.kill(),
        state: Is::NoConsumer,
        severity: Severity::Crit,
        within: 10,
        command: "nats consumer info ORDERS billing",
        heal: |lab| lab.world.alive = true,
        after: RECOVERS,
        gone_within: 10,
    }
}

fn killed_while_idle() -> Situation {
    Situation {
        provoke: |lab| {
            lab.world.publish_per_s = 0.0;
            lab.run(10);
            lab.world.kill();
            lab.run(4);
            lab.world.publish(3);
        },
        ..killed()
    }
}

fn nobody_listens() -> Situation {
    Situation {
        provoke: |lab| {
            lab.world.push = Some(false);
            lab.world.kill();
        },
        within: 4,
        heal: |lab| {
            lab.world.push = Some(true);
            lab.world.alive = true;
        },
        ..killed()
    }
}

fn paused() -> Situation {
    Situation {
        provoke: |lab| {
            lab.world.publish_per_s = 0.0;
            lab.run(4);
            lab.world.paused = true;
        },
        state: Is::Paused,
        severity: Severity::Info,
        within: 4,
        command: "nats consumer resume ORDERS billing",
        heal: |lab| lab.world.paused = false,
        after: WELL,
        gone_within: 6,
    }
}

fn paused_under_load() -> Situation {
    Situation {
        provoke: |lab| lab.world.paused = true,
        severity: Severity::Warn,
        within: 20,
        after: RECOVERS,
        gone_within: 10,
        ..paused()
    }
}

fn acknowledges_nothing() -> Situation {
    Situation {
        provoke: |lab| {
            (lab.world.max_ack_pending, lab.world.slots) = (100, 300);
            lab.world.does = Does::Nothing;
        },
        state: Is::AckStall,
        severity: Severity::Crit,
        within: 40,
        command: "nats consumer info ORDERS billing",
        heal: |lab| lab.world.does = Does::Ack,
        after: RECOVERS,
        gone_within: 60,
    }
}

fn too_few_may_be_out() -> Situation {
    Situation {
        provoke: |lab| {
            (lab.world.max_ack_pending, lab.world.slots, lab.world.takes) = (20, 300, 500 * MS);
        },
        state: Is::AckSat,
        severity: Severity::Warn,
        within: 14,
        command: "nats consumer edit ORDERS billing --max-pending 40",
        heal: |lab| lab.world.max_ack_pending = 1_000,
        after: RECOVERS,
        gone_within: 10,
    }
}

fn poison() -> Situation {
    Situation {
        provoke: |lab| {
            lab.world.does = Does::NakEvery(1);
            lab.world.max_deliver = None;
        },
        state: Is::RedeliveryStorm,
        severity: Severity::Crit,
        within: 36,
        command: "nats stream get ORDERS ",
        heal: |lab| lab.world.does = Does::Ack,
        after: RECOVERS,
        gone_within: 50,
    }
}

fn some_poison() -> Situation {
    Situation {
        provoke: |lab| {
            lab.world.does = Does::NakEvery(5);
            lab.world.max_deliver = Some(3);
        },
        state: Is::Redelivery,
        severity: Severity::Warn,
        within: 14,
        heal: |lab| lab.world.does = Does::Ack,
        gone_within: 40,
        ..poison()
    }
}

fn server_sits_on_messages() -> Situation {
    Situation {
        provoke: |lab| lab.world.stuck_server = true,
        state: Is::ServerStall,
        severity: Severity::Crit,
        within: 20,
        command: "nats consumer cluster step-down ORDERS billing",
        heal: |lab| lab.world.stuck_server = false,
        after: RECOVERS,
        gone_within: 10,
    }
}

fn hangs() -> Situation {
    Situation {
        provoke: |lab| {
            lab.world.publish_per_s = 0.0;
            lab.run(4);
            (lab.world.slots, lab.world.does) = (50, Does::Nothing);
            lab.world.ack_wait = 100_000 * MS;
            lab.world.publish(50);
        },
        state: Is::Stall,
        severity: Severity::Crit,
        within: 106,
        command: "nats consumer info ORDERS billing",
        heal: |lab| lab.world.does = Does::Ack,
        after: WELL,
        gone_within: 8,
    }
}

fn too_slow() -> Situation {
    Situation {
        provoke: |lab| lab.world.takes = 400 * MS,
        state: Is::Lagging,
        severity: Severity::Warn,
        within: 40,
        command: "nats consumer info ORDERS billing",
        heal: |lab| lab.world.takes = 20 * MS,
        after: RECOVERS,
        gone_within: 20,
    }
}

fn beyond_its_age() -> Situation {
    Situation {
        provoke: |lab| {
            metadata(lab, "time-lag-critical", "5s");
            lab.world.takes = 1_000 * MS;
        },
        severity: Severity::Crit,
        within: 14,
        ..too_slow()
    }
}

fn beyond_its_limit() -> Situation {
    Situation {
        provoke: |lab| {
            metadata(lab, "unprocessed-critical", "100");
            lab.world.takes = 1_000 * MS;
        },
        severity: Severity::Crit,
        within: 10,
        ..too_slow()
    }
}

fn stream_drops_what_is_not_read() -> Situation {
    Situation {
        provoke: |lab| {
            (lab.world.workqueue, lab.world.max_msgs) = (false, Some(200));
            lab.world.takes = 1_000 * MS;
        },
        state: Is::Loss,
        severity: Severity::Crit,
        within: 20,
        command: "nats stream info ORDERS",
        heal: |lab| lab.world.takes = 10 * MS,
        after: RECOVERS,
        gone_within: 40,
    }
}

fn will_drop_what_is_not_read() -> Situation {
    Situation {
        provoke: |lab| {
            (lab.world.workqueue, lab.world.max_age) = (false, Some(100_000 * MS));
            lab.world.takes = 1_500 * MS;
        },
        state: Is::Runway,
        severity: Severity::Warn,
        within: 110,
        command: "nats stream edit ORDERS",
        heal: |lab| lab.world.takes = 5 * MS,
        after: RECOVERS,
        gone_within: 40,
    }
}

fn does_not_answer() -> Situation {
    Situation {
        provoke: |lab| lab.missing = true,
        state: Is::Offline,
        severity: Severity::Crit,
        within: 4,
        command: "nats server report jetstream",
        heal: |lab| lab.missing = false,
        after: WELL,
        gone_within: 6,
    }
}

fn has_no_leader() -> Situation {
    Situation {
        provoke: |lab| lab.world.leader = None,
        heal: |lab| lab.world.leader = Some("n2".to_owned()),
        ..does_not_answer()
    }
}

fn replica_is_behind() -> Situation {
    Situation {
        provoke: |lab| lab.world.replica_lag = 5_000,
        state: Is::Degraded,
        severity: Severity::Warn,
        within: 4,
        command: "nats consumer info ORDERS billing",
        heal: |lab| lab.world.replica_lag = 0,
        after: WELL,
        gone_within: 6,
    }
}

fn connection_is_lost() -> Situation {
    Situation {
        provoke: |lab| lab.silent = true,
        state: Is::Stale,
        severity: Severity::Unknown,
        within: 10,
        command: "",
        heal: |lab| lab.silent = false,
        after: WELL,
        gone_within: 2,
    }
}

#[test_case(&killed(); "the worker is killed")]
#[test_case(&killed_while_idle(); "the worker is killed while idle, then messages come")]
#[test_case(&nobody_listens(); "nobody listens to a push consumer")]
#[test_case(&paused(); "paused")]
#[test_case(&paused_under_load(); "paused while messages come")]
#[test_case(&acknowledges_nothing(); "the worker acknowledges nothing")]
#[test_case(&too_few_may_be_out(); "too few messages may be out")]
#[test_case(&poison(); "every message is given back")]
#[test_case(&some_poison(); "some messages are given back")]
#[test_case(&server_sits_on_messages(); "the server does not deliver")]
#[test_case(&hangs(); "the worker hangs with messages out")]
#[test_case(&too_slow(); "the worker is too slow")]
#[test_case(&beyond_its_age(); "messages are older than its owner wants")]
#[test_case(&beyond_its_limit(); "more wait than its owner wants")]
#[test_case(&stream_drops_what_is_not_read(); "the stream drops what is not read")]
#[test_case(&will_drop_what_is_not_read(); "the stream will drop what is not read")]
#[test_case(&does_not_answer(); "its leader does not answer a list")]
#[test_case(&has_no_leader(); "it has no leader")]
#[test_case(&replica_is_behind(); "a replica is behind")]
#[test_case(&connection_is_lost(); "the connection is lost")]
fn a_situation_is_named_in_time_and_ends(situation: &Situation) {
    let mut lab = Lab::new(Simulator::new());
    lab.run(30);
    assert!(WELL.contains(&lab.row().state), "it begins {:?}", lab.row());
    (situation.provoke)(&mut lab);
    let named = |lab: &Lab| {
        let row = lab.row();
        (row.state, row.severity) == (situation.state, situation.severity)
    };
    let took = lab.until(situation.within, named);
    let row = lab.row();
    assert!(
        took.is_some(),
        "not within {} s, but {} {:?}: {}",
        situation.within,
        row.state.name(),
        row.severity,
        row.reason
    );
    assert!(
        !row.reason.is_empty() && !row.reason.ends_with('.'),
        "{:?}",
        row.reason
    );
    assert!(row.command.unwrap_or_default().starts_with(situation.command));
    (situation.heal)(&mut lab);
    let ended = lab.until(situation.gone_within, |lab| {
        situation.after.contains(&lab.row().state)
    });
    let row = lab.row();
    assert!(
        ended.is_some(),
        "still {} after {} s: {}",
        row.state.name(),
        situation.gone_within,
        row.reason
    );
}

#[test]
fn a_worker_that_has_come_back_catches_up_with_an_end_that_comes_true() {
    let mut lab = Lab::new(Simulator::new());
    lab.run(30);
    lab.world.kill();
    lab.run(120);
    lab.world.alive = true;
    assert!(
        lab.until(20, |lab| lab.is(Is::CatchingUp)).is_some(),
        "{:?}",
        lab.row().reason
    );
    let eta = lab.row().derived.eta_s.unwrap();
    let took = lab.until(600, |lab| lab.world.pending() == 0).unwrap();
    let took = f64::from(i32::try_from(took).unwrap());
    assert!((eta - took).abs() <= 0.3 * took, "said {eta}, took {took}");
}

#[test]
fn one_dip_does_not_end_lagging() {
    let mut lab = Lab::new(Simulator::new());
    lab.world.takes = 400 * MS;
    assert!(lab.until(60, |lab| lab.is(Is::Lagging)).is_some());
    lab.run(30);
    for _ in 0..5 {
        lab.world.takes = 80 * MS;
        lab.run(2);
        lab.world.takes = 400 * MS;
        for _ in 0..6 {
            lab.poll();
            assert!(lab.is(Is::Lagging), "{:?}", lab.row().reason);
        }
    }
}

#[test]
fn an_idle_consumer_is_idle_and_no_alarm() {
    let mut lab = Lab::new(Simulator::new());
    lab.run(20);
    lab.world.publish_per_s = 0.0;
    lab.run(4);
    lab.world.kill();
    for _ in 0..100 {
        lab.poll();
        assert_eq!(lab.row().severity, Severity::Ok, "{:?}", lab.row().reason);
    }
    assert!(lab.is(Is::Idle));
}

#[test]
fn a_slow_worker_with_one_slot_is_not_taken_for_a_dead_one() {
    let mut lab = Lab::new(Simulator::new());
    (lab.world.slots, lab.world.takes, lab.world.publish_per_s) = (1, 15_000 * MS, 0.05);
    lab.world.ack_wait = 60_000 * MS;
    for _ in 0..300 {
        lab.poll();
        assert_ne!(lab.row().state, Is::NoConsumer, "{:?}", lab.row().reason);
    }
}

#[test]
fn parked_messages_are_counted() {
    let mut lab = Lab::new(Simulator::new());
    (lab.world.max_deliver, lab.world.does) = (Some(3), Does::NakEvery(10));
    lab.run(20);
    lab.world.does = Does::Ack;
    lab.run(6);
    let parked = lab.row().derived.parked.unwrap();
    let truth = lab.world.last_seq / 10 - 4;
    assert!(parked >= 50 && parked <= truth + 5, "{parked} of about {truth}");
    lab.run(40);
    assert_eq!(lab.row().severity, Severity::Ok, "{:?}", lab.row().reason);
}

#[test]
fn a_purge_is_no_loss_and_no_progress() {
    let mut lab = Lab::new(Simulator::new());
    lab.world.workqueue = false;
    lab.world.takes = 400 * MS;
    lab.run(60);
    assert!(lab.is(Is::Lagging));
    lab.world.takes = 20 * MS;
    lab.world.purge();
    for _ in 0..20 {
        lab.poll();
        assert!(
            matches!(lab.row().state, Is::Lagging | Is::Ok | Is::CatchingUp),
            "{:?}",
            lab.row().reason
        );
        assert!(lab.row().derived.drain_per_s.is_none_or(|drain| drain < 50.0));
    }
    assert!(lab.is(Is::Ok));
    assert!(
        lab.report()
            .events
            .iter()
            .any(|event| event.text.contains("left its queue undelivered at once"))
    );
}

#[test]
fn a_consumer_made_anew_begins_anew() {
    let mut lab = Lab::new(Simulator::new());
    lab.world.workqueue = false;
    lab.run(60);
    lab.world.recreate();
    lab.poll();
    assert!(lab.is(Is::Warm));
    assert!(lab.row().derived.deliver_per_s.is_none());
    assert!(
        lab.until(60, |lab| lab.is(Is::Ok)).is_some(),
        "{:?}",
        lab.row().reason
    );
    assert!(
        lab.report()
            .events
            .iter()
            .any(|event| event.text == "was created anew")
    );
}

#[test]
fn a_full_stream_that_refuses_is_full() {
    let mut lab = Lab::new(Simulator::new());
    (lab.world.max_msgs, lab.world.discard_new) = (Some(1_000), true);
    lab.world.publish_per_s = 20.0;
    lab.run(20);
    lab.world.kill();
    assert!(
        lab.until(54, |lab| lab.stream().state == Is::NearlyFull)
            .is_some()
    );
    assert!(lab.until(10, |lab| lab.stream().state == Is::Full).is_some());
    assert!(lab.world.refused > 0);
    lab.world.alive = true;
    assert!(lab.until(30, |lab| lab.stream().state == Is::Ok).is_some());
}

#[test]
fn a_mirror_that_is_behind_is_told() {
    let mut lab = Lab::new(Simulator::new());
    lab.world.mirror_lag = Some(50_000);
    assert!(lab.until(4, |lab| lab.stream().state == Is::SourceLag).is_some());
    lab.world.mirror_lag = Some(0);
    assert!(lab.until(6, |lab| lab.stream().state == Is::Ok).is_some());
}

#[test]
fn a_bad_consumer_is_a_problem_with_its_way() {
    let mut lab = Lab::new(Simulator::new());
    lab.run(20);
    lab.world.kill();
    lab.run(10);
    let report = lab.report();
    let problem = &report.problems[0];
    assert_eq!(
        (problem.object.as_str(), problem.state.as_str()),
        ("ORDERS/billing", "NO-CONSUMER")
    );
    let names: Vec<&str> = report.causes[0]
        .links
        .iter()
        .map(|link| link.name.as_str())
        .collect();
    assert_eq!(
        (names, report.causes[0].first_unhealthy),
        (vec!["ORDERS", "billing"], Some(1))
    );
    assert_eq!(
        (report.summary.severity, report.summary.crit),
        (Severity::Crit, 1)
    );
}

/// What two samples say, two seconds apart.
fn at_once(world: Simulator) -> Lab {
    let mut lab = Lab::with(world, Settings::once());
    lab.poll();
    lab.poll();
    lab
}

#[test]
fn two_samples_say_what_they_prove() {
    let mut world = Simulator::new();
    world.pass(60_000);
    let well = at_once(world.clone()).row();
    assert_eq!((well.state, well.confidence), (Is::Ok, Confidence::Low));
    assert!((well.derived.deliver_per_s.unwrap() - 50.0).abs() < 1.0);
    world.kill();
    world.pass(70_000);
    let alone = at_once(world.clone());
    assert!(alone.is(Is::NoConsumer), "{:?}", alone.row().reason);
    assert_eq!(alone.row().derived.time_lag_confidence, Some(Confidence::Exact));
    world.alive = true;
    world.pass(2_000);
    let back = at_once(world.clone()).row();
    assert_eq!(
        (back.state, back.confidence),
        (Is::CatchingUp, Confidence::Low),
        "{}",
        back.reason
    );
    world.paused = true;
    assert!(at_once(world).is(Is::Paused));
}
