//! What runs: API, pages, admin listener, restarts.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use testbed::nats::Server;

use crate::client;
use crate::greetings;
use crate::system::System;

#[test]
fn the_gateway_leads_to_the_worker_and_the_pages() {
    let environment = greetings::environment();
    let mut system = greetings::start(&environment);
    let ready = system.ready();
    let port = ready["port"].as_u64().unwrap();
    assert_ne!(port, 0);
    assert_eq!(ready["urls"]["api"], format!("http://localhost:{port}/api"));
    assert_eq!(ready["project"], "greetings");

    let greeting = system.get("/api/greetings/Ada");
    assert_eq!(greeting.status, 200, "{greeting:?}\n{}", system.stderr());
    assert_eq!(greeting.json()["greeting"], "Hello, Ada!");
    assert_eq!(greeting.json()["prefix"], "/api");
    assert_eq!(greeting.header("location"), "/api/greetings/Ada");

    let request = system.line("the request's line", |line| {
        line["fields"]["RequestPath"] == "/greetings/Ada"
    });
    assert_eq!(
        (&request["component"], &request["fields"]["StatusCode"]),
        (&"proxy".into(), &200.into())
    );

    assert_eq!(system.get("/site/").body, "<h1>Greetings</h1>");
    assert_eq!(system.get("/site/../ratectl.yaml").status, 404);
    assert_eq!(
        (system.get("/").status, system.get("/").header("location")),
        (302, "/ui")
    );
    let page = system.get("/ui");
    assert!(
        page.body.contains("greeter") && page.header("content-type").starts_with("text/html"),
        "{page:?}"
    );
    assert_eq!(system.get("/api/unknown").status, 404);
    assert_eq!(system.get("/nowhere").json()["title"], "not found");

    let admin = ready["urls"]["admin"]
        .as_str()
        .unwrap()
        .trim_start_matches("http://");
    assert_eq!(client::get(admin, "/readyz").json()["ready"], true);
    assert!(client::get(admin, "/metrics").body.contains("/greetings/{name}"));
}

#[test]
fn localhost_answers_on_both_addresses() {
    let environment = greetings::environment();
    let mut system = greetings::start(&environment);
    let port = system.ready()["port"].as_u64().unwrap();
    if TcpStream::connect("[::1]:9").is_err_and(|error| error.kind() != std::io::ErrorKind::ConnectionRefused)
    {
        return;
    }
    for address in ["127.0.0.1", "[::1]"] {
        let greeting = client::get(&format!("{address}:{port}"), "/api/greetings/Grace");
        assert_eq!(greeting.status, 200, "{address}: {greeting:?}");
    }
}

#[test]
fn a_name_that_was_pointed_here_by_somebody_else_is_refused() {
    let environment = greetings::environment();
    let mut system = greetings::start(&environment);
    let address = system.address();
    let mut connection = TcpStream::connect(address).unwrap();
    connection
        .write_all(b"GET /ui HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
}

#[test]
fn a_component_that_crashes_is_started_again() {
    let environment = greetings::environment();
    let mut system = greetings::start(&environment);
    let address = system.address();
    // Nobody answers this one, so nobody waits for it.
    let mut crash = TcpStream::connect(address).unwrap();
    crash
        .write_all(b"GET /api/greetings/crash HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    let restarting = system.line("the crash", |line| line["health"] == "restarting");
    assert_eq!(restarting["component"], "greeter");
    assert!(
        restarting["message"]
            .as_str()
            .unwrap()
            .starts_with("exit status 3; starting it again in")
    );
    let greeting = system.get("/api/greetings/Edsger");
    assert_eq!(greeting.status, 200, "{greeting:?}\n{}", system.stderr());
    let status = system.get("/status/status.json").json();
    assert_eq!(status["components"][2]["restarts"], 1, "{status}");
}

#[test]
fn a_page_can_show_what_top_shows_while_the_system_runs() {
    let environment = greetings::environment();
    let mut system = greetings::start(&environment);
    assert_eq!(system.get("/api/greetings/Ada").status, 200);
    let answer = system.get("/status/top.json");
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "application/json")
    );
    let top = answer.json();
    let printed = environment.run(&["-o", "json", "top", "--once"]);
    let printed: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    let names = |report: &serde_json::Value| {
        let names = report["consumers"].as_array().unwrap().iter();
        names.map(|row| row["consumer"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (&top["schema"], names(&top)),
        (&printed["schema"], names(&printed))
    );
    assert!(!names(&top).is_empty(), "{top}");
}

#[test]
fn data_survive_a_restart() {
    let environment = greetings::environment();
    let mut first = greetings::start(&environment);
    assert_eq!(first.get("/api/greetings/Ada").status, 200);
    assert_eq!(first.end("TERM").code(), Some(143));
    let mut second = greetings::start(&environment);
    let names = second.get("/api/greetings/Grace").json()["names"].clone();
    assert_eq!(names, serde_json::json!(["Ada", "Grace"]));
}

#[test]
fn a_running_server_is_used_and_left_running() {
    let server = Server::start().unwrap();
    let environment = greetings::environment();
    let mut system = System::start(greetings::dev(
        &environment,
        &["-o", "json", "--nats", &server.url()],
    ));
    assert_eq!(system.ready()["urls"]["nats"], server.url());
    assert_eq!(system.get("/api/greetings/Ada").status, 200);
    let status = system.end("INT");
    assert_eq!(status.code(), Some(130));
    assert!(TcpStream::connect(server.address()).is_ok());
}

#[test]
fn a_component_that_cannot_be_started_is_explained_while_the_others_run() {
    let broken = "  broken:\n    dev:\n      command: [no-such-program-anywhere]\n";
    let environment = greetings::environment_with(broken);
    let mut system = greetings::start(&environment);
    let failed = system.line("the failure", |line| line["health"] == "failed");
    assert_eq!(failed["component"], "broken");
    let reason = failed["message"].as_str().unwrap();
    assert!(reason.contains("no-such-program-anywhere"), "{reason}");
    let warning = system.line("the warning", |line| line["type"] == "warning")["message"].clone();
    let url = warning
        .as_str()
        .unwrap()
        .rsplit("http://localhost:")
        .next()
        .unwrap()
        .to_owned();
    let port = url.trim_end_matches("/api");
    assert_eq!(
        client::get(&format!("127.0.0.1:{port}"), "/api/greetings/Ada").status,
        200
    );
    assert_eq!(system.stdout(), "", "not everything is ready, so nothing says so");
}
