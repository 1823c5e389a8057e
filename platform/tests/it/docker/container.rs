//! What is done with containers: files, logs, commands, ports.

use std::io::Read as _;
use std::time::Duration;

use platform::docker::{Cause, Error, archive, exec, logs, publisher};
use serde_json::json;
use testbed::engine::{Answer, Ending};

use super::{engine, told};

const ARCHIVE: &str = "GET /containers/node/archive";
/// Long enough for any machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// A tar archive with a file, or a link where `contents` begins with an arrow.
fn packed(name: &str, contents: &str) -> Answer {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o600);
    if let Some(target) = contents.strip_prefix("-> ") {
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        builder.append_link(&mut header, name, target).unwrap();
    } else {
        header.set_size(contents.len() as u64);
        builder
            .append_data(&mut header, name, contents.as_bytes())
            .unwrap();
    }
    Answer::stream("application/x-tar", &[&builder.into_inner().unwrap()])
}

#[tokio::test]
async fn files_are_put_as_an_archive_at_the_root() {
    let (scripted, engine) = engine().await;
    scripted.answer("PUT /containers/node/archive", Answer::text(200, ""));
    let file = archive::File {
        path: "/bin/entrypoint.sh".to_owned(),
        mode: 0o755,
        contents: b"#!/bin/sh\n".to_vec(),
    };
    archive::put(&engine, "node", std::slice::from_ref(&file))
        .await
        .unwrap();

    let requests = scripted.requests();
    let request = requests.last().unwrap();
    assert_eq!(request.query, "path=%2F");
    let mut sent = tar::Archive::new(request.body.as_slice());
    let mut entry = sent.entries().unwrap().next().unwrap().unwrap();
    assert_eq!(entry.path().unwrap().to_str(), Some("bin/entrypoint.sh"));
    assert_eq!(
        (entry.header().mode().unwrap(), entry.header().uid().unwrap()),
        (0o755, 0)
    );
    let mut contents = Vec::new();
    entry.read_to_end(&mut contents).unwrap();
    assert_eq!(contents, file.contents);
}

#[tokio::test]
async fn a_file_is_read_through_links() {
    let (scripted, engine) = engine().await;
    scripted.answer(ARCHIVE, packed("kubeconfig.yaml", "-> ../etc/k3s.yaml"));
    scripted.answer(ARCHIVE, packed("k3s.yaml", "apiVersion: v1\n"));
    let read = archive::get(&engine, "node", "/output/kubeconfig.yaml")
        .await
        .unwrap();
    assert_eq!(read.as_deref(), Some("apiVersion: v1\n".as_bytes()));
    let queries: Vec<_> = scripted
        .requests()
        .into_iter()
        .skip(1)
        .map(|request| request.query)
        .collect();
    assert_eq!(
        queries,
        ["path=%2Foutput%2Fkubeconfig.yaml", "path=%2Fetc%2Fk3s.yaml"]
    );
}

#[tokio::test]
async fn a_circle_of_links_has_an_end() {
    let (scripted, engine) = engine().await;
    scripted.answer(ARCHIVE, packed("a", "-> a"));
    let error = archive::get(&engine, "node", "/a").await.unwrap_err();
    assert!(
        told(&error).ends_with("more than 8 symbolic links follow each other"),
        "{error}"
    );
}

#[tokio::test]
async fn a_missing_file_is_none_and_a_missing_container_an_error() {
    let (scripted, engine) = engine().await;
    let missing = Answer::refusal(404, "Could not find the file /a in container node");
    scripted.answer(ARCHIVE, missing);
    assert_eq!(archive::get(&engine, "node", "/a").await.unwrap(), None);
    let gone = Answer::refusal(404, "No such container: gone");
    scripted.answer("GET /containers/gone/archive", gone);
    let error = archive::get(&engine, "gone", "/a").await.unwrap_err();
    assert_eq!(error.cause(), Some(&Cause::NotFound));
}

#[tokio::test]
async fn a_file_without_end_is_not_kept() {
    let (scripted, engine) = engine().await;
    let megabyte = vec![0; 1024 * 1024];
    let pieces = vec![megabyte.as_slice(); 17];
    scripted.answer(ARCHIVE, Answer::stream("application/x-tar", &pieces));
    let error = archive::get(&engine, "node", "/a").await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_no_archive_is_told() {
    let (scripted, engine) = engine().await;
    scripted.answer(
        ARCHIVE,
        Answer::stream("application/x-tar", &[b"not a tar archive"]),
    );
    let error = archive::get(&engine, "node", "/a").await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn the_end_of_a_log_comes_in_lines() {
    let (scripted, engine) = engine().await;
    let output = [(1, "one\ntwo\nthr"), (2, "\u{1b}[31moops\u{1b}[0m\n"), (1, "ee")];
    scripted.answer("GET /containers/node/logs", Answer::output(&output));
    let lines = logs::tail(&engine, "node", 3).await.unwrap();
    assert_eq!(lines, ["two", "oops", "three"]);
    let requests = scripted.requests();
    assert!(requests.last().unwrap().query.contains("tail=3"), "{requests:?}");
}

#[tokio::test]
async fn the_log_of_a_terminal_comes_in_lines_too() {
    let (scripted, engine) = engine().await;
    let raw = Answer::stream("application/vnd.docker.raw-stream", &[b"one\r\ntw", b"o\r\nlast"]);
    scripted.answer("GET /containers/node/logs", raw);
    assert_eq!(
        logs::tail(&engine, "node", 9).await.unwrap(),
        ["one", "two", "last"]
    );
}

#[tokio::test]
async fn a_command_gives_its_code_and_both_outputs() {
    let (scripted, engine) = engine().await;
    scripted.answer(
        "POST /containers/node/exec",
        Answer::json(201, &json!({"Id": "1"})),
    );
    let output = Answer::output(&[(1, "out\n"), (2, "err\n")]).ending(Ending::Upgraded);
    scripted.answer("POST /exec/1/start", output);
    // The output can end before the engine knows the code.
    scripted.answer(
        "GET /exec/1/json",
        Answer::json(200, &json!({"Running": true, "ExitCode": null})),
    );
    scripted.answer(
        "GET /exec/1/json",
        Answer::json(200, &json!({"Running": false, "ExitCode": 3})),
    );

    let output = exec::run(&engine, "node", &["sh", "-c", "exit 3"], PATIENCE)
        .await
        .unwrap();
    let expected = exec::Output {
        code: 3,
        stdout: "out\n".to_owned(),
        stderr: "err\n".to_owned(),
    };
    assert_eq!(output, expected);
}

#[tokio::test]
async fn a_command_without_end_is_given_up() {
    let (scripted, engine) = engine().await;
    scripted.answer(
        "POST /containers/node/exec",
        Answer::json(201, &json!({"Id": "1"})),
    );
    scripted.answer(
        "POST /exec/1/start",
        Answer::text(200, "").ending(Ending::NoAnswer),
    );
    let limit = Duration::from_millis(50);
    let error = exec::run(&engine, "node", &["sleep", "60"], limit)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the Docker engine did not answer within 0.05 s when asked to run `sleep 60` in container node"
    );
}

#[tokio::test]
async fn the_container_behind_a_port_is_found() {
    let (scripted, engine) = engine().await;
    let containers = json!([
        {"Names": ["/quiet"], "Ports": []},
        {"Names": ["/k3d-demo-server-0"], "Ports": [
            {"IP": "127.0.0.1", "PrivatePort": 6443, "PublicPort": 16443, "Type": "tcp"},
            {"PrivatePort": 80, "Type": "tcp"},
        ]},
    ]);
    scripted.answer("GET /containers/json", Answer::json(200, &containers));
    assert_eq!(
        publisher(&engine, 16443).await.as_deref(),
        Some("k3d-demo-server-0")
    );
    assert_eq!(publisher(&engine, 80).await, None);
}
