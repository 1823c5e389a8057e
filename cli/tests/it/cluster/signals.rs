//! Ctrl-C and SIGTERM while something is under way.

use std::process::Stdio;

use test_case::test_case;
use testbed::engine::{Answer, Ending, Engine};

use super::scripted;
use crate::environment::Environment;
use crate::processes::eventually;
use crate::system::System;

/// A creation that has come as far as this question, which the engine does not answer.
fn stuck_at(question: &str, engine: &Engine, environment: &Environment) -> System {
    let mut command = environment.command(&["create-cluster", "demo", "--registry-port", "0"]);
    command.env("DOCKER_HOST", engine.address());
    let system = System::of(
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    eventually("the question", || {
        let asked = engine.requests();
        asked
            .iter()
            .any(|request| request.question() == question)
            .then_some(())
    });
    system
}

#[test_case("INT", 130; "ctrl-c")]
#[test_case("TERM", 143; "sigterm")]
fn a_signal_before_anything_is_made_ends_it(signal: &str, code: i32) {
    let (engine, environment) = (Engine::start("27.5.1", "1.47").unwrap(), Environment::new());
    let never = Answer::text(200, "").ending(Ending::NoAnswer);
    engine.answer("GET /containers/json", never);
    let mut system = stuck_at("GET /containers/json", &engine, &environment);
    assert_eq!(system.end(signal).code(), Some(code), "{}", system.stderr());
    assert_eq!(
        system.stderr(),
        "Stopping: removing what this run made. Ctrl-C again leaves at once."
    );
    assert_eq!(system.stdout(), "");
}

#[test]
fn a_second_signal_waits_for_nothing() {
    // Nothing else fails meanwhile: that would end it before the question comes, or before the second signal does.
    let (engine, environment) = (scripted::dumb(), Environment::new());
    let mut system = stuck_at("POST /networks/create", &engine, &environment);
    system.signal("INT");
    eventually("the first word", || {
        system.stderr().contains("Stopping").then_some(())
    });
    assert_eq!(system.end("INT").code(), Some(130), "{}", system.stderr());
    assert!(
        system.stderr().ends_with(
            "warning: left at once; the same command again finds what is there and goes on from it"
        ),
        "{}",
        system.stderr()
    );
}
