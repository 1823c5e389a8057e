//! What is done from within `top`, against a real server.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use testbed::nats::Server;

use crate::{environment::Environment, pty::Terminal};

/// A server with a stream of requests, and one message of it that nobody could serve.
fn with_a_dead_letter() -> Server {
    let server = Server::start().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for (name, subject) in [("REQUESTS", "api.>"), ("DEAD", "dead.>")] {
            let config = serde_json::json!({"name": name, "subjects": [subject]});
            server
                .jetstream(&format!("STREAM.CREATE.{name}"), &config)
                .await
                .unwrap();
        }
    });
    let headers = "NATS/1.0\r\nPx-Dead-Reason: no \u{1b}[2JJSON\r\nPx-Dead-Stream: REQUESTS\r\n\r\n";
    publish(&server, "dead.api.post.ratings", headers, "{");
    server
}

/// Publishes a message, and returns when the server has taken it.
fn publish(server: &Server, subject: &str, headers: &str, payload: &str) {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let (head, all) = (headers.len(), headers.len() + payload.len());
    let connect = "CONNECT {\"verbose\":false,\"headers\":true}\r\n";
    write!(
        stream,
        "{connect}HPUB {subject} {head} {all}\r\n{headers}{payload}\r\nPING\r\n"
    )
    .unwrap();
    let mut answers = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(answers.any(|line| line == "PONG"));
}

#[test]
fn a_dead_letter_is_looked_at_asked_about_and_sent_to_where_it_came_from() {
    let (environment, server) = (Environment::new(), with_a_dead_letter());
    let url = server.url();
    let command = environment.command(&["top", "--nats", &url, "--screen", "streams"]);
    let mut terminal = Terminal::start(&command, (100, 30));
    terminal.wait_for("DEAD");
    terminal.type_keys("a");
    terminal.wait_for("Send messages of DEAD (1) again");
    terminal.type_keys("\r");
    terminal.wait_for("1 x api.post.ratings: no ?[2JJSON");
    terminal.type_keys("y");
    terminal.wait_for("1 stored where they came from");
    assert!(!terminal.has_written(b"\x1b[2JJSON"));
    terminal.type_keys("q");
    assert_eq!(terminal.end().code(), Some(0));
}

#[test]
fn without_a_profile_there_is_no_pod_and_that_is_said() {
    let (environment, server) = (Environment::new(), Server::start().unwrap());
    let command = environment.command(&["top", "--nats", &server.url(), "--screen", "pods"]);
    let mut terminal = Terminal::start(&command, (100, 30));
    terminal.wait_for("no cluster is named");
    terminal.type_keys("l");
    terminal.wait_for("no pod of a component is known to this row");
    terminal.type_keys("a");
    terminal.wait_for("nothing can be done with this row");
    terminal.type_keys("q");
    assert_eq!(terminal.end().code(), Some(0));
}
