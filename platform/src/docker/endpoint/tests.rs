//! Endpoints, from the words that name them.

use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use test_case::test_case;

use super::*;

fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.json"), config).unwrap();
    folder
}

/// As `docker context create` does it; the id is the sha256 of the name.
fn add_context(folder: &Path, name: &str, host: &str) -> String {
    let id: String = Sha256::digest(name.as_bytes())
        .iter()
        .fold(String::new(), |id, byte| id + &format!("{byte:02x}"));
    let meta = folder.join("contexts/meta").join(&id);
    fs::create_dir_all(&meta).unwrap();
    let json = serde_json::json!({
        "Name": name,
        "Metadata": {"Description": "for tests"},
        "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": false}},
    });
    fs::write(meta.join("meta.json"), json.to_string()).unwrap();
    id
}

fn environment(folder: &TempDir) -> Environment {
    Environment {
        docker_config: Some(folder.path().to_owned()),
        ..Environment::default()
    }
}

fn found(flag: Option<&str>, environment: &Environment) -> String {
    match Endpoint::find_in(flag, environment) {
        Ok(endpoint) => endpoint.to_string(),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn flag_then_environment_then_context_then_default() {
    let folder = folder(r#"{"currentContext": "colima", "auths": null}"#);
    add_context(folder.path(), "colima", "unix:///colima.sock");
    add_context(folder.path(), "other", "unix:///other.sock");
    let mut environment = environment(&folder);
    environment.docker_host = Some("unix:///env.sock".to_owned());
    environment.docker_context = Some("other".to_owned());

    assert_eq!(
        found(Some("unix:///flag.sock"), &environment),
        "unix:///flag.sock (from --docker-host)"
    );
    assert_eq!(found(None, &environment), "unix:///env.sock (from DOCKER_HOST)");
    environment.docker_host = None;
    assert_eq!(
        found(None, &environment),
        "unix:///other.sock (from Docker context other)"
    );
    environment.docker_context = None;
    assert_eq!(
        found(None, &environment),
        "unix:///colima.sock (from Docker context colima)"
    );
    environment.docker_context = Some("default".to_owned());
    assert_eq!(found(None, &environment), "unix:///var/run/docker.sock");
}

#[test]
fn settings_are_looked_for_in_the_home_folder() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".docker");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("config.json"), r#"{"currentContext": "mine"}"#).unwrap();
    add_context(&folder, "mine", "tcp://10.0.0.1");
    let environment = Environment {
        home: Some(home.path().to_owned()),
        ..Environment::default()
    };
    assert_eq!(
        found(None, &environment),
        "tcp://10.0.0.1:2375 (from Docker context mine)"
    );
}

#[test_case(""; "an empty file")]
#[test_case("{}"; "no context")]
#[test_case(r#"{"currentContext": ""}"#; "an empty name")]
#[test_case(r#"{"currentContext": "default"}"#; "the default context")]
fn without_a_context_the_default_socket_is_taken(config: &str) {
    assert_eq!(found(None, &environment(&folder(config))), DEFAULT_ADDRESS);
}

#[test]
fn without_home_and_settings_the_default_socket_is_taken() {
    assert_eq!(found(None, &Environment::default()), DEFAULT_ADDRESS);
}

#[test_case("unix:///run/user/1000/docker.sock" => "unix:///run/user/1000/docker.sock"; "a socket")]
#[test_case("tcp://127.0.0.1:2375" => "tcp://127.0.0.1:2375"; "an address")]
#[test_case("tcp://engine.example" => "tcp://engine.example:2375"; "a host without a port")]
#[test_case("http://engine.example:1234/" => "tcp://engine.example:1234"; "http is tcp")]
#[test_case("tcp://[::1]:2375" => "tcp://[::1]:2375"; "an IPv6 address")]
#[test_case("tcp://[::1]" => "tcp://[::1]:2375"; "an IPv6 address without a port")]
#[test_case("127.0.0.1:2375" => "tcp://127.0.0.1:2375"; "no scheme, as the docker CLI reads it")]
#[test_case("  unix:///a.sock\n" => "unix:///a.sock"; "spaces around it")]
fn addresses_that_are_spoken(address: &str) -> String {
    Endpoint::find_in(Some(address), &Environment::default())
        .unwrap()
        .address
}

#[test_case("/var/run/docker.sock" => "write a socket as unix:///var/run/docker.sock"; "only a path")]
#[test_case("unix://docker.sock" => "the path of a socket begins with /, as in unix:///var/run/docker.sock"; "a relative path")]
#[test_case("unix://" => "it names nothing"; "a socket without a path")]
#[test_case("tcp://:2375" => "it names nothing"; "a port without a host")]
#[test_case("" => "it names nothing"; "nothing")]
#[test_case("tcp://a:b" => "the port is no number from 1 to 65535"; "letters for a port")]
#[test_case("tcp://a:0" => "the port is no number from 1 to 65535"; "port 0")]
#[test_case("tcp://a:70000" => "the port is no number from 1 to 65535"; "a port too large")]
#[test_case("tcp://a b" => "the host is no host name or IP address (IPv6 goes in brackets)"; "a space")]
#[test_case("tcp://user@a:1" => "the host is no host name or IP address (IPv6 goes in brackets)"; "a user")]
#[test_case("tcp://[::g]:1" => "the host is no host name or IP address (IPv6 goes in brackets)"; "no IPv6 address")]
#[test_case("fd://3" => "it must begin with unix:// or tcp://"; "a scheme for engines only")]
fn what_is_no_address_is_refused(address: &str) -> String {
    match Endpoint::find_in(Some(address), &Environment::default()) {
        Err(Error::Address { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test_case("ssh://me@host" => Transport::Ssh("me@host".to_owned()); "ssh")]
#[test_case("https://host:2376" => Transport::Tls; "https")]
#[test_case("tcp://host:2376" => Transport::Tls; "the port of TLS")]
#[test_case("npipe:////./pipe/docker_engine" => Transport::NamedPipe; "a named pipe")]
fn what_is_not_supported_is_said(address: &str) -> Transport {
    match Endpoint::find_in(Some(address), &Environment::default()) {
        Err(Error::Unsupported { transport, .. }) => transport,
        other => panic!("{other:?}"),
    }
}

#[test]
fn tls_by_environment_is_not_supported_and_does_not_matter_to_sockets() {
    let environment = Environment {
        tls_verify: true,
        ..Environment::default()
    };
    assert_eq!(
        found(Some("unix:///a.sock"), &environment),
        "unix:///a.sock (from --docker-host)"
    );
    assert_eq!(
        found(Some("tcp://host:2375"), &environment),
        "error: the Docker engine at tcp://host:2375 (from --docker-host) cannot be used: TLS is not supported"
    );
}

#[test]
fn a_context_with_certificates_is_not_supported() {
    let folder = folder(r#"{"currentContext": "remote"}"#);
    let id = add_context(folder.path(), "remote", "tcp://10.0.0.1:1234");
    fs::create_dir_all(folder.path().join("contexts/tls").join(id).join("docker")).unwrap();
    assert_eq!(
        found(None, &environment(&folder)),
        "error: the Docker engine at tcp://10.0.0.1:1234 (from Docker context remote) cannot be used: TLS is not supported"
    );
}

#[test_case("ssh://me@host" => "forward its socket with `ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock me@host` and use `--docker-host unix:///tmp/docker.sock`"; "user and host")]
#[test_case("ssh://host:2222/run/docker.sock" => "forward its socket with `ssh -nNT -p 2222 -L /tmp/docker.sock:/var/run/docker.sock host` and use `--docker-host unix:///tmp/docker.sock`"; "a port and a path")]
fn for_ssh_there_is_a_way(address: &str) -> String {
    match Endpoint::find_in(Some(address), &Environment::default()) {
        Err(Error::Unsupported { transport, .. }) => transport.instead(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_missing_context_is_named_with_those_that_are_there() {
    let folder = folder("{}");
    add_context(folder.path(), "colima", "unix:///colima.sock");
    let mut environment = environment(&folder);
    environment.docker_context = Some("colina".to_owned());
    assert_eq!(
        found(None, &environment),
        "error: there is no Docker context 'colina'; known are colima, default"
    );
}

#[test_case("{", "EOF while parsing an object at line 1 column 1"; "no JSON")]
#[test_case("{}", "it names no Docker endpoint"; "no endpoint")]
#[test_case(r#"{"Endpoints": {"docker": {}}}"#, "it names no Docker endpoint"; "no host")]
fn a_broken_context_is_an_error(meta: &str, reason: &str) {
    let folder = folder(r#"{"currentContext": "broken"}"#);
    let id = add_context(folder.path(), "broken", "unix:///a.sock");
    let path = folder.path().join("contexts/meta").join(id).join("meta.json");
    fs::write(&path, meta).unwrap();
    let expected = format!(
        "error: cannot use Docker context 'broken' ({}): {reason}",
        path.display()
    );
    assert_eq!(found(None, &environment(&folder)), expected);
}

#[test]
fn broken_settings_matter_only_when_they_are_asked() {
    let folder = folder("{\"currentContext\": 5}");
    let environment = environment(&folder);
    let expected = format!(
        "error: Docker's settings in {} are wrong",
        folder.path().join("config.json").display()
    );
    assert_eq!(found(None, &environment), expected);
    assert_eq!(
        found(Some("unix:///a.sock"), &environment),
        "unix:///a.sock (from --docker-host)"
    );
}

#[test]
fn settings_about_other_things_do_not_matter() {
    let folder = folder(r#"{"auths": "nonsense", "credsStore": 5}"#);
    assert_eq!(found(None, &environment(&folder)), DEFAULT_ADDRESS);
}

#[test]
fn an_address_is_shown_without_control_characters() {
    let shown = found(Some("tcp://\u{1b}[2Ja"), &Environment::default());
    assert!(!shown.contains('\u{1b}'), "{shown}");
}
