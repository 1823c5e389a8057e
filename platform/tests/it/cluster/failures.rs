//! What is said when a cluster cannot be made, and what is left of it then.

use std::time::Duration;

use platform::cluster::{self, CreateOptions, Error};
use serde_json::json;
use test_case::test_case;
use testbed::engine::{Answer, Ending};

use super::{Machine, script, spec};

#[test_case("write /var/lib/docker/x: no space left on device", "no space is left on its disk" ; "disk")]
#[test_case(
    "OCI runtime create failed: unable to apply caps: operation not permitted: unknown",
    "privileged containers are not possible here" ; "privileges"
)]
#[test_case(
    "cgroups: cgroup mountpoint does not exist: unknown",
    "the cgroups of this machine cannot be used" ; "cgroups"
)]
#[test_case(
    "driver failed programming external connectivity on endpoint e: Bind for 127.0.0.1:1 failed: port is already allocated",
    "port 1 is taken" ; "port"
)]
#[tokio::test]
async fn a_node_that_does_not_start_is_told_with_its_cause_and_leaves_nothing(message: &str, cause: &str) {
    let engine = script::willing();
    engine.answer("POST /containers/c1/start", Answer::refusal(500, message));
    let mut machine = Machine::new(engine).await;
    let error = cluster::create(&machine.setup, &spec(), &CreateOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), format!("node k3d-x-server-0 failed: {cause}"));
    assert_eq!(machine.asked(&["DELETE /containers"]), ["DELETE /containers/c1"]);
    assert!(
        machine
            .endings()
            .await
            .contains(&"node k3d-x-server-0: failed".to_owned())
    );
}

#[tokio::test]
async fn only_what_was_made_is_taken_back() {
    let engine = script::willing();
    engine.answer("POST /containers/c1/start", Answer::text(204, ""));
    // The node's kubeconfig cannot be read; by then it is listed, beside the agent of somebody else's making and another cluster.
    engine.answer("GET /containers/c1/archive", Answer::refusal(500, "it is broken"));
    let made = script::container("c1", "k3d-x-server-0", "server", "running", Some("{}"));
    let mut other = script::container("c3", "k3d-y-server-0", "server", "running", None);
    other["Labels"]["k3d.cluster"] = "y".into();
    script::listing(&engine, &json!([made, other]));
    engine.answer("GET /networks", Answer::json(200, &json!([])));
    engine.answer("GET /networks", Answer::json(200, &json!([])));
    engine.answer("GET /networks", Answer::json(200, &json!([script::network()])));
    let volume = json!({"Name": "k3d-x-images", "Driver": "local", "Mountpoint": "/v", "Labels": {"k3d.cluster": "x"}, "Scope": "local", "Options": {}});
    engine.answer(
        "GET /volumes",
        Answer::json(200, &json!({"Volumes": [], "Warnings": []})),
    );
    engine.answer(
        "GET /volumes",
        Answer::json(200, &json!({"Volumes": [volume], "Warnings": []})),
    );
    let machine = Machine::new(engine).await;
    let error = cluster::create(&machine.setup, &spec(), &CreateOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Step { .. }), "{error:?}");
    let mut removed = machine.asked(&["DELETE"]);
    removed.sort();
    assert_eq!(
        removed,
        [
            "DELETE /containers/c1",
            "DELETE /networks/n1",
            "DELETE /volumes/k3d-x-images"
        ]
    );
    assert!(!machine.folder.path().join("kubeconfig").exists());
}

#[tokio::test]
async fn an_engine_that_goes_away_is_said_to_have_gone() {
    let engine = script::willing();
    engine.answer(
        "POST /containers/c1/start",
        Answer::text(200, "").ending(Ending::NoAnswerAndClosed),
    );
    let machine = Machine::new(engine).await;
    let error = cluster::create(&machine.setup, &spec(), &CreateOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Docker(_)), "{error:?}");
    assert!(error.to_string().contains("went away"), "{error}");
}

#[tokio::test]
async fn what_takes_too_long_is_told_with_what_it_waited_for() {
    let engine = script::willing();
    engine.answer("POST /containers/c1/start", Answer::text(204, ""));
    engine.answer("GET /containers/c1/archive", Answer::refusal(404, "no such file"));
    let running = json!({"Id": "c1", "State": {"Running": true, "StartedAt": "2026-01-01T00:00:00Z"}});
    engine.answer("GET /containers/c1/json", Answer::json(200, &running));
    let mut machine = Machine::new(engine).await;
    let options = CreateOptions {
        timeout: Some(Duration::from_millis(1500)),
        ..CreateOptions::default()
    };
    let error = cluster::create(&machine.setup, &spec(), &options)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    let said = error.to_string();
    assert!(
        said.contains("took longer than 1.5 s: k3d-x-server-0 has not written"),
        "{said}"
    );
    let endings = machine.endings().await;
    assert!(
        endings.contains(&"Kubernetes API at https://127.0.0.1:6555: failed".to_owned()),
        "{endings:?}"
    );
}

#[tokio::test]
async fn a_node_that_ends_is_told_with_what_it_died_of() {
    let engine = script::willing();
    engine.answer("POST /containers/c1/start", Answer::text(204, ""));
    engine.answer("GET /containers/c1/archive", Answer::refusal(404, "no such file"));
    let ended = json!({"Id": "c1", "State": {"Running": false, "ExitCode": 1}});
    engine.answer("GET /containers/c1/json", Answer::json(200, &ended));
    let machine = Machine::new(engine).await;
    let error = cluster::create(&machine.setup, &spec(), &CreateOptions::default())
        .await
        .unwrap_err();
    let said = error.to_string();
    assert_eq!(
        said,
        "node k3d-x-server-0 failed: its container has ended with exit code 1"
    );
}

#[tokio::test]
async fn who_cancels_waits_for_what_is_being_made_and_leaves_nothing() {
    let engine = script::willing();
    engine.answer("POST /containers/c1/start", Answer::text(204, ""));
    engine.answer("GET /containers/c1/archive", Answer::refusal(404, "no such file"));
    let running = json!({"Id": "c1", "State": {"Running": true}});
    engine.answer("GET /containers/c1/json", Answer::json(200, &running));
    let made = script::container("c1", "k3d-x-server-0", "server", "running", Some("{}"));
    script::listing(&engine, &json!([made]));
    let mut machine = Machine::new(engine).await;
    let cancel = machine.setup.cancel.clone();
    let (spec, options) = (spec(), CreateOptions::default());
    let creating = cluster::create(&machine.setup, &spec, &options);
    let cancelling = async {
        machine.is_asked("GET /containers/c1/archive").await;
        cancel.cancel();
    };
    let (created, ()) = tokio::join!(creating, cancelling);
    assert!(matches!(created, Err(Error::Cancelled)), "{created:?}");
    assert!(
        machine
            .asked(&["DELETE /containers"])
            .contains(&"DELETE /containers/c1".to_owned())
    );
    let endings = machine.endings().await;
    assert!(
        endings.contains(&"Kubernetes API at https://127.0.0.1:6555: cancelled".to_owned()),
        "{endings:?}"
    );
    assert!(
        endings.contains(&"node k3d-x-server-0: removed".to_owned()),
        "{endings:?}"
    );
}
