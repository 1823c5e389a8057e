//! Where the words go, whoever reads them.

use std::fs;
use std::process::Stdio;

use testbed::engine::Engine;

use super::scripted;
use crate::environment::{Ended, Environment};

fn list(engine: &Engine, environment: &Environment) -> std::process::Command {
    let mut command = environment.command(&["cluster", "list"]);
    command.env("DOCKER_HOST", engine.address());
    command
}

#[test]
fn without_clusters_the_list_is_empty_and_says_what_to_do() {
    let (engine, environment) = (scripted::empty(), Environment::new());
    let ended = Ended::of(&list(&engine, &environment).output().unwrap());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{ended}");
    assert_eq!(
        ended.stderr,
        "There are no clusters; `ratectl create-cluster` makes one.\n"
    );
    let ended = Ended::of(
        &list(&engine, &environment)
            .args(["-o", "json", "-q"])
            .output()
            .unwrap(),
    );
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (Some(0), "", "")
    );
}

#[test]
fn a_closed_stdout_is_no_error() {
    let (engine, environment) = (scripted::empty(), Environment::new());
    let mut child = list(&engine, &environment)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_folder_that_has_been_removed_is_said() {
    let environment = Environment::new();
    let gone = environment.project().join("gone");
    fs::create_dir(&gone).unwrap();
    let program = environment.command(&[]).get_program().to_owned();
    let script = "rmdir ../gone && exec \"$0\" create-cluster";
    let mut command = environment.command(&[]);
    command = {
        let mut shell = std::process::Command::new("sh");
        shell
            .args(["-c", script])
            .arg(program)
            .current_dir(&gone)
            .env_clear();
        for (name, value) in command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)))
        {
            shell.env(name, value);
        }
        shell
    };
    let ended = Ended::of(&command.output().unwrap());
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(
        ended.stderr.starts_with("error: cannot tell the current folder"),
        "{ended}"
    );
}
