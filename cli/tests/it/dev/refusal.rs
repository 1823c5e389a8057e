//! When it does not start, and how it says so.

use std::net::TcpListener;

use crate::environment::{Ended, Environment};
use crate::greetings;

#[test]
fn a_second_instance_is_told_who_runs_the_project() {
    let environment = greetings::environment();
    let mut system = greetings::start(&environment);
    let port = system.ready()["port"].as_u64().unwrap();
    let second = Ended::of(&greetings::dev(&environment, &[]).output().unwrap());
    assert_eq!(second.code, Some(9), "{second}");
    assert!(
        second.stderr.contains(&format!("process id {}", system.pid())),
        "{second}"
    );
    assert!(
        second.stderr.contains(&format!("http://localhost:{port}")),
        "{second}"
    );
    // The same when it is the port that would be in the way first.
    let same_port = environment.run(&["dev", "--port", &port.to_string()]);
    assert_eq!(same_port.code, Some(9), "{same_port}");
    assert_eq!(system.get("/api/greetings/Ada").status, 200);
}

#[test]
fn a_taken_port_is_named_with_its_holder_and_never_replaced() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let environment = greetings::environment();
    let ended = environment.run(&["dev", "--port", &port.to_string()]);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(
        ended.stderr.starts_with(&format!("error: port {port} is taken")),
        "{ended}"
    );
    assert!(
        ended.stderr.contains(&format!("process {}", std::process::id())),
        "{ended}"
    );
    assert!(ended.stderr.contains("--port"), "{ended}");
}

#[test]
fn a_folder_without_a_project_is_a_configuration_error() {
    let environment = Environment::new();
    let ended = environment.run(&["dev", "--port", "0"]);
    assert_eq!(ended.code, Some(3));
    insta::assert_snapshot!(environment.redact(&ended.to_string()));
}

#[test]
fn a_misspelt_key_is_a_configuration_error_with_its_place() {
    let environment = Environment::new();
    environment.write("ratectl.yaml", "name: x\ncomponent: {}\n");
    let ended = environment.run(&["dev", "--port", "0"]);
    assert_eq!(ended.code, Some(3));
    insta::assert_snapshot!(environment.redact(&ended.to_string()));
}

#[test]
fn wrong_routes_are_refused_before_anything_is_started() {
    let environment = greetings::environment();
    environment.write("routes.yaml", "routes:\n  - path: /a\n    method: [GET]\n");
    let ended = Ended::of(&greetings::dev(&environment, &[]).output().unwrap());
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stderr.contains("routes.yaml"), "{ended}");
    assert!(!ended.stderr.contains("nats-server"), "{ended}");
}

#[test]
fn a_server_that_does_not_answer_is_unreachable() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let environment = greetings::environment();
    let url = format!("nats://somebody:secret@{free}");
    let ended = Ended::of(&greetings::dev(&environment, &["--nats", &url]).output().unwrap());
    assert_eq!(ended.code, Some(4), "{ended}");
    assert!(
        ended.stderr.contains(&free.to_string()) && !ended.stderr.contains("secret"),
        "{ended}"
    );
}

#[test]
fn a_program_gets_the_error_as_an_object() {
    let environment = Environment::new();
    let ended = environment.run(&["dev", "-o", "json"]);
    let error: serde_json::Value = serde_json::from_str(&ended.stderr).unwrap();
    assert_eq!(
        (error["type"].as_str(), error["exitCode"].as_u64()),
        (Some("error"), Some(3))
    );
    assert!(error["hints"][0].is_string(), "{error}");
}
