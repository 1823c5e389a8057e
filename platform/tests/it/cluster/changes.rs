//! What is asked of the engine when a cluster is stopped or deleted, and what is not.

use platform::cluster::{self, DeleteOptions, Error, Name, StartOptions, StopOptions};
use platform::event::Outcome;
use serde_json::json;
use testbed::engine::Answer;

use super::{Machine, script};

fn name() -> Name {
    "x".to_owned().try_into().unwrap()
}

#[tokio::test]
async fn agents_stop_before_servers_and_registries_last() {
    let engine = script::bare();
    let there = json!([
        script::container("r", "x-registry", "registry", "running", None),
        script::container("s", "k3d-x-server-0", "server", "running", None),
        script::container("a", "k3d-x-agent-0", "agent", "running", None),
        script::container("b", "k3d-x-agent-1", "agent", "exited", None),
    ]);
    script::listing(&engine, &there);
    for id in ["r", "s", "a"] {
        engine.answer(&format!("POST /containers/{id}/stop"), Answer::text(204, ""));
    }
    let machine = Machine::new(engine).await;
    let stopped = cluster::stop(&machine.setup, &name(), &StopOptions::default())
        .await
        .unwrap();
    assert_eq!(stopped.outcome, Outcome::Stopped);
    assert_eq!(
        machine.asked(&["POST"]),
        [
            "POST /containers/a/stop",
            "POST /containers/s/stop",
            "POST /containers/r/stop"
        ]
    );
}

#[tokio::test]
async fn what_somebody_else_made_is_deleted_only_by_force() {
    let engine = script::bare();
    script::listing(
        &engine,
        &json!([script::container(
            "c1",
            "k3d-x-server-0",
            "server",
            "running",
            None
        )]),
    );
    script::networks(&engine, &json!([]));
    engine.answer("DELETE /containers/c1", Answer::text(204, ""));
    let machine = Machine::new(engine).await;
    let refused = cluster::delete(&machine.setup, &name(), &DeleteOptions::default()).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "cluster x was made by k3d v5.9.0, not by ratectl"
    );
    assert!(machine.asked(&["DELETE"]).is_empty());

    let force = DeleteOptions {
        force: true,
        ..DeleteOptions::default()
    };
    let deleted = cluster::delete(&machine.setup, &name(), &force).await.unwrap();
    assert_eq!(deleted.removed, ["container k3d-x-server-0"]);
}

#[tokio::test]
async fn deleting_nothing_is_no_error_and_asks_for_no_change() {
    let engine = script::bare();
    script::listing(&engine, &json!([]));
    script::networks(&engine, &json!([]));
    let machine = Machine::new(engine).await;
    let deleted = cluster::delete(&machine.setup, &name(), &DeleteOptions::default())
        .await
        .unwrap();
    assert_eq!(deleted.outcome, Outcome::Unchanged);
    assert!(machine.asked(&["DELETE", "POST"]).is_empty());
}

#[tokio::test]
async fn a_network_that_others_use_stays_and_is_told() {
    let engine = script::bare();
    script::listing(
        &engine,
        &json!([script::container(
            "c1",
            "k3d-x-server-0",
            "server",
            "running",
            Some("{}")
        )]),
    );
    engine.answer("DELETE /containers/c1", Answer::text(204, ""));
    let mut network = script::network();
    network["Containers"] = json!({"z": {"Name": "guest"}});
    script::networks(&engine, &json!([network]));
    engine.answer("GET /networks/n1", Answer::json(200, &network));
    let machine = Machine::new(engine).await;
    let deleted = cluster::delete(&machine.setup, &name(), &DeleteOptions::default())
        .await
        .unwrap();
    let kept: Vec<String> = deleted
        .kept
        .iter()
        .map(|kept| format!("{}: {}", kept.what, kept.why))
        .collect();
    assert_eq!(kept, ["network k3d-x: it is used by guest"]);
    assert_eq!(machine.asked(&["DELETE"]), ["DELETE /containers/c1"]);
}

#[tokio::test]
async fn a_cluster_that_is_not_there_is_told_with_those_that_are() {
    let engine = script::bare();
    let mut other = script::container("c1", "k3d-y-server-0", "server", "running", None);
    other["Labels"]["k3d.cluster"] = "y".into();
    script::listing(&engine, &json!([other]));
    let machine = Machine::new(engine).await;
    let error = cluster::start(&machine.setup, &name(), &StartOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotFound { others, .. } if others == ["y"]));
}
