//! Streams: do they take more, are they behind?

use serde_json::{Value, json};
use snapshot::judge::{Severity, State as Is};

use super::stage::{Line, STREAM, Stage};

pub(crate) async fn the_stream_is_full(mut stage: Stage) -> Vec<Line> {
    stage
        .stream(json!({"retention": "limits", "max_msgs": 100, "discard": "new"}))
        .await;
    stage.send(49).await;
    stage.stream_row("well", STREAM, |row| row.state == Is::Ok).await;
    stage.send(44).await;
    let command = "nats consumer report ORDERS";
    stage
        .stream_named(STREAM, Is::NearlyFull, Severity::Warn, command)
        .await;
    stage.send(20).await;
    stage
        .stream_named(STREAM, Is::Full, Severity::Crit, command)
        .await;
    stage.api(&format!("STREAM.PURGE.{STREAM}"), &Value::Null).await;
    stage.stream_leaves(STREAM).await;
    stage.lines
}

pub(crate) async fn it_has_more_messages_than_its_owner_wants(mut stage: Stage) -> Vec<Line> {
    let metadata = json!({"io.nats.monitor.msgs-warn": "10", "io.nats.monitor.msgs-critical": "20"});
    stage
        .stream(json!({"retention": "limits", "metadata": metadata}))
        .await;
    stage.send(4).await;
    stage.stream_row("well", STREAM, |row| row.state == Is::Ok).await;
    stage.send(8).await;
    let command = "nats stream info ORDERS";
    stage
        .stream_named(STREAM, Is::Threshold, Severity::Warn, command)
        .await;
    stage.send(8).await;
    stage
        .stream_named(STREAM, Is::Threshold, Severity::Crit, command)
        .await;
    stage.api(&format!("STREAM.PURGE.{STREAM}"), &Value::Null).await;
    stage.stream_leaves(STREAM).await;
    stage.lines
}
