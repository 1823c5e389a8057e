//! A cluster of three servers, of which one is away, and then two.

use serde_json::json;
use snapshot::judge::{Severity, State as Is};
use snapshot::sample::{Source, SourceState};
use testbed::nats::Server;

use super::stage::{Line, Publisher, STREAM, Stage, WELL};
use super::worker::{Manner, Worker};

/// A stream on the third server only, and its copy on the first.
const ORIGIN: &str = "ORIGIN";
const COPY: &str = "COPY";

async fn staged(servers: &[Server]) -> Stage {
    let mut stage = Stage::open(servers[0].address(), None).await;
    stage.ready().await;
    stage.both(json!({"num_replicas": 3}), json!({})).await;
    let origin =
        json!({"name": ORIGIN, "subjects": ["origin"], "storage": "memory", "placement": {"tags": ["n3"]}});
    stage.api(&format!("STREAM.CREATE.{ORIGIN}"), &origin).await;
    let consumer =
        json!({"stream_name": ORIGIN, "config": {"durable_name": "reader", "ack_policy": "explicit"}});
    stage
        .api(&format!("CONSUMER.CREATE.{ORIGIN}.reader"), &consumer)
        .await;
    let copy = json!({"name": COPY, "mirror": {"name": ORIGIN}, "storage": "memory", "placement": {"tags": ["n1"]},
        "metadata": {"io.nats.monitor.seen-critical": "4s"}});
    stage.api(&format!("STREAM.CREATE.{COPY}"), &copy).await;
    stage
}

/// Starts them with a stream on all, its copy of what is on the third, a publisher and a worker; all is well.
async fn well(servers: &[Server]) -> (Stage, Publisher, Worker) {
    let mut stage = staged(servers).await;
    let publisher = stage.publisher(20.0);
    let worker = stage.worker(Manner::QUICK).await;
    stage.well().await;
    for stream in [STREAM, ORIGIN, COPY] {
        stage
            .stream_row("well", stream, |row| WELL.contains(&row.state))
            .await;
    }
    (stage, publisher, worker)
}

pub(crate) async fn one_server_of_three_is_away() -> Vec<Line> {
    let mut servers = Server::start_cluster(3).unwrap();
    let (mut stage, _publisher, _worker) = well(&servers).await;
    servers[2].kill().unwrap();
    stage
        .named(Is::Degraded, Severity::Warn, "nats consumer info ORDERS billing")
        .await;
    stage
        .stream_named(STREAM, Is::Degraded, Severity::Warn, "nats stream info ORDERS")
        .await;
    let report = "nats server report jetstream";
    stage
        .stream_named(ORIGIN, Is::Offline, Severity::Crit, report)
        .await;
    stage
        .stream_named(COPY, Is::SourceLag, Severity::Crit, "nats stream info COPY")
        .await;
    servers[2].restart().unwrap();
    stage.leaves_for(WELL).await;
    // A copy asks for its origin again when its server thinks that it is time, which takes up to a minute.
    for stream in [STREAM, ORIGIN, COPY] {
        stage.stream_leaves(stream).await;
    }
    stage.lines
}

/// Nobody can say anything of anything any more, and that is said.
pub(crate) async fn two_servers_of_three_are_away() -> Vec<Line> {
    let mut servers = Server::start_cluster(3).unwrap();
    let (mut stage, _publisher, _worker) = well(&servers).await;
    servers[1].kill().unwrap();
    servers[2].kill().unwrap();
    stage.named(Is::Stale, Severity::Unknown, "").await;
    let down = stage.seen.until("down", |report| {
        let mut sources = report.sources.iter();
        let source = sources.find(|row| row.source == Source::Jetstream)?;
        (source.state == SourceState::Down).then(|| source.reason.clone())
    });
    let reason = down.await.1.unwrap();
    assert!(reason.starts_with("cannot list the streams: "), "{reason}");
    servers[1].restart().unwrap();
    servers[2].restart().unwrap();
    stage.leaves_for(WELL).await;
    stage.lines
}
