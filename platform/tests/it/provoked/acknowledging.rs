//! Messages are out: do they come back, and for good?

use std::time::Duration;

use serde_json::json;
use snapshot::judge::{Severity, State as Is};

use super::stage::{Line, RECOVERS, Stage};
use super::worker::{Does, Manner};

const SECOND: i64 = 1_000_000_000;

pub(crate) async fn the_worker_acknowledges_nothing(mut stage: Stage) -> Vec<Line> {
    stage
        .both(json!({}), json!({"max_ack_pending": 20, "ack_wait": 8 * SECOND}))
        .await;
    let _publisher = stage.publisher(20.0);
    let manner = Manner {
        slots: 30,
        ..Manner::QUICK
    };
    let worker = stage.worker(manner).await;
    stage.well().await;
    worker.does(Does::Nothing);
    let command = "nats consumer info ORDERS billing";
    stage.named(Is::AckStall, Severity::Crit, command).await;
    worker.does(Does::Ack);
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

/// What the command says is done, and helps.
pub(crate) async fn too_few_messages_may_be_out(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({}), json!({"max_ack_pending": 20})).await;
    let publisher = stage.publisher(20.0);
    let manner = Manner {
        slots: 100,
        takes: Duration::from_millis(500),
        ..Manner::QUICK
    };
    let _worker = stage.worker(manner).await;
    stage.well().await;
    publisher.per_s(60.0);
    let row = stage
        .named(Is::AckSat, Severity::Warn, "nats consumer edit ORDERS billing")
        .await;
    assert!(row.command.unwrap().ends_with("--max-pending 40"));
    stage.consumer(json!({"max_ack_pending": 100})).await;
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

pub(crate) async fn every_message_is_given_back(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({}), json!({})).await;
    let _publisher = stage.publisher(5.0);
    let manner = Manner {
        takes: Duration::from_millis(50),
        does: Does::NakEvery(1),
        ..Manner::QUICK
    };
    let worker = stage.worker(manner).await;
    stage
        .named(Is::RedeliveryStorm, Severity::Crit, "nats stream get ORDERS 1")
        .await;
    worker.does(Does::Ack);
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

/// Those that were delivered as often as they may be lie aside, and that stays to be seen.
pub(crate) async fn some_messages_are_poison(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({}), json!({"max_deliver": 3})).await;
    let _publisher = stage.publisher(50.0);
    let manner = Manner {
        does: Does::NakEvery(5),
        ..Manner::QUICK
    };
    let worker = stage.worker(manner).await;
    stage
        .named(Is::Redelivery, Severity::Warn, "nats stream get ORDERS ")
        .await;
    stage.row("parked", |row| row.derived.parked > Some(0)).await;
    worker.does(Does::Ack);
    let row = stage.leaves_for(RECOVERS).await;
    assert!(row.derived.parked > Some(0), "{row:?}");
    stage.lines
}

pub(crate) async fn more_are_out_than_its_owner_wants(mut stage: Stage) -> Vec<Line> {
    let metadata = json!({"io.nats.monitor.outstanding-ack-critical": "15"});
    stage.both(json!({}), json!({"metadata": metadata})).await;
    let manner = Manner {
        slots: 30,
        does: Does::Nothing,
        ..Manner::QUICK
    };
    let worker = stage.worker(manner).await;
    stage.send(20).await;
    stage
        .named(Is::AckSat, Severity::Crit, "nats consumer info ORDERS billing")
        .await;
    worker.does(Does::Ack);
    stage.leaves_for(RECOVERS).await;
    stage.lines
}
