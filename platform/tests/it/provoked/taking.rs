//! Messages wait: does anybody take them?

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use serde_json::json;
use snapshot::judge::{Severity, State as Is};
use snapshot::report::ConsumerRow;
use tokio_util::task::AbortOnDropHandle;

use super::stage::{CONSUMER, Line, RECOVERS, STREAM, Stage, WELL};
use super::worker::{Does, Manner};

const INFO: &str = "nats consumer info ORDERS billing";

pub(crate) async fn the_worker_is_killed_and_comes_back(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({}), json!({})).await;
    let publisher = stage.publisher(50.0);
    let worker = stage.worker(Manner::QUICK).await;
    stage.well().await;
    drop(worker);
    stage.named(Is::NoConsumer, Severity::Crit, INFO).await;
    publisher.per_s(20.0);
    stage.send(1_500).await;
    let manner = Manner {
        takes: Duration::from_millis(100),
        ..Manner::QUICK
    };
    let worker = stage.worker(manner).await;
    let row = stage.leaves_for(&[Is::CatchingUp]).await;
    let (said, at) = (row.derived.eta_s.unwrap(), Instant::now());
    stage.row("worked off", |_| worker.caught_up().is_some()).await;
    let took = (worker.caught_up().unwrap() - at).as_secs_f64();
    let line = stage.lines.last_mut().unwrap();
    line.reason = format!("{}; it was in {took:.1} s", line.reason);
    assert!((said - took).abs() <= 0.3 * took, "said {said} s, took {took} s");
    stage.leaves_for(WELL).await;
    stage.lines
}

pub(crate) async fn the_worker_is_killed_while_idle(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({}), json!({})).await;
    let worker = stage.worker(Manner::QUICK).await;
    stage.send(5).await;
    stage.well().await;
    drop(worker);
    let nobody = |row: &ConsumerRow| row.raw.as_ref().is_some_and(|raw| raw.num_waiting == 0);
    stage.row("left alone", nobody).await;
    stage.send(3).await;
    stage.named(Is::NoConsumer, Severity::Crit, INFO).await;
    let _worker = stage.worker(Manner::QUICK).await;
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

/// A worker that tells of itself is missed as soon as it does not answer.
pub(crate) async fn a_worker_that_tells_of_itself_is_killed(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({}), json!({})).await;
    let _publisher = stage.publisher(50.0);
    let (worker, told) = (stage.worker(Manner::QUICK).await, service(&stage).await);
    stage.well().await;
    stage
        .seen
        .until("known", |report| (!report.workers.is_empty()).then_some(()))
        .await;
    drop((worker, told));
    let row = stage.named(Is::NoConsumer, Severity::Crit, "").await;
    assert!(row.reason.contains("its workers are gone"), "{}", row.reason);
    let (_worker, _service) = (stage.worker(Manner::QUICK).await, service(&stage).await);
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

/// Nothing waits then, but what they have is not done.
pub(crate) async fn the_worker_is_killed_with_all_there_is(mut stage: Stage) -> Vec<Line> {
    stage
        .both(json!({}), json!({"ack_wait": 10_000_000_000_i64}))
        .await;
    let manner = Manner {
        does: Does::Nothing,
        ..Manner::QUICK
    };
    let (worker, told) = (stage.worker(manner).await, service(&stage).await);
    stage
        .seen
        .until("known", |report| (!report.workers.is_empty()).then_some(()))
        .await;
    stage.send(4).await;
    let taken = |row: &ConsumerRow| row.raw.as_ref().is_some_and(|raw| raw.num_ack_pending == 5);
    stage.row("taken", taken).await;
    drop((worker, told));
    stage.named(Is::NoConsumer, Severity::Crit, "").await;
    let (_worker, _told) = (stage.worker(Manner::QUICK).await, service(&stage).await);
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

/// Answers `$SRV.STATS` as a worker does.
async fn service(stage: &Stage) -> AbortOnDropHandle<()> {
    let client = stage.another().await;
    let mut questions = client.subscribe("$SRV.STATS").await.unwrap();
    client.flush().await.unwrap();
    AbortOnDropHandle::new(tokio::spawn(async move {
        while let Some(question) = questions.next().await {
            let stats = json!({"type": "io.nats.micro.v1.stats_response", "name": "bills", "id": "1", "version": "1.0.0",
                "metadata": {"stream": STREAM, "consumer": CONSUMER}, "endpoints": []});
            client
                .publish(question.reply.unwrap(), stats.to_string().into())
                .await
                .unwrap();
        }
    }))
}

pub(crate) async fn nobody_listens_to_a_push_consumer(mut stage: Stage) -> Vec<Line> {
    stage
        .both(
            json!({"retention": "limits"}),
            json!({"deliver_subject": "bills", "ack_policy": "none"}),
        )
        .await;
    let client = stage.another().await;
    let listener = client.subscribe("bills").await.unwrap();
    let _publisher = stage.publisher(50.0);
    stage.well().await;
    drop(listener);
    stage.named(Is::NoConsumer, Severity::Crit, INFO).await;
    let _listener = client.subscribe("bills").await.unwrap();
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

pub(crate) async fn the_worker_is_at_work_and_gets_nowhere(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({}), json!({})).await;
    let manner = Manner {
        slots: 30,
        does: Does::Works,
        ..Manner::QUICK
    };
    let worker = stage.worker(manner).await;
    stage.send(29).await;
    stage.named(Is::Stall, Severity::Crit, INFO).await;
    worker.does(Does::Ack);
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

pub(crate) async fn nothing_is_delivered_for_longer_than_its_owner_wants(mut stage: Stage) -> Vec<Line> {
    let metadata = json!({"io.nats.monitor.last-delivery-critical": "5s"});
    stage.both(json!({}), json!({"metadata": metadata})).await;
    let _publisher = stage.publisher(20.0);
    let manner = Manner {
        takes: Duration::from_millis(20),
        ..Manner::QUICK
    };
    let (worker, _told) = (stage.worker(manner).await, service(&stage).await);
    stage.well().await;
    worker.does(Does::Nothing);
    stage.named(Is::Stall, Severity::Crit, INFO).await;
    worker.does(Does::Ack);
    stage.leaves_for(RECOVERS).await;
    stage.lines
}

pub(crate) async fn it_has_nothing_to_do_and_then_something(mut stage: Stage) -> Vec<Line> {
    stage.both(json!({}), json!({})).await;
    stage.leaves_for(&[Is::Warm]).await;
    stage.leaves_for(&[Is::Idle]).await;
    let _publisher = stage.publisher(50.0);
    let _worker = stage.worker(Manner::QUICK).await;
    stage.leaves_for(&[Is::Ok]).await;
    stage.lines
}
