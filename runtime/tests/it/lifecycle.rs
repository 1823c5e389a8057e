//! The stop as the operating system asks for it.

use std::{future::pending, process::Command, time::Duration};

use runtime::lifecycle::{Reason, Shutdown, Signal};
use tokio::time::timeout;

use crate::http::client::PATIENCE;

fn send(signal: &str) {
    let kill = format!("kill -{signal} {}", std::process::id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

#[tokio::test]
async fn the_first_sigterm_drains_and_the_second_ends() {
    let shutdown = Shutdown::new();
    // From here on the signals no longer kill this test process.
    shutdown.watch_signals(Duration::from_hours(1)).unwrap();
    shutdown.spawn(pending());
    send("TERM");
    timeout(PATIENCE, shutdown.draining()).await.unwrap();
    assert_eq!(shutdown.reason(), Some(&Reason::Signal(Signal::Terminate)));
    assert!(!shutdown.is_ended());
    send("INT");
    let reason = timeout(PATIENCE, shutdown.finished()).await.unwrap();
    assert_eq!(reason, Reason::Signal(Signal::Terminate));
    assert!(shutdown.is_ended());
}
