//! A parent that is killed leaves neither a server nor a file behind.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use testbed::{nats, postgres};

use crate::{eventually, is_alive};

/// Runs in a process of its own, started and killed by the test below.
#[test]
#[ignore = "never ends: the other test of this module starts it and kills it"]
fn parent_that_never_ends() {
    let server = nats::Server::start().unwrap();
    println!("\nchild {}", server.pid());
    let paused = nats::Server::start().unwrap();
    paused.pause().unwrap();
    println!("child {}", paused.pid());
    let cluster = postgres::find().ok().map(|_| postgres::Cluster::start().unwrap());
    if let Some(cluster) = &cluster {
        println!("child {}", cluster.pid());
    }
    println!("ready");
    loop {
        std::thread::park();
    }
}

#[test]
fn children_end_and_their_folders_go_when_the_parent_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(folder.path(), everybody).unwrap();
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "orphans::parent_that_never_ends",
        ])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(parent.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut children = Vec::new();
    loop {
        let line = lines.next().expect("the parent says `ready` before it ends");
        match line.strip_prefix("child ") {
            Some(pid) => children.push(pid.parse().unwrap()),
            None if line == "ready" => break,
            None => {}
        }
    }
    assert!(children.len() >= 2);
    assert!(children.iter().all(|pid| is_alive(*pid)));

    parent.kill().unwrap();
    parent.wait().unwrap();
    eventually(&format!("every child of {children:?} has ended"), || {
        !children.iter().any(|pid| is_alive(*pid))
    });
    eventually("every folder is gone", || is_empty(folder.path()));
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}
