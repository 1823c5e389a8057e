//! The processes of a system: found by the temporary folder they work in.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long to wait for what must happen, on however busy a machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Looks again and again until `look` finds something.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            Instant::now() < until,
            "{what} has not happened within {PATIENCE:?}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The processes (but this one) that work in `folder` or have it on their command line.
pub(crate) fn below(folder: &Path) -> Vec<String> {
    let name = folder.display().to_string();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| *pid != std::process::id())
        .filter_map(|pid| {
            let cwd = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(folder));
            let command =
                String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/cmdline")).ok()?).replace('\0', " ");
            // A zombie has neither, and is nobody's burden but its parent's.
            (cwd || command.contains(&name)).then(|| format!("{pid}: {command}"))
        })
        .collect()
}

/// Waits until no process works in `folder` any more.
pub(crate) fn all_gone(folder: &Path) {
    let mut left = Vec::new();
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        left = below(folder);
        if left.is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("still running: {left:#?}");
}
