use clap::CommandFactory as _;
use std::error::Error as _;
use test_case::test_case;

use super::*;

fn flags(line: &str) -> Flags {
    Flags::try_parse_from(std::iter::once("http-to-nats-proxy").chain(line.split_whitespace())).unwrap()
}

fn load(line: &str, variables: &[(&str, &str)]) -> Result<Config, LoadError> {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    flags(line).load(variables)
}

#[test]
fn the_flags_are_well_formed() {
    Flags::command().debug_assert();
}

#[test]
fn help_says_everything() {
    let help = Flags::command().term_width(100).render_long_help().to_string();
    insta::assert_snapshot!(help);
}

#[test]
fn a_flag_is_stronger_than_a_variable_and_that_than_the_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "prefix: file\nshards: 1\nmax_in_flight: 7\n").unwrap();
    let line = format!("--config {} --prefix flag", file.path().display());
    let config = load(&line, &[("PROXY_PREFIX", "variable"), ("PROXY_SHARDS", "2")]).unwrap();
    assert_eq!(
        (config.prefix.as_str(), config.shards, config.max_in_flight),
        ("flag", 2, 7)
    );
}

#[test]
fn nested_keys_are_set_by_variables_and_by_set() {
    let config = load(
        "--set http.idle_timeout=3s --nats nats://a:1,nats://b:2",
        &[("PROXY_HTTP__MAX_CONNECTIONS", "5")],
    )
    .unwrap();
    assert_eq!(
        (config.http.idle_timeout.as_secs(), config.http.max_connections),
        (3, 5)
    );
    assert_eq!(config.nats.urls, ["nats://a:1", "nats://b:2"]);
}

#[test]
fn what_is_wrong_is_named_with_who_gave_it() {
    let unknown = load("", &[("PROXY_LISTNE", "1")]).unwrap_err();
    let message = unknown.source().unwrap().to_string();
    assert!(
        message.contains("PROXY_LISTNE") && message.contains("listen"),
        "{message}"
    );
    let empty = load("--set max_in_flight=0", &[]).unwrap_err();
    assert!(empty.source().unwrap().to_string().contains("max_in_flight"));
}

#[test_case(&[("PROXY_NATS__USER", "me"), ("PROXY_NATS__PASSWORD", "hunter2")]; "a password")]
#[test_case(&[("PROXY_NATS__TOKEN", "hunter2")]; "a token")]
#[test_case(&[("PROXY_NATS__URLS", "nats://me:hunter2@there:4222")]; "a password in a url")]
fn the_resolved_configuration_shows_no_secret(variables: &[(&str, &str)]) {
    let text = config::render(&load("", variables).unwrap()).unwrap();
    assert!(
        !text.contains("hunter2") && text.contains("max_in_flight"),
        "{text}"
    );
}
