//! The test bed itself: servers start, come back with what they stored, and never outlive the process that needs them.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod nats;
mod orphans;
mod postgres;

use std::time::{Duration, Instant};

/// Waits until a condition holds; fails the test when it does not within a generous time.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(
            started.elapsed() < Duration::from_mins(1),
            "never happened: {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process exists (a zombie nobody has reaped yet does not count).
fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").map(|(_, rest)| rest.starts_with('Z'));
    state == Some(false)
}
