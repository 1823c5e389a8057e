//! Engines that are not there, not for us, too old, too new, or none at all.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::process::Command;

use testbed::engine::{Answer, Ending, Engine};

use super::table::{Case, SOCKET, answers, unix};
use super::{scripted, somebody};
use crate::environment::Environment;

/// Listing needs nothing but the engine.
const LIST: [&str; 2] = ["cluster", "list"];

fn docker_host(url: &str) -> impl Fn(&Environment, &mut Command) + Sync {
    let url = url.to_owned();
    move |_, command| {
        command.env("DOCKER_HOST", &url);
    }
}

fn at(environment: &Environment, command: &mut Command, name: &str) -> std::path::PathBuf {
    let path = environment.project().join(name);
    command.env("DOCKER_HOST", unix(&path));
    path
}

#[test]
fn sockets() {
    let silent = scripted::mute(Ending::NoAnswer);
    let broken = scripted::mute(Ending::NoAnswerAndClosed);
    let web = Engine::silent().unwrap();
    insta::with_settings!({filters => vec![(SOCKET, "[SOCKET]")]}, {
        insta::assert_snapshot!(answers(&[
            Case::new("no socket", &["create-cluster"]),
            Case::new("no socket, for a program", &["-o", "json", "create-cluster"]),
            Case::new("a file", &LIST).with(|environment, command| {
                fs::write(at(environment, command, "docker.sock"), "").unwrap();
            }),
            Case::new("a socket that nobody listens at", &LIST).with(|environment, command| {
                // Dropped at once; the file stays.
                drop(UnixListener::bind(at(environment, command, "docker.sock")).unwrap());
            }),
            Case::new("a socket that nobody answers at", &LIST).with(docker_host(&silent.address())),
            Case::new("an engine that ends every connection", &LIST).with(docker_host(&broken.address())),
            Case::new("another server", &LIST).with(docker_host(&web.address())),
        ]));
    });
}

#[test]
fn versions() {
    let old = Engine::start("17.03.2-ce", "1.27").unwrap();
    let new = scripted::of_the_future();
    insta::with_settings!({filters => vec![(SOCKET, "[SOCKET]")]}, {
        insta::assert_snapshot!(answers(&[
            Case::new("too old", &LIST).with(docker_host(&old.address())),
            Case::new("too new", &["start-cluster", "demo"]).with(docker_host(&new.address())),
        ]));
    });
}

#[test]
fn addresses() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let tcp = format!("tcp://{free}");
    insta::with_settings!({filters => vec![(free.port().to_string().as_str(), "[PORT]")]}, {
        insta::assert_snapshot!(answers(&[
            Case::new("nobody at a TCP address", &LIST).with(docker_host(&tcp)),
            Case::new("SSH", &LIST).with(docker_host("ssh://ada@build.example")),
            Case::new("TLS", &LIST).with(docker_host("https://build.example:2376")),
            Case::new("TLS by a variable", &LIST).with(|_, command| {
                command.env("DOCKER_HOST", "tcp://build.example:2376").env("DOCKER_TLS_VERIFY", "1");
            }),
            Case::new("an unknown scheme", &LIST).with(docker_host("gopher://build.example")),
            Case::new("a path without a scheme", &["cluster", "list", "--docker-host", "/var/run/docker.sock"]),
            Case::new("a relative path", &["cluster", "list", "--docker-host", "unix://docker.sock"]),
            Case::new("nothing", &["cluster", "list", "--docker-host", ""]),
        ]));
    });
}

#[test]
fn contexts() {
    let settings = |text: &'static str| {
        move |environment: &Environment, command: &mut Command| {
            environment.write("docker/config.json", text);
            command.env_remove("DOCKER_HOST");
            command.env("DOCKER_CONFIG", environment.project().join("docker"));
        }
    };
    insta::assert_snapshot!(answers(&[
        Case::new("a context that is not there", &LIST).with(settings(r#"{"currentContext": "elsewhere"}"#)),
        Case::new("a context of the environment that is not there", &LIST).with(|_, command| {
            command.env_remove("DOCKER_HOST").env("DOCKER_CONTEXT", "nowhere");
        }),
        Case::new("settings that are not JSON", &LIST).with(settings("{")),
        Case::new("settings of another shape", &LIST).with(settings(r#"{"currentContext": 7}"#)),
    ]));
}

#[test]
fn a_socket_that_is_not_for_us() {
    let engine = scripted::empty();
    let url = engine.address();
    fs::set_permissions(engine.socket(), Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(engine.folder(), Permissions::from_mode(0o755)).unwrap();
    if let Some(reason) = somebody::else_cannot_run() {
        eprintln!("skipped: {reason}");
        return;
    }
    insta::with_settings!({filters => vec![(SOCKET, "[SOCKET]")]}, {
        insta::assert_snapshot!(answers(&[
            Case::new("no permission", &["create-cluster"]).with(|environment, command| {
                command.env("DOCKER_HOST", &url);
                somebody::becomes(environment, command);
            })
        ]));
    });
}

#[test]
fn images_that_cannot_be_had() {
    let refused = |words: &str| {
        let line = serde_json::json!({ "errorDetail": { "message": words }, "error": words });
        scripted::without_the_image(Answer::lines(&[line]))
    };
    let denied = refused(
        "pull access denied for rancher/k3s, repository does not exist or may require 'docker login'",
    );
    let limited = refused("toomanyrequests: You have reached your pull rate limit.");
    let full = refused("failed to register layer: write /x: no space left on device");
    let unknown = scripted::without_the_image(Answer::refusal(
        404,
        "manifest for rancher/k3s:v9 not found: manifest unknown",
    ));
    let gone = scripted::without_the_image(Answer::text(200, "").ending(Ending::NoAnswerAndClosed));
    let create = ["-q", "create-cluster", "demo", "--image", "rancher/k3s:v9"];
    let case = |what, engine: &Engine| {
        let url = engine.address();
        Case::new(what, &create).with(move |environment, command| {
            // Nothing else may fail first.
            environment.write("ratectl.yaml", "name: x\ncluster:\n  registry: false\n");
            command.env("DOCKER_HOST", &url);
        })
    };
    insta::with_settings!({filters => vec![(SOCKET, "[SOCKET]")]}, {
        insta::assert_snapshot!(answers(&[
            case("refused", &denied),
            case("too many pulls", &limited),
            case("no space", &full),
            case("no such version", &unknown),
            case("an engine that goes away meanwhile", &gone),
        ]));
    });
}
