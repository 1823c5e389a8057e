//! The first words: versions, and everything that is no engine.

use std::fs;
use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use platform::docker::{Endpoint, Engine, Error, Source, Unreachable};
use serde_json::json;
use test_case::test_case;
use testbed::engine::{Answer, Ending, Engine as Scripted};

use super::{endpoint, engine, told};

/// How long to wait for what must happen, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why the engine cannot be reached, without its address.
async fn refused(scripted: &Scripted) -> String {
    let error = Engine::connect(&endpoint(scripted)).await.unwrap_err();
    let text = told(&error);
    let start = format!("cannot reach a Docker engine at {} <- ", scripted.address());
    text.strip_prefix(&start).unwrap_or(&text).to_owned()
}

async fn refused_at(address: String) -> Unreachable {
    let source = Source::Environment;
    match Engine::connect(&Endpoint { address, source }).await {
        Err(Error::Unreachable { source, .. }) => *source,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_request_names_the_version_that_both_sides_know() {
    let (scripted, engine) = engine().await;
    assert_eq!((engine.version(), engine.api_version()), ("20.10.24", "1.41"));
    scripted.answer(
        "GET /info",
        Answer::json(200, &json!({"NCPU": 4, "CgroupVersion": "1"})),
    );
    let info = engine.info().await.unwrap();
    assert_eq!(
        (info.cpus, info.cgroup_version, info.version.as_str()),
        (4, Some(1), "20.10.24")
    );

    let requests = scripted.requests();
    let asked: Vec<_> = requests.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(asked, ["/_ping", "/v1.41/info"]);
}

#[tokio::test]
async fn a_newer_engine_is_spoken_to_in_our_newest_version() {
    let scripted = Scripted::start("31.0.0", "1.90").unwrap();
    let versions = json!({"Version": "31.0.0", "ApiVersion": "1.90", "MinAPIVersion": "1.44"});
    scripted.answer("GET /version", Answer::json(200, &versions));
    let engine = Engine::connect(&endpoint(&scripted)).await.unwrap();
    assert_eq!(engine.api_version(), "1.53");
}

#[tokio::test]
async fn an_engine_that_dropped_our_versions_is_told_with_both() {
    let scripted = Scripted::start("41.0.0", "1.90").unwrap();
    let versions = json!({"Version": "41.0.0", "ApiVersion": "1.90", "MinAPIVersion": "1.70"});
    scripted.answer("GET /version", Answer::json(200, &versions));
    assert_eq!(
        refused(&scripted).await,
        "Docker 41.0.0 speaks API versions from 1.70 on, and this ratectl knows versions up to 1.53"
    );
}

#[tokio::test]
async fn an_engine_of_2019_is_too_old() {
    let scripted = Scripted::start("19.03.15", "1.40").unwrap();
    assert_eq!(
        refused(&scripted).await,
        "Docker 19.03.15 is too old: it speaks API versions up to 1.40, and ratectl needs 1.41 (Docker 20.10) at least"
    );
}

#[test_case(Answer::text(200, "<html>welcome to nginx</html>") => "what answers there does not speak as a Docker engine: 200 OK; <html>welcome to nginx</html>"; "a web server")]
#[test_case(Answer::text(503, "starting\u{1b}[2J") => "what answers there does not speak as a Docker engine: 503 Service Unavailable; starting"; "something in place of an engine")]
#[test_case(Answer::pong("1", "newest") => "what answers there does not speak as a Docker engine: API version 'newest'"; "a version that is none")]
#[tokio::test]
async fn what_is_no_engine_is_told(answer: Answer) -> String {
    let scripted = Scripted::silent().unwrap();
    scripted.answer("GET /_ping", answer);
    refused(&scripted).await
}

#[tokio::test]
async fn an_end_without_an_answer_is_told() {
    let scripted = Scripted::silent().unwrap();
    scripted.answer(
        "GET /_ping",
        Answer::text(200, "").ending(Ending::NoAnswerAndClosed),
    );
    let text = refused(&scripted).await;
    assert!(
        text.starts_with("it ends connections without an answer <- "),
        "{text}"
    );
}

#[tokio::test]
async fn silence_has_an_end() {
    let scripted = Scripted::silent().unwrap();
    scripted.answer("GET /_ping", Answer::text(200, "").ending(Ending::NoAnswer));
    assert_eq!(
        refused(&scripted).await,
        "it takes connections but has not answered within 5 s"
    );
}

#[tokio::test]
async fn an_engine_that_crashed_leaves_a_socket_nobody_listens_on() {
    let scripted = Scripted::start("20.10.24", "1.41").unwrap();
    scripted.kill();
    // A process that another test is just starting has the socket too, until it becomes its program.
    let until = Instant::now() + PATIENCE;
    let mut said = refused(&scripted).await;
    while said != "nobody listens there" && Instant::now() < until {
        said = refused(&scripted).await;
    }
    assert_eq!(said, "nobody listens there");
}

#[tokio::test]
async fn what_is_at_the_path_of_a_socket_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let at = |path: &std::path::Path| format!("unix://{}", path.display());
    let missing = refused_at(at(&folder.path().join("nothing"))).await;
    assert!(matches!(missing, Unreachable::NoSocket { .. }), "{missing:?}");
    let inside_a_file = refused_at(at(&file.join("socket"))).await;
    assert!(
        matches!(inside_a_file, Unreachable::NoSocket { .. }),
        "{inside_a_file:?}"
    );
    let plain = refused_at(at(&file)).await;
    assert!(matches!(plain, Unreachable::NotASocket { .. }), "{plain:?}");
    let socket = folder.path().join("socket");
    drop(UnixListener::bind(&socket).unwrap());
    let left_behind = refused_at(at(&socket)).await;
    assert!(matches!(left_behind, Unreachable::Refused), "{left_behind:?}");
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    drop(listener);
    let reason = refused_at(address).await;
    assert!(matches!(reason, Unreachable::Refused), "{reason:?}");
}

#[tokio::test]
async fn what_speaks_something_else_than_http_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let listener = UnixListener::bind(&socket).unwrap();
    let speaker = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"\x15\x03\x01\x00\x02\x02\x46").unwrap();
        // Until the other side has understood.
        std::io::copy(&mut stream, &mut std::io::sink()).map(drop)
    });
    let reason = refused_at(format!("unix://{}", socket.display())).await;
    assert_eq!(
        reason.to_string(),
        "what answers there does not speak as a Docker engine: what it says is no HTTP"
    );
    // Hearing nothing more, it may find the connection reset.
    drop(speaker.join().unwrap());
}
