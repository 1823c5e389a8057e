//! What operators see: the admin listener, and the program itself.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Output};

use contract::definition;
use serde_json::{Value, json};
use testbed::{Program, nats::Server};

use crate::client::{get, request};
use crate::system::{ROUTES, STREAM, System, until};
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
async fn the_counts_of_all_shards_are_there_to_be_asked_over_nats() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |_| Some(ok("done"))).await;
    for _ in 0..8 {
        assert_eq!(get(system.address(), "/things/7").await.status, 200);
    }
    assert_eq!(get(system.address(), "/nothing").await.status, 404);
    let client = system.nats.client().await.unwrap();
    let answer = client
        .request("$SRV.STATS.http-to-nats-proxy", "".into())
        .await
        .unwrap();
    let stats: Value = serde_json::from_slice(&answer.payload).unwrap();
    assert_eq!(stats["type"], "io.nats.micro.v1.stats_response");
    let endpoint = &stats["endpoints"][0];
    assert_eq!(
        (&endpoint["num_requests"], &endpoint["num_errors"]),
        (&json!(9), &json!(0))
    );
    let routes = &endpoint["data"]["routes"];
    let things = &routes["get.things.*"];
    assert_eq!(
        (&things["ok"], &things["subject"]),
        (&json!(8), &json!("api.get.things.*")),
        "{stats}"
    );
    let count = |histogram: &Value| {
        let buckets = histogram["b"].as_array().unwrap().iter();
        buckets.map(|bucket| bucket[1].as_u64().unwrap()).sum::<u64>() + histogram["zero"].as_u64().unwrap()
    };
    let parts = [
        &things["hist"],
        &things["phases"]["publish"],
        &things["phases"]["wait"],
    ]
    .map(count);
    assert_eq!((parts[0], parts[2]), (8, 8), "{stats}");
    assert!(
        parts[1] <= 8,
        "an answer may be faster than its acknowledgement: {stats}"
    );
    assert_eq!(routes["none"]["err"], json!({"4xx": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_is_there_to_be_asked() {
    let system = System::start().await;
    let ready = get(system.proxy.admin, "/readyz").await;
    assert_eq!((ready.status, &ready.json()["ready"]), (200, &json!(true)));
    assert_eq!(get(system.proxy.admin, "/livez").await.status, 200);
    let streamless = System::start_without_streams().await;
    until("the lack of a stream is known", || {
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

/// An address nobody listens on now.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_serves_logs_a_line_a_request_and_drains_on_sigterm() {
    let nats = Server::start().unwrap();
    nats.apply(&definition::parse("streams.yaml", STREAM).unwrap())
        .await
        .unwrap();
    let _worker = worker::start(&nats, |_| Some(ok("done"))).await;
    let folder = tempfile::tempdir().unwrap();
    let routes = folder.path().join("routes.yaml");
    std::fs::write(&routes, ROUTES).unwrap();
    let (address, admin) = (free_address(), free_address());
    let environment = [
        ("PROXY_LISTEN", address.to_string()),
        ("PROXY_ADMIN_LISTEN", admin.to_string()),
        ("PROXY_NATS__URLS", nats.url()),
        ("PROXY_ROUTES", routes.display().to_string()),
        ("PROXY_LOG__FORMAT", "json".to_owned()),
    ];
    let program = Path::new(env!("CARGO_BIN_EXE_http-to-nats-proxy"));
    let mut program = Program::start(program, [] as [&str; 0], environment).unwrap();
    until("the program listens", || {
        std::net::TcpStream::connect(admin).is_ok()
    })
    .await;
    while get(admin, "/readyz").await.status != 200 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let headers = [
        ("X-Request-Id", "from-outside"),
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
    ];
    assert_eq!(
        request(address, "GET", "/things/7?secret=1", &headers, b"")
            .await
            .text(),
        "done"
    );
    assert_eq!(get(address, "/nowhere").await.status, 404);
    assert_eq!(get(address, "/quick").await.status, 200);
    program.stop().unwrap();
    let log = program.log();
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let line = lines
        .iter()
        .find(|line| line["RequestId"] == "from-outside")
        .unwrap_or_else(|| panic!("{log}"));
    assert_eq!(
        (&line["RequestPath"], &line["StatusCode"]),
        (&json!("/things/7"), &json!(200))
    );
    assert_eq!(line["TraceId"], "0af7651916cd43dd8448eb211c80319c");
    assert!(
        line["Elapsed"].as_f64().unwrap() > 0.0 && line["HostName"].is_string(),
        "{line}"
    );
    let refused = lines.iter().find(|line| line["StatusCode"] == 404).unwrap();
    assert_eq!(
        (
            refused["level"].as_str().map(str::to_lowercase).as_deref(),
            &refused["RequestPath"]
        ),
        (Some("warn"), &json!("/nowhere"))
    );
}
