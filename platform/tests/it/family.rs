//! Finds processes by a mark in their environment, which every descendant inherits.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::host::LIMIT;

/// The variable that carries the mark.
pub(crate) const MARK: &str = "PLATFORM_TEST_MARK";

/// The living processes with that mark, by id and command line. Zombies have no environment any more.
pub(crate) fn members(mark: &str) -> Vec<(i32, String)> {
    let wanted = format!("{MARK}={mark}");
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let has_mark = |id: &i32| {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == wanted.as_bytes())
    };
    let command = |id: i32| {
        let words = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        (id, String::from_utf8_lossy(&words).replace('\0', " "))
    };
    ids.filter(has_mark).map(command).collect()
}

/// Waits until some member's command line contains a text; returns its id. Guards do not count: their command lines hold
/// those of their commands.
pub(crate) fn wait_for(mark: &str, text: &str) -> i32 {
    let began = Instant::now();
    let is_meant = |command: &str| command.contains(text) && !command.contains("__guard");
    loop {
        if let Some((id, _)) = members(mark).iter().find(|(_, command)| is_meant(command)) {
            return *id;
        }
        assert!(
            began.elapsed() < LIMIT,
            "no process '{text}' came up: {:?}",
            members(mark)
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until no process with that mark is left.
pub(crate) fn wait_until_gone(mark: &str) {
    let began = Instant::now();
    while !members(mark).is_empty() {
        assert!(began.elapsed() < LIMIT, "still there: {:?}", members(mark));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The parent of a process.
pub(crate) fn parent_of(id: i32) -> i32 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("PPid:"))
        .unwrap();
    line.trim().parse().unwrap()
}

/// A signal to one process.
pub(crate) fn signal(id: i32, signal: Signal) {
    kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
}
