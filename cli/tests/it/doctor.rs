//! `ratectl doctor` where there is no engine; with one, see the end-to-end tests.

use serde_json::Value;

use crate::environment::{Ended, Environment};

/// The command with an engine that is not there.
fn without_engine(args: &[&str]) -> Ended {
    let environment = Environment::new();
    let mut command = environment.command(&[&["doctor"], args].concat());
    let nobody = format!("unix://{}", environment.project().join("nobody.sock").display());
    Ended::of(&command.env("DOCKER_HOST", nobody).output().unwrap())
}

fn lines(ended: &Ended) -> Vec<Value> {
    let lines = ended.stdout.lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn without_an_engine_everything_else_is_looked_at_all_the_same() {
    let ended = without_engine(&["-o", "json"]);
    assert_eq!(ended.code, Some(4), "{ended}");
    let lines = lines(&ended);
    let (summary, findings) = lines.split_last().unwrap();
    assert!(
        findings.iter().all(|finding| finding["type"] == "finding"),
        "{ended}"
    );
    let verdict = |check: &str| {
        let of = findings.iter().find(|finding| finding["check"] == check);
        of.unwrap()["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        [verdict("version"), verdict("engine"), verdict("proxy")],
        ["ok", "error", "ok"]
    );
    assert_eq!(verdict("cgroups"), "skipped");
    assert_eq!(summary["type"], "summary");
    let errors = findings
        .iter()
        .filter(|finding| finding["verdict"] == "error")
        .count();
    assert_eq!(summary["errors"], errors, "{ended}");
}

#[test]
fn an_engine_that_does_not_answer_is_named_with_who_named_it_and_what_to_do() {
    let ended = without_engine(&["--quiet"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(4), ""), "{ended}");
    let text = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "nobody.sock (from DOCKER_HOST) does not answer",
        "fix: ",
        "DOCKER_HOST",
    ] {
        assert!(text.contains(words), "{words} is missing: {ended}");
    }
}

#[test]
fn a_name_that_is_none_is_a_usage_error() {
    let ended = without_engine(&["Not_A_Name"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended}");
    assert!(ended.stderr.contains("Not_A_Name"), "{ended}");
}
