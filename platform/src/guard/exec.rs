//! The last stage before the command: asks for SIGKILL on the guard's death, then becomes the command.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

/// The argument that makes this program the stage.
pub(super) const EXEC: &str = "exec";
/// As a shell says that a command could not be run.
const NOT_RUN: u8 = 126;
/// The guard was started by hand, with arguments it does not know.
pub(super) const MISUSED: u8 = 2;

/// `arguments`: the guard's process id, the program, its arguments.
pub(super) fn run(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let guard = arguments.next().and_then(|id| id.to_str()?.parse::<i32>().ok());
    let (Some(guard), Some(program)) = (guard, arguments.next()) else {
        return ExitCode::from(MISUSED);
    };
    if !die_with(guard) {
        return ExitCode::from(NOT_RUN);
    }
    let error = Command::new(&program).args(arguments).exec();
    // Standard error is the component's own: this is the only way to say why nothing came of it.
    drop(writeln!(
        std::io::stderr(),
        "cannot run {}: {error}",
        program.display()
    ));
    ExitCode::from(NOT_RUN)
}

/// False when the guard has gone already: its death came before the kernel was asked.
#[cfg(target_os = "linux")]
fn die_with(guard: i32) -> bool {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};

    set_parent_process_death_signal(Some(Signal::KILL)).is_ok()
        && getppid().is_some_and(|parent| parent.as_raw_nonzero().get() == guard)
}

/// Only Linux has such a signal; elsewhere the guard alone has to do.
#[cfg(not(target_os = "linux"))]
fn die_with(_guard: i32) -> bool {
    true
}
