//! What `ratectl` says about itself, and about command lines that make no sense.

use crate::environment::Environment;

/// The path of every command that shows in the help, `ratectl` itself first.
fn commands() -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut waiting = vec![(Vec::new(), cli::command())];
    while let Some((path, command)) = waiting.pop() {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let mut path: Vec<String> = path.clone();
            path.push(sub.get_name().to_owned());
            found.push(path.clone());
            waiting.push((path, sub.clone()));
        }
    }
    found.sort();
    found
}

#[test]
fn every_command_explains_itself() {
    let environment = Environment::new();
    let mut pages = Vec::new();
    for path in commands() {
        let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
        args.push("--help");
        let ended = environment.run(&args);
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (Some(0), ""),
            "ratectl {args:?}"
        );
        pages.push(format!("$ ratectl {}\n{}", args.join(" "), ended.stdout));
    }
    insta::assert_snapshot!(pages.join("\n"));
}

#[test]
fn without_a_command_the_help_is_shown_as_a_usage_error() {
    let ended = Environment::new().run(&[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(ended);
}

#[test]
fn a_mistyped_command_is_answered_with_the_nearest_one() {
    let ended = Environment::new().run(&["completion", "bash"]);
    insta::assert_snapshot!(ended);
}

#[test]
fn a_usage_error_is_an_object_for_programs() {
    let ended = Environment::new().run(&["-o", "json", "nonsense"]);
    assert_eq!(ended.code, Some(2));
    let error: serde_json::Value = serde_json::from_str(&ended.stderr).unwrap();
    assert_eq!(error["type"], "error");
    assert_eq!(error["exitCode"], 2);
    assert_eq!(error["message"], "unrecognized subcommand 'nonsense'");
}

#[test]
fn a_folder_that_does_not_exist_is_a_usage_error() {
    let environment = Environment::new();
    let ended = environment.run(&["-C", "nowhere", "man", "--out", "pages"]);
    assert_eq!(ended.code, Some(2));
    insta::assert_snapshot!(environment.redact(&ended.to_string()));
}

#[test]
fn the_version_is_the_crates() {
    let ended = Environment::new().run(&["--version"]);
    assert_eq!(ended.stdout, format!("ratectl {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn colour_follows_the_flag() {
    let environment = Environment::new();
    let colored = environment.run(&["--color", "always", "nonsense"]);
    let plain = environment.run(&["nonsense"]);
    assert!(colored.stderr.contains('\u{1b}'), "{colored}");
    assert!(!plain.stderr.contains('\u{1b}'), "{plain}");
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let environment = Environment::new();
    let mut child = environment
        .command(&["completions", "bash"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
