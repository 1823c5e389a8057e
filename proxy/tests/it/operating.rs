//! What operators see: the admin listener, and the program itself.

use std::process::{Command, Output};

use serde_json::json;

use crate::client::{get, request};
use crate::system::{ROUTES, System};
use crate::worker::{self, ok};

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_where_the_time_went() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |_| Some(ok("done"))).await;
    for _ in 0..3 {
        assert_eq!(get(system.address(), "/things/7").await.status, 200);
    }
    request(
        system.address(),
        "DELETE",
        "/things/7?wait",
        &[("Prefer", "wait=0.001")],
        b"",
    )
    .await;
    let metrics = get(system.proxy.admin, "/metrics").await.text();
    for line in [
        r#"http_requests_total{route="/things/{id}",method="GET",class="2xx"} 3"#,
        r#"http_request_duration_seconds_count{route="/things/{id}"} 4"#,
        "http_requests_in_flight 0",
        r#"proxy_nats_connected{shard="0"} 1"#,
        r#"proxy_pending_requests{shard="1"} 0"#,
        "process_open_fds",
        "http_connections_accepted_total",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    assert!(
        system
            .proxy
            .metric(r#"proxy_queue_and_work_duration_seconds_count{route="/things/{id}"}"#)
            >= 3
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_is_there_to_be_asked() {
    let system = System::start().await;
    let ready = get(system.proxy.admin, "/readyz").await;
    assert_eq!((ready.status, &ready.json()["ready"]), (200, &json!(true)));
    assert_eq!(get(system.proxy.admin, "/livez").await.status, 200);
    let streamless = System::start_without_streams().await;
    crate::system::until("the lack of a stream is known", || {
        streamless
            .proxy
            .trouble("streams")
            .is_some_and(|why| why.contains("no stream takes"))
    })
    .await;
    assert_eq!(get(streamless.proxy.admin, "/readyz").await.status, 503);
}

fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_http-to-nats-proxy"))
        .env_clear()
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn check_config_prints_the_whole_configuration_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let routes = folder.path().join("routes.yaml");
    std::fs::write(&routes, ROUTES).unwrap();
    let routes = routes.to_str().unwrap();
    let secret = ["--set", "nats.user=me", "--set", "nats.password=hunter2"];
    let output = program(&[&["--check-config", "--routes", routes], &secret[..]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("max_in_flight: 10000") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn a_wrong_configuration_is_exit_code_3_with_its_cause() {
    for (arguments, expected) in [
        (&["--set", "max_in_flight=many"][..], "max_in_flight"),
        (&["--set", "no_such_key=1"], "no_such_key"),
        (&["--routes", "/nowhere/routes.yaml"], "/nowhere/routes.yaml"),
        (
            &["--check-config", "--routes", "/nowhere/routes.yaml"],
            "/nowhere/routes.yaml",
        ),
    ] {
        let output = program(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.starts_with("error: ") && said.contains(expected), "{said}");
    }
    assert_eq!(program(&["--no-such-flag"]).status.code(), Some(2));
}
