//! What is not one state in its time: turns, dips, purges, new beginnings, and what a single look says.

use snapshot::Settings;
use snapshot::judge::{Confidence, Severity, State as Is};
use snapshot::sample::Replay;

use crate::lab::Lab;
use crate::simulator::{Does, MS, Simulator};

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

#[test]
fn a_queue_whose_messages_expire_is_not_worked_off() {
    let mut world = Simulator::new();
    (world.max_age, world.publish_per_s) = (Some(20_000 * MS), 0.0);
    world.kill();
    for _ in 0..10 {
        world.publish(20);
        world.pass(1_000);
    }
    world.pass(10_500);
    let lab = at_once(world);
    let row = lab.row();
    assert!(row.derived.eta_s.is_some(), "{row:?}");
    assert!(!lab.is(Is::CatchingUp), "{}", row.reason);
}

#[test]
fn what_is_about_to_change_is_worth_a_look() {
    let mut lab = Lab::with(Simulator::new(), Settings::default());
    lab.run(30);
    assert!(lab.state.worst(10).is_empty());
    lab.world.leader = None;
    lab.poll();
    assert!(lab.is(Is::Ok));
    assert_eq!(lab.state.worst(10).len(), 1);
    lab.world.leader = Some("n1".to_owned());
    lab.run(4);
    assert!(lab.state.worst(10).is_empty());
}

#[test]
fn a_queue_that_grows_anew_is_not_judged_by_how_it_fell() {
    let mut lab = Lab::new(Simulator::new());
    lab.world.publish(3_000);
    lab.run(16);
    assert!(lab.is(Is::CatchingUp), "{:?}", lab.row().reason);
    lab.world.paused = true;
    let warned = |lab: &Lab| lab.is(Is::Paused) && lab.row().severity == Severity::Warn;
    assert!(lab.until(16, warned).is_some(), "{:?}", lab.row().reason);
    assert_eq!(lab.row().derived.eta_s, None);
    lab.world.paused = false;
    assert!(lab.until(10, |lab| lab.is(Is::CatchingUp)).is_some());
    let eta = lab.row().derived.eta_s.unwrap();
    let took = lab.until(100, |lab| lab.world.pending() == 0).unwrap();
    let took = f64::from(i32::try_from(took).unwrap());
    assert!((eta - took).abs() <= 0.1 * took + 2.0, "said {eta}, took {took}");
}

#[test]
fn who_replays_messages_at_their_own_pace_waits_between_them() {
    let mut lab = Lab::new(Simulator::new());
    lab.run(20);
    (lab.world.stuck_server, lab.world.replay) = (true, Replay::Original);
    let bad = [Is::ServerStall, Is::Stall];
    assert!(
        lab.until(90, |lab| bad.contains(&lab.row().state)).is_none(),
        "{}",
        lab.row().reason
    );
}
