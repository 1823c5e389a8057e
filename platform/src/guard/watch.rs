//! The guard itself.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use super::{ARGUMENT, Report, descendants, exec};

/// The argument that makes this program a guard.
pub(super) const WATCH: &str = "watch";

struct Plan {
    grace: Duration,
    /// The file to hold a shared lock of; empty for none.
    hold: PathBuf,
    program: PathBuf,
    arguments: Vec<OsString>,
}

/// `arguments`: milliseconds of grace, a file to lock (or nothing), the program, its arguments. Standard input is the socket to `ratectl`.
pub(super) fn run(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let grace = arguments
        .next()
        .and_then(|grace| grace.to_str()?.parse().ok())
        .map(Duration::from_millis);
    let (Some(grace), Some(hold), Some(program)) = (grace, arguments.next(), arguments.next()) else {
        return ExitCode::from(exec::MISUSED);
    };
    let plan = Plan {
        grace,
        hold: hold.into(),
        program: program.into(),
        arguments: arguments.collect(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(watch(&plan))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(
                io::stderr(),
                "cannot guard {}: {error}",
                plan.program.display()
            ));
            ExitCode::FAILURE
        }
    }
}

async fn watch(plan: &Plan) -> io::Result<()> {
    rename()?;
    descendants::adopt()?;
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    socket.set_nonblocking(true)?;
    let mut reports = socket.try_clone()?;
    let mut socket = tokio::net::UnixStream::from_std(socket)?;
    // Before the child exists, so that none of them can come in between.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;

    let _held = hold(&plan.hold)?;
    // One whose ratectl has gone in the meantime would start something behind the back of the next ratectl.
    if is_closed(&socket)? {
        return Ok(());
    }
    let mut child = start(plan)?;
    let group = group_of(&child)?;
    report(&mut reports, Report::Pid(group.as_raw_nonzero().get()));
    let ended = tokio::select! {
        status = child.wait() => Some(status?),
        () = closed(&mut socket) => None,
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        _ = hangup.recv() => None,
    };
    let status = match ended {
        Some(status) => status,
        None => stop(&mut child, group, plan.grace).await?,
    };
    // Whatever the command has left behind.
    let _ = kill_process_group(group, Signal::KILL);
    descendants::end();
    report(&mut reports, ending(status));
    Ok(())
}

/// A kill by name is for ratectl, not for what cleans up after it.
#[cfg(target_os = "linux")]
fn rename() -> io::Result<()> {
    Ok(rustix::thread::set_name(c"dev-guard")?)
}

/// Elsewhere a process keeps its name.
#[cfg(not(target_os = "linux"))]
fn rename() -> io::Result<()> {
    Ok(())
}

/// A shared lock of the file, for as long as the result lives.
fn hold(path: &Path) -> io::Result<Option<File>> {
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    file.lock_shared()?;
    Ok(Some(file))
}

fn is_closed(socket: &tokio::net::UnixStream) -> io::Result<bool> {
    match socket.try_read(&mut [0; 1]) {
        Ok(read) => Ok(read == 0),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}

/// Starts the command, by way of the exec stage, in a process group of its own.
fn start(plan: &Plan) -> io::Result<Child> {
    Command::new(super::this_program()?)
        .args([ARGUMENT, exec::EXEC])
        .arg(std::process::id().to_string())
        .arg(&plan.program)
        .args(&plan.arguments)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
}

fn group_of(child: &Child) -> io::Result<Pid> {
    let id = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    id.ok_or_else(|| io::Error::other("the child has no process id"))
}

/// Until the other end is closed. `ratectl` sends nothing.
async fn closed(socket: &mut tokio::net::UnixStream) {
    let mut ignored = [0; 64];
    while socket.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
}

async fn stop(child: &mut Child, group: Pid, grace: Duration) -> io::Result<ExitStatus> {
    // One that is stopped (SIGSTOP) has to run to end.
    let _ = kill_process_group(group, Signal::TERM);
    let _ = kill_process_group(group, Signal::CONT);
    if let Ok(status) = tokio::time::timeout(grace, child.wait()).await {
        return status;
    }
    let _ = kill_process_group(group, Signal::KILL);
    child.wait().await
}

fn ending(status: ExitStatus) -> Report {
    match (status.code(), status.signal()) {
        (Some(code), _) => Report::Exit(code),
        (None, signal) => Report::Signal(signal.unwrap_or_default()),
    }
}

/// Nobody to tell is fine: that is what this process is for.
fn report(socket: &mut UnixStream, report: Report) {
    drop(writeln!(socket, "{report}"));
}
