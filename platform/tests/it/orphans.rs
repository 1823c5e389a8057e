//! Nothing outlives the program that started it, not even when that is killed.

#![cfg(target_os = "linux")]

use std::path::Path;

use rustix::process::Signal;

use crate::family;
use crate::host::Host;
use crate::script::mark;

/// A component that ignores SIGTERM, with a child, and a grandchild in a session of its own.
const PROJECT: &str = r#"
components:
  stubborn:
    dev:
      command:
        - /bin/sh
        - -c
        - |
          trap '' TERM; sleep 4001 & setsid sh -c "trap '' TERM; sleep 4002; :" & sleep 4003; :
"#;

fn started(folder: &Path, mark: &str) -> Host {
    std::fs::write(folder.join("ratectl.yaml"), PROJECT).unwrap();
    let host = Host::start(folder, mark);
    host.wait_for("ready", "stubborn");
    for text in ["sleep 4001", "sleep 4002", "sleep 4003", "nats-server --config"] {
        family::wait_for(mark, text);
    }
    host
}

#[test]
fn a_killed_host_leaves_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let mark = mark("host-killed");
    let mut host = started(folder.path(), &mark);
    host.kill();
    family::wait_until_gone(&mark);
}

/// A component that is one process and ignores SIGTERM.
const SINGLE: &str =
    r#"components: {single: {dev: {command: [/bin/sh, -c, "trap '' TERM; exec sleep 4005"]}}}"#;

#[test]
fn a_host_killed_together_with_its_guards_leaves_no_component() {
    let folder = tempfile::tempdir().unwrap();
    let mark = mark("all-killed");
    std::fs::write(folder.path().join("ratectl.yaml"), SINGLE).unwrap();
    let mut host = Host::start(folder.path(), &mark);
    host.wait_for("ready", "single");
    family::wait_for(&mark, "sleep 4005");
    let is_guard = |(id, command): (i32, String)| command.contains("__guard").then_some(id);
    let guards: Vec<i32> = family::members(&mark).into_iter().filter_map(is_guard).collect();
    assert_eq!(guards.len(), 2, "one for the component, one for nats-server");
    // Paused, so that they can do nothing between the two deaths.
    for guard in &guards {
        family::signal(*guard, Signal::STOP);
    }
    host.kill();
    for guard in &guards {
        family::signal(*guard, Signal::KILL);
    }
    family::wait_until_gone(&mark);
}

#[test]
fn a_host_started_at_once_after_a_kill_waits_for_the_old_one_to_be_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (mark("old"), mark("new"));
    started(folder.path(), &first).kill();
    let mut host = Host::start(folder.path(), &second);
    host.wait_for("ready", "nats-server");
    assert_eq!(family::members(&first), [], "two servers on one store");
    host.stop();
    assert_eq!(family::members(&second), []);
}
