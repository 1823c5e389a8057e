use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use test_case::test_case;

use super::{Error, Layers, Secret, duration, render, size};

#[derive(Debug, Deserialize, Serialize)]
struct Config {
    listen: SocketAddr,
    nats: Nats,
    #[serde(default)]
    routes: Vec<Route>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    mode: Mode,
}

#[derive(Debug, Deserialize, Serialize)]
struct Nats {
    servers: Vec<String>,
    #[serde(with = "duration", default)]
    timeout: Duration,
    #[serde(with = "size", default)]
    max_payload: u64,
    token: Option<Secret>,
    #[serde(default)]
    tls: bool,
    #[serde(default)]
    connections: u8,
}

#[derive(Debug, Deserialize, Serialize, PartialEq)]
struct Route {
    path: String,
    weight: Option<f64>,
}

#[derive(Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Queue,
    Event,
    Fixed {
        status: u16,
    },
}

const FILE: &str = "\
listen: 127.0.0.1:8080
nats:
  servers: [nats://a, nats://b]
  timeout: 5s
  max_payload: 1MiB
  token: from-file
routes:
  - path: /users
  - path: /services
    weight: 0.5
labels:
  team: rating
";

fn file(yaml: &str) -> Layers {
    Layers::new("PROXY").text("proxy.yaml", yaml)
}

fn failure(layers: &Layers) -> String {
    layers.load::<Config>().unwrap_err().to_string()
}

#[test]
fn a_file_alone_fills_the_struct() {
    let config: Config = file(FILE).load().unwrap();
    assert_eq!(config.nats.timeout, Duration::from_secs(5));
    assert_eq!(config.nats.max_payload, 1 << 20);
    assert_eq!(
        config.routes[1],
        Route {
            path: "/services".to_owned(),
            weight: Some(0.5)
        }
    );
    assert_eq!(config.labels["team"], "rating");
    assert_eq!(config.mode, Mode::Queue);
}

#[test]
fn flags_win_over_variables_and_variables_over_the_file() {
    let config: Config = file(FILE)
        .environment([
            ("PROXY_NATS__TIMEOUT", "250ms"),
            ("PROXY_NATS__MAX_PAYLOAD", "4096"),
            ("PROXY_NATS__SERVERS", "nats://c, nats://d"),
            ("PROXY_NATS__TLS", "true"),
            ("PROXY_MODE", "event"),
            ("OTHER_LISTEN", "nonsense"),
        ])
        .flag("--timeout", "nats.timeout", "1s")
        .assignment("--set", "nats.connections=4")
        .unwrap()
        .load()
        .unwrap();
    assert_eq!(config.nats.timeout, Duration::from_secs(1));
    assert_eq!(config.nats.max_payload, 4096);
    assert_eq!(config.nats.servers, ["nats://c", "nats://d"]);
    assert!(config.nats.tls);
    assert_eq!(config.nats.connections, 4);
    assert_eq!(config.mode, Mode::Event);
}

#[test]
fn a_later_file_changes_only_what_it_names() {
    let config: Config = file(FILE)
        .text("local.yaml", "nats: {timeout: 9s}")
        .load()
        .unwrap();
    assert_eq!(
        (config.nats.timeout, config.nats.servers.len()),
        (Duration::from_secs(9), 2)
    );
}

#[test]
fn variables_may_be_yaml_in_its_flow_form() {
    let config: Config = file(FILE)
        .environment([
            ("PROXY_ROUTES", "[{path: /x, weight: 2.5}]"),
            ("PROXY_LABELS", "{team: other}"),
            ("PROXY_MODE", "{fixed: {status: 204}}"),
        ])
        .load()
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        config.routes,
        [Route {
            path: "/x".to_owned(),
            weight: Some(2.5)
        }]
    );
    assert_eq!(config.labels["team"], "other");
    assert_eq!(config.mode, Mode::Fixed { status: 204 });
}

#[test]
fn a_variable_set_to_nothing_unsets_an_option() {
    let config: Config = file(FILE)
        .environment([("PROXY_NATS__TOKEN", "")])
        .load()
        .unwrap();
    assert_eq!(config.nats.token, None);
}

#[test]
fn the_variables_of_a_kubernetes_service_of_our_name_are_no_configuration() {
    let links = [
        ("PROXY_SERVICE_HOST", "10.0.0.1"),
        ("PROXY_SERVICE_PORT_HTTP", "80"),
        ("PROXY_PORT", "tcp://10.0.0.1:80"),
        ("PROXY_PORT_80_TCP_ADDR", "10.0.0.1"),
    ];
    assert!(file(FILE).environment(links).load::<Config>().is_ok());
}

#[test_case("nats: {servers: [a], timeot: 5s}\nlisten: 1.1.1.1:1",
    "proxy.yaml:1:22: `nats.timeot` is not a known key; did you mean `nats.timeout`?"; "an unknown key with a near one")]
#[test_case("listen: 1.1.1.1:1\nnats:\n  servers: [a]\nzebra: 1",
    "proxy.yaml:4:1: `zebra` is not a known key; known here: listen, nats, routes, labels, mode"; "an unknown key")]
#[test_case("listen: 1.1.1.1:1\nnats:\n  servers: [a]\n  timeout: soon",
    "proxy.yaml:4:12: `nats.timeout` is wrong: `soon` is no duration; write a whole number and a unit, like 250ms, 10s, 5m, 2h or 1d"; "a wrong value")]
#[test_case("listen: 1.1.1.1:1\nnats:\n  servers: [a]\n  connections: 300",
    "proxy.yaml:4:16: `nats.connections` is wrong: invalid value: integer `300`, expected u8"; "a number out of range")]
#[test_case("listen: 1.1.1.1:1\nnats: {servers: [a]}\nroutes:\n  - path: /a\n  - pth: /b",
    "proxy.yaml:5:5: `routes.1.pth` is not a known key; did you mean `routes.1.path`?"; "a key in a list")]
#[test_case("listen: 1.1.1.1:1\nnats: {servers: [a]}\nmode: que",
    "proxy.yaml:3:7: `mode` is wrong: `que` is none of queue, event, fixed; did you mean `queue`?"; "an unknown choice")]
#[test_case("listen: 1.1.1.1:1\nnats: 5", "proxy.yaml:2:7: `nats` is wrong: invalid type: integer `5`, expected struct Nats"; "a number for a section")]
#[test_case("nats: {servers: [a]}", "`listen` is missing; give it in the configuration file or as the variable PROXY_LISTEN"; "a missing key")]
#[test_case("listen: 1.1.1.1:1\nnats:", "`nats.servers` is missing; give it in the configuration file or as the variable PROXY_NATS__SERVERS"; "a missing key in an empty section")]
fn a_mistake_in_the_file_is_named_with_its_place(yaml: &str, message: &str) {
    assert_eq!(failure(&file(yaml)), message);
}

#[test]
fn a_file_that_is_no_yaml_says_where() {
    let message = failure(&file("listen: 1.1.1.1:1\nnats: [a, b\n"));
    assert!(message.starts_with("proxy.yaml:"), "{message}");
    assert!(!message.contains('\n'), "{message}");
    let duplicate = failure(&file("listen: 1.1.1.1:1\nlisten: 1.1.1.1:2\n"));
    assert!(duplicate.starts_with("proxy.yaml:2:1: "), "{duplicate}");
}

#[test_case(
    "PROXY_NATS__TIMEOT",
    "1s",
    "variable PROXY_NATS__TIMEOT: `nats.timeot` is not a known key; did you mean `nats.timeout`?"
)]
#[test_case(
    "PROXY_NATS__TLS",
    "maybe",
    "variable PROXY_NATS__TLS: `nats.tls` is wrong: invalid value: string \"maybe\", expected a boolean"
)]
#[test_case(
    "PROXY_NATS__CONNECTIONS",
    "many",
    "variable PROXY_NATS__CONNECTIONS: `nats.connections` is wrong: invalid value: string \"many\", expected u8"
)]
#[test_case(
    "PROXY_LISTEN__PORT",
    "80",
    "variable PROXY_LISTEN__PORT: `listen` is wrong: proxy.yaml:1:9 gave it one value, so it has no keys of its own"
)]
fn a_mistake_in_the_environment_names_the_variable(name: &str, value: &str, message: &str) {
    assert_eq!(failure(&file(FILE).environment([(name, value)])), message);
}

#[test]
fn a_mistake_in_a_flag_names_the_flag() {
    let layers = file(FILE).flag("--listen", "listen", "here");
    assert_eq!(
        failure(&layers),
        "flag --listen: `listen` is wrong: invalid socket address syntax"
    );
    let error = file(FILE).assignment("--set", "nats.url").unwrap_err();
    assert_eq!(error.to_string(), "--set needs `key=value`, not `nats.url`");
}

#[test]
fn a_missing_file_is_named() {
    let error = Layers::new("PROXY")
        .file("/nowhere/proxy.yaml")
        .load::<Config>()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the configuration file /nowhere/proxy.yaml"
    );
}

#[test]
fn a_secret_is_read_from_a_file_when_the_stronger_layer_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    std::fs::write(&path, "from the file\n").unwrap();
    let path = path.to_str().unwrap();
    let config: Config = file(FILE)
        .environment([("PROXY_NATS__TOKEN_FILE", path)])
        .load()
        .unwrap();
    assert_eq!(config.nats.token.unwrap().expose(), "from the file");
    let weaker = FILE.replace("token: from-file", &format!("token_file: {path}"));
    let config: Config = file(&weaker)
        .environment([("PROXY_NATS__TOKEN", "direct")])
        .load()
        .unwrap();
    assert_eq!(config.nats.token.unwrap().expose(), "direct");
}

#[test]
fn a_secret_file_that_cannot_be_read_or_is_given_twice_is_an_error() {
    let layers = file(FILE).environment([("PROXY_NATS__TOKEN_FILE", "/nowhere/token")]);
    let error = layers.load::<Config>().unwrap_err();
    assert!(matches!(error, Error::SecretFile { .. }));
    let message = "variable PROXY_NATS__TOKEN_FILE: cannot read `nats.token` from /nowhere/token";
    assert_eq!(error.to_string(), message);
    let both = FILE.replace("token: from-file", "token: a\n  token_file: /b");
    let message =
        "proxy.yaml:7:15: `nats.token_file` is wrong: `token` is given as well; give only one of them";
    assert_eq!(failure(&file(&both)), message);
}

#[test]
fn only_secrets_are_read_from_files() {
    let layers = file(FILE).environment([("PROXY_LISTEN_FILE", "/etc/hostname")]);
    assert!(failure(&layers).contains("only secrets are read from files"));
}

#[test]
fn secrets_show_nowhere() {
    let layers = file(FILE).environment([("PROXY_NATS__TOKEN", "hunter2")]);
    let config: Config = layers.load().unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    let rendered = render(&config).unwrap();
    assert!(
        rendered.contains("token: \"[redacted]\"") && !rendered.contains("hunter2"),
        "{rendered}"
    );
    let number = failure(&file(&FILE.replace("from-file", "12345")));
    assert!(
        !number.contains("12345") && number.contains("nats.token"),
        "{number}"
    );
}

#[test]
fn what_is_rendered_can_be_read_again() {
    let config: Config = file(FILE).load().unwrap();
    let again: Config = file(&render(&config).unwrap()).load().unwrap();
    assert_eq!(format!("{config:?}"), format!("{again:?}"));
}
