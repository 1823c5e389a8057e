//! Engines that are not there, not for us, too old, too new, or none at all.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::process::Command;

use super::engine::{Engine, Manner};
use super::somebody;
use super::table::{Case, SOCKET, answers, unix};
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
    let silent = Engine::start(Manner::Silent);
    let broken = Engine::start(Manner::Broken);
    let web = Engine::start(Manner::Web);
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
            Case::new("a socket that nobody answers at", &LIST).with(docker_host(&silent.url())),
            Case::new("an engine that ends every connection", &LIST).with(docker_host(&broken.url())),
            Case::new("another server", &LIST).with(docker_host(&web.url())),
        ]));
    });
}

#[test]
fn versions() {
    let old = Engine::start(Manner::Engine {
        version: "17.03.2-ce",
        api: "1.27",
        oldest_api: "1.12",
    });
    let new = Engine::start(Manner::Engine {
        version: "99.0.0",
        api: "9.12",
        oldest_api: "9.0",
    });
    insta::with_settings!({filters => vec![(SOCKET, "[SOCKET]")]}, {
        insta::assert_snapshot!(answers(&[
            Case::new("too old", &LIST).with(docker_host(&old.url())),
            Case::new("too new", &["start-cluster", "demo"]).with(docker_host(&new.url())),
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
    let engine = Engine::start(super::engine::USUAL);
    let url = engine.url();
    fs::set_permissions(engine.socket(), Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(engine.socket().parent().unwrap(), Permissions::from_mode(0o755)).unwrap();
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
