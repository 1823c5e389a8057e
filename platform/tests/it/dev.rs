//! A made-up system, run as a whole.

use std::path::Path;
use std::time::Instant;

use async_nats::jetstream;
use platform::dev::{self, Environment, Error, Kind, Nats, Options};
use platform::event::{self, Event, Receiver};
use platform::project::Project;
use platform::streams::Verdict;
use platform::supervise::Phase;

use crate::host::{LIMIT, launcher};
use crate::script::wait_for;

/// Components that write down what they were told, that have to be built first, and that cannot be started.
const PROJECT: &str = r#"
streams: streams
components:
  keeper:
    dev:
      command: [/bin/sh, -c, "echo \"$NATS $GATEWAY $PWD $0 $1\" >\"$DATA/told\"; echo started; exec sleep 5001", "${PORT}", "$${PORT}"]
      directory: work
      env:
        NATS: "${NATS_URL}"
        GATEWAY: "${GATEWAY_URL}"
        DATA: "${DATA_DIR}"
  web:
    dev: {static: web, path: /ui}
  built:
    dev:
      command: [./tool]
      build: [/bin/sh, -c, "echo building; printf '#!/bin/sh\nexec sleep 5002\n' >tool; chmod +x tool"]
  missing:
    dev:
      command: [no-such-program-anywhere]
  broken:
    dev:
      command: [no-such-program-anywhere]
      build: [/bin/sh, -c, "echo this is why >&2; exit 4"]
"#;

const STREAM: &str = "
apiVersion: jetstream.nats.io/v1beta2
kind: Stream
metadata: {name: notes}
spec: {name: NOTES, subjects: [notes.>], storage: file}
";

fn project(folder: &Path) -> Project {
    for sub in ["streams", "work", "web"] {
        std::fs::create_dir(folder.join(sub)).unwrap();
    }
    std::fs::write(folder.join("ratectl.yaml"), PROJECT).unwrap();
    std::fs::write(folder.join("streams/notes.yaml"), STREAM).unwrap();
    Project::load(&folder.join("ratectl.yaml")).unwrap()
}

fn options() -> Options {
    let nats = Nats::Own {
        binary: Some(testbed::nats::find().unwrap()),
        port: None,
    };
    Options {
        nats,
        guard: launcher(),
        data_dir: None,
    }
}

async fn prepared(project: &Project) -> (Environment, Receiver) {
    let (events, receiver) = event::channel();
    (
        dev::prepare(project, &options(), &events).await.unwrap(),
        receiver,
    )
}

async fn jetstream(environment: &Environment) -> jetstream::Context {
    jetstream::new(async_nats::connect(environment.nats_url()).await.unwrap())
}

#[tokio::test]
async fn a_system_comes_up_with_its_components_and_goes_down_again() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let (mut environment, mut events) = prepared(&project).await;
    environment
        .start_components(&project, "http://localhost:1234")
        .unwrap();
    let components = tokio::time::timeout(LIMIT, environment.ready()).await.unwrap();
    let phases: Vec<(&str, Kind, Phase)> = components
        .iter()
        .map(|part| (part.name.as_str(), part.kind, part.status.phase))
        .collect();
    let expected = [
        ("nats-server", Kind::Nats, Phase::Ready),
        ("keeper", Kind::Process, Phase::Ready),
        ("built", Kind::Process, Phase::Ready),
        ("missing", Kind::Process, Phase::Failed),
        ("broken", Kind::Process, Phase::Failed),
    ];
    assert_eq!(phases, expected);
    let reason = components[3].status.reason.as_deref().unwrap();
    assert!(
        reason.contains("no program 'no-such-program-anywhere'"),
        "{reason}"
    );

    wait_for(&mut events, |event| {
        matches!(event, Event::Line { line, .. } if line == "started").then_some(())
    })
    .await;
    let data = folder.path().join(".ratectl/dev/components/keeper/told");
    let told = std::fs::read_to_string(data).unwrap();
    let words: Vec<&str> = told.split_whitespace().collect();
    let work = folder.path().canonicalize().unwrap().join("work");
    assert_eq!(
        words[..3],
        [
            environment.nats_url(),
            "http://localhost:1234",
            work.to_str().unwrap()
        ]
    );
    assert!(words[3].parse::<u16>().unwrap() > 0);
    assert_eq!(words[4], "${PORT}");

    environment.stop().await;
    let lock = folder.path().join(".ratectl/dev/lock");
    let lock = std::fs::File::open(lock).unwrap();
    let began = Instant::now();
    // A program that another test starts at this moment has our files open until it has become that program.
    while lock.try_lock().is_err() {
        assert!(began.elapsed() < LIMIT, "the lock is still held");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join(r#"a "quoted" \folder"#);
    std::fs::create_dir(&folder).unwrap();
    let project = project(&folder);
    let (environment, _events) = prepared(&project).await;
    assert_eq!(environment.differences()[0].verdict, Verdict::Create);
    let context = jetstream(&environment).await;
    context
        .publish("notes.a", "kept".into())
        .await
        .unwrap()
        .await
        .unwrap();
    environment.stop().await;

    let (environment, _events) = prepared(&project).await;
    assert_eq!(environment.differences()[0].verdict, Verdict::Same);
    let mut stream = jetstream(&environment).await.get_stream("NOTES").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 1);
    environment.stop().await;
}

#[tokio::test]
async fn a_second_instance_is_told_who_holds_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let (mut environment, _events) = prepared(&project).await;
    environment
        .start_components(&project, "http://localhost:1234")
        .unwrap();
    let (events, _) = event::channel();
    let error = dev::prepare(&project, &options(), &events).await.unwrap_err();
    let Error::Locked { holder } = &error else {
        panic!("{error}")
    };
    assert_eq!(
        (holder.pid, holder.url.as_deref()),
        (std::process::id(), Some("http://localhost:1234"))
    );
    environment.stop().await;
}

#[tokio::test]
async fn a_nats_server_that_dies_comes_again_on_the_same_port() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let (environment, mut events) = prepared(&project).await;
    let url = environment.nats_url().to_owned();
    let before = environment.components()[0].status.pid.unwrap();
    crate::family::signal(i32::try_from(before).unwrap(), rustix::process::Signal::KILL);
    wait_for(&mut events, |event| {
        matches!(event, Event::Ended { .. }).then_some(())
    })
    .await;
    let again = |event: &Event| match event {
        Event::Ready { component, url, .. } if component == "nats-server" => url.clone(),
        _ => None,
    };
    assert_eq!(wait_for(&mut events, again).await, url);
    environment.stop().await;
}

#[tokio::test]
async fn a_server_that_runs_already_is_used_and_left_running() {
    let server = testbed::nats::Server::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let (events, _receiver) = event::channel();
    let options = Options {
        nats: Nats::Running { url: server.url() },
        ..options()
    };
    let environment = dev::prepare(&project, &options, &events).await.unwrap();
    assert_eq!(environment.components(), []);
    environment.stop().await;
    let context = jetstream::new(server.client().await.unwrap());
    context.get_stream("NOTES").await.unwrap();
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let nats = Nats::Own {
        binary: Some(testbed::nats::find().unwrap()),
        port: Some(port),
    };
    let (events, _receiver) = event::channel();
    let error = dev::prepare(&project, &Options { nats, ..options() }, &events)
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::NatsPort { port: told, .. } if told == port),
        "{error}"
    );
}

#[tokio::test]
async fn a_nats_server_that_does_not_start_is_told_with_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    // A file where the store's folder should be.
    std::fs::create_dir_all(folder.path().join(".ratectl/dev/nats/jetstream")).unwrap();
    std::fs::write(folder.path().join(".ratectl/dev/nats/jetstream/jetstream"), "").unwrap();
    let (events, _receiver) = event::channel();
    let began = Instant::now();
    let error = dev::prepare(&project, &options(), &events).await.unwrap_err();
    let Error::NatsNotReady { reason, log } = &error else {
        panic!("{error}")
    };
    assert!(reason.contains("exit status 1") && !log.is_empty(), "{error}");
    assert!(began.elapsed() < LIMIT);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_for_data_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path());
    std::fs::write(folder.path().join(".ratectl"), "a file").unwrap();
    let (events, _receiver) = event::channel();
    let error = dev::prepare(&project, &options(), &events).await.unwrap_err();
    assert!(matches!(error, Error::DataDir { .. }), "{error}");
}
