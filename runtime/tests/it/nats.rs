//! The connection to a real nats-server.

use std::time::Duration;

use runtime::config::Secret;
use runtime::nats::{Connection, Phase, Settings, State, connect};
use testbed::nats::Server;

const PATIENCE: Duration = Duration::from_secs(30);

async fn settle(connection: &Connection, expected: impl FnMut(&State) -> bool) -> State {
    let mut state = connection.state();
    let settled = tokio::time::timeout(PATIENCE, state.wait_for(expected)).await;
    settled.expect("the state comes in time").unwrap().clone()
}

fn settings(server: &Server) -> Settings {
    Settings {
        urls: vec![server.url()],
        name: "test".to_owned(),
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_server_is_waited_for_lost_and_found_again() {
    let mut server = Server::start().unwrap();
    server.kill().unwrap();
    let connection = connect(&settings(&server)).await.unwrap();
    let state = settle(&connection, |state| state.why.is_some()).await;
    assert_eq!((state.phase, state.connects), (Phase::Connecting, 0));
    let trouble = connection.trouble().unwrap();
    assert!(trouble.starts_with("connecting to NATS ("), "{trouble}");

    server.restart().unwrap();
    let state = settle(&connection, |state| state.phase == Phase::Connected).await;
    assert_eq!((state.why, state.connects), (None, 1));
    assert!(connection.is_connected() && connection.trouble().is_none());
    assert_eq!(connection.connects(), 1);

    server.kill().unwrap();
    settle(&connection, |state| state.phase == Phase::Disconnected).await;
    assert!(
        connection.trouble().unwrap().contains("lost"),
        "{:?}",
        connection.trouble()
    );
    server.restart().unwrap();
    settle(&connection, |state| {
        state.phase == Phase::Connected && state.connects == 2
    })
    .await;
    assert_eq!(connection.connects(), 2);
}

#[tokio::test]
async fn the_reason_names_the_server_that_refuses() {
    let mut server = Server::start().unwrap();
    let port = server.address().port().to_string();
    server.kill().unwrap();
    let connection = connect(&settings(&server)).await.unwrap();
    let names_server = |state: &State| state.why.as_ref().is_some_and(|why| why.contains(&port));
    settle(&connection, names_server).await;
}

#[tokio::test]
async fn who_signs_in_rightly_is_let_in_and_the_others_learn_why_not() {
    let server = Server::start_with("authorization { user: ann, password: \"s3cret\" }").unwrap();
    let signed = |password: &str| Settings {
        user: Some("ann".to_owned()),
        password: Some(Secret::new(password)),
        ..settings(&server)
    };
    let connection = connect(&signed("s3cret")).await.unwrap();
    settle(&connection, |state| state.phase == Phase::Connected).await;
    let refused = connect(&signed("wrong")).await.unwrap();
    let state = settle(&refused, |state| state.why.is_some()).await;
    let why = state.why.unwrap().to_lowercase();
    assert!(why.contains("authorization") && !why.contains("wrong"), "{why}");
}

#[tokio::test]
async fn inboxes_lie_below_the_prefix_asked_for() {
    let server = Server::start().unwrap();
    let settings = Settings {
        inbox_prefix: "_INBOX_w".to_owned(),
        ..settings(&server)
    };
    let connection = connect(&settings).await.unwrap();
    assert!(connection.new_inbox().starts_with("_INBOX_w."));
    assert_eq!(connection.inbox_prefix(), "_INBOX_w");
}

#[tokio::test]
async fn a_credentials_file_that_cannot_be_read_is_named() {
    let settings = Settings {
        credentials_file: Some("/no/such/file.creds".into()),
        ..Settings::default()
    };
    let error = connect(&settings).await.unwrap_err().to_string();
    assert!(error.contains("/no/such/file.creds"), "{error}");
}
