//! One create in three renderings: in a terminal, as plain lines, as JSON lines; all of the same events.

use std::collections::BTreeSet;
use std::net::TcpListener;

use e2e::{Bed, Run};
use serde_json::Value;

use crate::cluster::{create_args, create_with, verb};

/// The steps that were done, by what they are about.
fn done(run: &Run) -> BTreeSet<(String, String)> {
    let text = |event: &Value, field: &str| event[field].as_str().unwrap_or_default().to_owned();
    let events = run.events();
    let done = events
        .iter()
        .filter(|event| event["type"] == "step" && event["state"] == "done");
    done.map(|event| (text(event, "step"), text(event, "subject")))
        .collect()
}

/// What is seen of an output: without the sequences that move the cursor and colour.
fn seen(output: &str) -> String {
    let mut seen = String::new();
    let mut characters = output.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => {
                // A control sequence: an opening bracket, parameters, one letter.
                characters.by_ref().skip(1).find(char::is_ascii_alphabetic);
            }
            other => seen.push(other),
        }
    }
    seen
}

#[test]
fn terminal_plain_lines_and_json_lines_tell_the_same_steps() {
    let bed = Bed::new("progress");
    // A step is about the API server's address, which has to be the same each time.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port().to_string();
    drop(listener);
    let json = create_with(&bed, &["--api-port", &port, "-o", "json"]).succeeded();
    let steps = done(&json);
    for kind in [
        "network",
        "registry",
        "node",
        "api",
        "node-ready",
        "dns",
        "service-account",
        "kubeconfig",
    ] {
        assert!(
            steps.iter().any(|(step, _)| step == kind),
            "no step {kind}\n{json}"
        );
    }
    let began = json.events();
    let began = began
        .iter()
        .filter(|event| event["type"] == "step" && event["state"] == "running")
        .count();
    assert_eq!(began, steps.len(), "what began was done\n{json}");

    verb(&bed, "delete-cluster", &["--all"]);
    let plain = create_with(&bed, &["--api-port", &port]).succeeded();
    let lines = format!("{}{}", plain.stdout, plain.stderr);
    assert!(
        !lines.contains('\u{1b}'),
        "no control sequences where nobody sees them\n{lines}"
    );

    verb(&bed, "delete-cluster", &["--all"]);
    let screen = in_a_terminal(&bed, &port);
    for (_, subject) in &steps {
        assert!(
            plain.stderr.contains(subject.as_str()),
            "no {subject} in\n{plain}"
        );
        assert!(screen.contains(subject.as_str()), "no {subject} in\n{screen}");
    }
}

/// `create-cluster` with a terminal of its own, wide enough that nothing is cut.
#[track_caller]
fn in_a_terminal(bed: &Bed, api_port: &str) -> String {
    let port = bed.registry_port().to_string();
    let ratectl = bed.ratectl_command(&create_args(bed, &port, &["--api-port", api_port]));
    let words = std::iter::once(ratectl.get_program()).chain(ratectl.get_args());
    let words: Vec<_> = words
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let line = format!("stty cols 200 rows 60; exec {}", words.join(" "));
    let mut script = bed.command("script", &["-qefc", &line, "/dev/null"]);
    script.env("TERM", "xterm-256color");
    seen(&bed.run(script).succeeded().stdout)
}
