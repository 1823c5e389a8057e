//! Processes that have left the command's process group, but not its family.

/// From now on the orphans among our descendants become our children.
#[cfg(target_os = "linux")]
pub(super) fn adopt() -> std::io::Result<()> {
    Ok(rustix::process::set_child_subreaper(
        rustix::process::Pid::from_raw(1),
    )?)
}

/// Ends every child of this process and, as they come to us with their parents' death, every descendant.
#[cfg(target_os = "linux")]
pub(super) fn end() {
    use rustix::process::{Signal, WaitOptions, kill_process, wait};

    while !children().is_empty() {
        for child in children() {
            // Gone in the meantime is fine.
            let _ = kill_process(child, Signal::KILL);
        }
        // Reaps one; its own children are ours when this returns.
        if wait(WaitOptions::empty()).is_err() {
            return;
        }
    }
}

#[cfg(target_os = "linux")]
fn children() -> Vec<rustix::process::Pid> {
    let list = std::fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    list.split_whitespace()
        .filter_map(|id| rustix::process::Pid::from_raw(id.parse().ok()?))
        .collect()
}

/// Only Linux hands orphans to an ancestor.
#[cfg(not(target_os = "linux"))]
pub(super) fn adopt() -> std::io::Result<()> {
    Ok(())
}

/// See [`adopt`].
#[cfg(not(target_os = "linux"))]
pub(super) fn end() {}
