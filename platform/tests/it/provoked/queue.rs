//! The queue itself: is it late, is it held back, does it lose?

use std::time::Duration;

use serde_json::json;
use snapshot::judge::{Severity, State as Is};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::stage::{CONSUMER, Line, RECOVERS, STREAM, Stage, WELL};
use super::worker::Manner;

const RESUME: &str = "nats consumer resume ORDERS billing";
const SECOND: i64 = 1_000_000_000;

async fn pause(stage: &Stage) {
    let until = OffsetDateTime::now_utc() + Duration::from_hours(1);
    let until = until.format(&Rfc3339).unwrap();
    let verb = format!("CONSUMER.PAUSE.{STREAM}.{CONSUMER}");
    stage.api(&verb, &json!({"pause_until": until})).await;
}

async fn resume(stage: &Stage) {
    let verb = format!("CONSUMER.PAUSE.{STREAM}.{CONSUMER}");
    stage.api(&verb, &json!({})).await;
}

/// As long as nothing comes that is worth knowing; while the queue grows it is a warning.
pub(crate) async fn it_is_paused(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({}), json!({})).await;
    let publisher = stage.publisher(20.0);
    let _worker = stage.worker(Manner::QUICK).await;
    stage.well().await;
    publisher.per_s(0.0);
    pause(&stage).await;
    stage.named(Is::Paused, Severity::Info, RESUME).await;
    publisher.per_s(20.0);
    stage.named(Is::Paused, Severity::Warn, RESUME).await;
    resume(&stage).await;
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

pub(crate) async fn the_worker_is_too_slow(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({}), json!({})).await;
    let _publisher = stage.publisher(100.0);
    let worker = stage.worker(Manner::QUICK).await;
    stage.well().await;
    worker.takes(Duration::from_millis(200));
    stage
        .named(Is::Lagging, Severity::Warn, "nats consumer info ORDERS billing")
        .await;
    worker.takes(Duration::from_millis(5));
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

pub(crate) async fn messages_are_older_than_their_owner_wants(mut stage: Stage) -> Vec<Line> {
    let metadata = json!({"io.nats.monitor.time-lag-critical": "3s"});
    stage.both(json!({}), json!({"metadata": metadata})).await;
    let _publisher = stage.publisher(100.0);
    let worker = stage.worker(Manner::QUICK).await;
    stage.well().await;
    worker.takes(Duration::from_millis(400));
    stage
        .named(Is::Lagging, Severity::Crit, "nats consumer info ORDERS billing")
        .await;
    worker.takes(Duration::from_millis(5));
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

pub(crate) async fn more_requests_wait_than_its_owner_wants(mut stage: Stage) -> Vec<Line> {
    let metadata = json!({"io.nats.monitor.waiting-critical": "5"});
    stage.both(json!({}), json!({"metadata": metadata})).await;
    let worker = stage.worker(Manner::QUICK).await;
    stage
        .named(Is::Threshold, Severity::Crit, "nats consumer info ORDERS billing")
        .await;
    drop(worker);
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

pub(crate) async fn the_stream_drops_what_is_not_read(mut stage: Stage) -> Vec<Line> {
    let limits = json!({"retention": "limits", "max_msgs": 200});
    stage.both(limits, json!({})).await;
    let _publisher = stage.publisher(100.0);
    let worker = stage.worker(Manner::QUICK).await;
    stage.well().await;
    worker.takes(Duration::from_secs(1));
    stage
        .named(Is::Loss, Severity::Crit, "nats stream info ORDERS")
        .await;
    worker.takes(Duration::from_millis(5));
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

pub(crate) async fn the_stream_will_drop_what_is_not_read(mut stage: Stage) -> Vec<Line> {
    let limits = json!({"retention": "limits", "max_age": 40 * SECOND});
    stage.both(limits, json!({})).await;
    stage.send(100).await;
    let manner = Manner {
        slots: 1,
        takes: Duration::from_secs(2),
        ..Manner::QUICK
    };
    let worker = stage.worker(manner).await;
    stage
        .named(Is::Runway, Severity::Warn, "nats stream edit ORDERS")
        .await;
    drop(worker);
    let _worker = stage.worker(Manner::QUICK).await;
    stage.leaves_for(WELL).await;
    stage.lines
}

/// Its sequences begin anew, and so does what is known of it.
pub(crate) async fn it_is_deleted_and_made_again(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({"retention": "limits"}), json!({})).await;
    let _publisher = stage.publisher(50.0);
    let worker = stage.worker(Manner::QUICK).await;
    stage.well().await;
    drop(worker);
    let verb = format!("CONSUMER.DELETE.{STREAM}.{CONSUMER}");
    stage.api(&verb, &serde_json::Value::Null).await;
    stage.consumer(json!({})).await;
    let _worker = stage.worker(Manner::QUICK).await;
    stage.leaves_for(&[Is::Warm]).await;
    stage.leaves_for(RECOVERS).await;
    assert_told(&mut stage, "was created anew").await;
    stage.lines
}

/// Nobody has lost anything: who purges means it.
pub(crate) async fn it_is_purged_while_messages_wait(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({"retention": "limits"}), json!({})).await;
    stage.send(500).await;
    let manner = Manner {
        slots: 1,
        takes: Duration::from_millis(200),
        ..Manner::QUICK
    };
    let _worker = stage.worker(manner).await;
    stage.leaves_for(&[Is::CatchingUp]).await;
    stage
        .api(&format!("STREAM.PURGE.{STREAM}"), &serde_json::Value::Null)
        .await;
    let (_, row) = stage
        .row("empty", |row| {
            row.raw.as_ref().is_some_and(|raw| raw.num_pending == 0)
        })
        .await;
    assert_ne!(row.state, Is::Loss);
    stage.leaves_for(WELL).await;
    assert_told(&mut stage, "left its queue undelivered at once").await;
    stage.lines
}

async fn assert_told(stage: &mut Stage, words: &str) {
    let told = stage.seen.until(words, |report| {
        let mut events = report.events.iter();
        let told = events.any(|event| event.text.contains(words));
        told.then_some(())
    });
    told.await;
}
