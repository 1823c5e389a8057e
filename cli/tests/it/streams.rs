//! `ratectl streams` against a real server.

use testbed::nats::Server;

use crate::environment::{Ended, Environment};
use crate::greetings;

/// The command against a server, whose address is taken out of the words.
fn run(environment: &Environment, server: &Server, args: &[&str]) -> Ended {
    let mut ended = environment.run(&[args, &["--nats", &server.url()]].concat());
    ended.stderr = ended.stderr.replace(&server.url(), "[URL]");
    ended
}

fn shorten(environment: &Environment) {
    let file = environment.project().join("streams/greetings.yaml");
    let definition = std::fs::read_to_string(file).unwrap();
    environment.write(
        "streams/greetings.yaml",
        definition.replace("maxAge: 1m", "maxAge: 90s\n  maxMsgs: 100"),
    );
}

#[test]
fn a_fresh_server_is_made_as_defined_and_then_compared() {
    let (environment, server) = (greetings::environment(), Server::start().unwrap());
    insta::assert_snapshot!(
        "diff of a fresh server",
        run(&environment, &server, &["streams", "diff"])
    );
    insta::assert_snapshot!("first apply", run(&environment, &server, &["streams", "apply"]));
    insta::assert_snapshot!(
        "diff after apply",
        run(&environment, &server, &["streams", "diff"])
    );
    insta::assert_snapshot!("second apply", run(&environment, &server, &["streams", "apply"]));
    insta::assert_snapshot!("ls", run(&environment, &server, &["streams", "ls"]));
}

#[test]
fn a_changed_definition_is_shown_field_by_field_and_applied() {
    let (environment, server) = (greetings::environment(), Server::start().unwrap());
    assert_eq!(run(&environment, &server, &["streams", "apply"]).code, Some(0));
    shorten(&environment);
    insta::assert_snapshot!(
        "diff of a change",
        run(&environment, &server, &["streams", "diff"])
    );
    insta::assert_snapshot!(
        "apply of a change",
        run(&environment, &server, &["streams", "apply"])
    );
    assert_eq!(run(&environment, &server, &["streams", "diff"]).code, Some(0));
}

#[test]
fn what_cannot_be_changed_is_said_and_left() {
    let (environment, server) = (greetings::environment(), Server::start().unwrap());
    assert_eq!(run(&environment, &server, &["streams", "apply"]).code, Some(0));
    let file = environment.project().join("streams/greetings.yaml");
    let definition = std::fs::read_to_string(file).unwrap();
    environment.write(
        "streams/greetings.yaml",
        definition.replace("storage: file", "storage: memory"),
    );
    insta::assert_snapshot!(
        "diff of the unchangeable",
        run(&environment, &server, &["streams", "diff"])
    );
    let refused = run(&environment, &server, &["streams", "apply"]);
    assert_eq!(refused.code, Some(6), "{refused}");
    assert!(refused.stderr.contains("stream GREETINGS"), "{refused}");
}

#[test]
fn programs_get_one_object_a_stream_or_consumer() {
    let (environment, server) = (greetings::environment(), Server::start().unwrap());
    assert_eq!(run(&environment, &server, &["streams", "apply", "-q"]).stderr, "");
    shorten(&environment);
    let diff = run(&environment, &server, &["-o", "json", "streams", "diff"]);
    assert_eq!(diff.code, Some(1));
    let found: Vec<serde_json::Value> = diff
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&found[0]["kind"], &found[0]["verdict"]),
        (&"stream".into(), &"update".into())
    );
    assert_eq!(found[0]["changes"][0]["field"], "max_age");
    assert_eq!(found[1]["verdict"], "same");
    let listed = run(&environment, &server, &["-o", "json", "streams", "ls"]);
    let stream: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(
        (&stream["name"], &stream["consumers"][0]["name"]),
        (&"GREETINGS".into(), &"greeter".into())
    );
}

#[test]
fn a_project_elsewhere_is_named_by_its_folder_or_its_file() {
    let (environment, server) = (greetings::environment(), Server::start().unwrap());
    let file = environment.project().join("ratectl.yaml");
    let folder = environment.project();
    for flag in [
        ["-C", folder.to_str().unwrap()],
        ["--project", file.to_str().unwrap()],
    ] {
        let mut command =
            environment.command(&[&flag[..], &["streams", "diff", "--nats", &server.url()]].concat());
        let ended = Ended::of(&command.current_dir("/").output().unwrap());
        assert_eq!(ended.code, Some(1), "{ended}");
        assert!(
            ended.stdout.contains("stream GREETINGS: not on the server"),
            "{ended}"
        );
    }
}

#[test]
fn the_environment_names_the_server_too() {
    let (environment, server) = (greetings::environment(), Server::start().unwrap());
    let mut command = environment.command(&["streams", "diff"]);
    let ended = Ended::of(&command.env("NATS_URL", server.url()).output().unwrap());
    assert_eq!(ended.code, Some(1), "{ended}");
}

#[test]
fn without_a_server_it_says_how_to_name_one() {
    let environment = greetings::environment();
    let ended = environment.run(&["streams", "diff"]);
    assert_eq!(ended.code, Some(4));
    insta::assert_snapshot!(environment.redact(&ended.to_string()));
}

#[test]
fn a_server_that_is_not_there_is_no_difference() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let environment = greetings::environment();
    let ended = environment.run(&["streams", "diff", "--nats", &format!("nats://{free}")]);
    assert_eq!(ended.code, Some(4), "{ended}");
    assert!(ended.stderr.contains("hint: "), "{ended}");
}
