//! What a person reads.

use std::process::Stdio;

use crate::environment::Ended;
use crate::greetings;
use crate::processes::eventually;
use crate::system::System;

/// Ports and times replaced, so that two runs read alike.
fn redact(words: &str) -> String {
    let mut settings = String::new();
    for line in words.lines() {
        let mut line = line.to_owned();
        for scheme in ["http://localhost:", "http://127.0.0.1:", "nats://127.0.0.1:"] {
            if let Some(at) = line.find(scheme) {
                let start = at + scheme.len();
                let end = line[start..]
                    .find(|c: char| !c.is_ascii_digit())
                    .map_or(line.len(), |end| start + end);
                line.replace_range(start..end, "[PORT]");
            }
        }
        let timed = |word: &str| {
            if word.parse::<f64>().is_ok() {
                "[TIME]".to_owned()
            } else {
                word.to_owned()
            }
        };
        settings += &line.split(' ').map(timed).collect::<Vec<_>>().join(" ");
        settings.push('\n');
    }
    settings
}

#[test]
fn a_person_reads_names_in_front_and_the_addresses_at_the_end() {
    let environment = greetings::environment();
    let mut system = System::start(greetings::dev(&environment, &[]));
    eventually("the announcement", || {
        system.stdout().contains("NATS").then_some(())
    });
    assert_eq!(system.end("INT").code(), Some(130));
    insta::assert_snapshot!("addresses", redact(&system.stdout()));
    let words = redact(&system.stderr());
    let mut lines: Vec<&str> = words.lines().collect();
    // Server and component start side by side.
    lines.sort_unstable();
    insta::assert_snapshot!("status", lines.join("\n"));
}

#[test]
fn quiet_leaves_the_addresses_alone() {
    let environment = greetings::environment();
    let mut system = System::start(greetings::dev(&environment, &["--quiet"]));
    eventually("the announcement", || {
        system.stdout().contains("NATS").then_some(())
    });
    assert_eq!(system.end("INT").code(), Some(130));
    assert_eq!(system.stderr(), "");
}

#[test]
fn a_reader_that_leaves_after_the_announcement_does_not_end_the_system() {
    let environment = greetings::environment();
    let mut child = greetings::dev(&environment, &["-o", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    let mut system = System::of(child);
    let lock = environment.project().join(".ratectl/dev/lock");
    let port = eventually("the lock's address", || {
        let holder: serde_json::Value = serde_json::from_slice(&std::fs::read(&lock).ok()?).ok()?;
        holder["url"].as_str()?.rsplit(':').next()?.parse::<u16>().ok()
    });
    // The address is known before the proxy is connected.
    eventually("a greeting", || {
        let greeting = crate::client::get(&format!("127.0.0.1:{port}"), "/api/greetings/Ada");
        (greeting.status == 200).then_some(())
    });
    assert_eq!(system.end("INT").code(), Some(130));
}

#[test]
fn the_running_instance_lends_its_server_to_the_streams_commands() {
    let environment = greetings::environment();
    let mut system = greetings::start(&environment);
    system.ready();
    let same: Ended = environment.run(&["streams", "diff"]);
    assert_eq!((same.code, same.stdout.as_str()), (Some(0), ""), "{same}");
    let listed = environment.run(&["streams", "ls"]);
    assert!(
        listed.stdout.contains("GREETINGS") && listed.stdout.contains("  greeter"),
        "{listed}"
    );
}
