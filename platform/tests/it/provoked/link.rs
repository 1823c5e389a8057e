//! The server is away, or silent, and comes back.

use serde_json::json;
use snapshot::judge::{Severity, State as Is};
use snapshot::sample::{Source, SourceState};
use testbed::nats::Server;

use super::stage::{Line, STREAM, Stage, WELL};
use super::worker::Manner;

async fn staged(server: &Server) -> Stage {
    let stage = Stage::open(server.address(), None).await;
    stage.both(json!({"storage": "file"}), json!({})).await;
    stage
}

/// Its connections stay open, and nothing is answered.
pub(crate) async fn the_server_is_frozen() -> Vec<Line> {
    let server = Server::start().unwrap();
    let mut stage = staged(&server).await;
    let _worker = stage.worker(Manner::QUICK).await;
    stage.send(3).await;
    stage.well().await;
    server.pause().unwrap();
    stage.named(Is::Stale, Severity::Unknown, "").await;
    server.resume().unwrap();
    stage.leaves_for(WELL).await;
    stage.lines
}

/// Streams and their consumers go stale together, and the source says that it connects.
pub(crate) async fn the_server_is_killed_and_started_again() -> Vec<Line> {
    let mut server = Server::start().unwrap();
    let mut stage = staged(&server).await;
    stage.send(3).await;
    let worker = stage.worker(Manner::QUICK).await;
    stage.well().await;
    drop(worker);
    server.kill().unwrap();
    let connecting = stage.seen.until("connecting", |report| {
        let mut sources = report.sources.iter();
        let source = sources.find(|row| row.source == Source::Jetstream)?;
        (source.state == SourceState::Connecting).then(|| source.reason.clone())
    });
    assert!(connecting.await.1.is_some());
    stage.named(Is::Stale, Severity::Unknown, "").await;
    stage.stream_named(STREAM, Is::Stale, Severity::Unknown, "").await;
    server.restart().unwrap();
    stage.leaves_for(WELL).await;
    stage.stream_leaves(STREAM).await;
    stage.lines
}
