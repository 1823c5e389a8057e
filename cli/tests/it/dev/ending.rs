//! How it ends: by signals, by kill -9, with readers that take nothing; and that nothing is left.

use std::process::Stdio;

use test_case::test_case;

use crate::greetings;
use crate::processes;
use crate::system::System;

#[test_case("INT", 130; "ctrl-c")]
#[test_case("TERM", 143; "sigterm")]
fn a_signal_ends_everything(signal: &str, code: i32) {
    let environment = greetings::environment();
    let mut system = greetings::start(&environment);
    system.ready();
    assert!(
        processes::below(&environment.project()).len() >= 3,
        "the test would not notice what is left"
    );
    let status = system.end(signal);
    assert_eq!(status.code(), Some(code), "{}", system.stderr());
    // Nothing may be left when the program has ended, not even for a moment.
    assert_eq!(processes::below(&environment.project()), Vec::<String>::new());
}

#[test]
fn a_kill_leaves_no_orphan() {
    let environment = greetings::environment();
    let mut system = greetings::start(&environment);
    system.ready();
    let status = system.end("KILL");
    assert_eq!(status.code(), None);
    processes::all_gone(&environment.project());
}

#[test]
fn after_a_kill_it_can_be_started_again_at_once() {
    let environment = greetings::environment();
    let mut killed = greetings::start(&environment);
    assert_eq!(killed.get("/api/greetings/Ada").status, 200);
    assert_eq!(killed.end("KILL").code(), None);
    let mut system = greetings::start(&environment);
    assert_eq!(
        system.get("/api/greetings/Grace").json()["names"],
        serde_json::json!(["Ada", "Grace"])
    );
}

#[test]
fn a_second_signal_ends_at_once_even_if_a_component_does_not_want_to() {
    let deaf = "  deaf:\n    dev:\n      command: [sh, -c, \"trap '' TERM INT; echo deaf; while :; do sleep 1; done\"]\n";
    let environment = greetings::environment_with(deaf);
    let mut system = greetings::start(&environment);
    system.line("the deaf one", |line| line["line"] == "deaf");
    system.ready();
    system.signal("INT");
    system.line("the stop", |line| line["message"] == "Stopping.");
    let status = system.end("INT");
    assert_eq!(status.code(), Some(130));
    processes::all_gone(&environment.project());
}

#[test]
fn a_signal_during_the_start_is_heeded() {
    let environment = greetings::environment();
    let mut system = greetings::start(&environment);
    system.line("the first word", |line| line["type"].is_string());
    let status = system.end("TERM");
    assert_eq!(status.code(), Some(143));
    processes::all_gone(&environment.project());
}

#[test]
fn a_reader_that_takes_nothing_holds_up_neither_the_system_nor_its_end() {
    let chatty = "  chatty:\n    dev:\n      command: [sh, -c, 'while :; do echo and so on and so on and so on; done']\n";
    let environment = greetings::environment_with(chatty);
    let mut command = greetings::dev(&environment, &["-o", "json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Held open and never read.
    let _stderr = child.stderr.take();
    let mut system = System::of(child);
    for _ in 0..20 {
        assert_eq!(system.get("/api/greetings/Ada").status, 200);
    }
    let status = system.end("INT");
    assert_eq!(status.code(), Some(130));
    processes::all_gone(&environment.project());
}
