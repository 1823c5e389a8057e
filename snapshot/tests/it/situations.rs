//! Situations, each provoked on the model: its state comes in its time, with a command, and goes again.

use snapshot::judge::{Severity, State as Is};
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
