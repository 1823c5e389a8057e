//! A real PostgreSQL cluster, as a child of this process.

mod account;
mod binaries;

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::Error;
use crate::guard::{self, Guard, Plan};

pub use binaries::find;

/// How long a cluster may take to start; generous, for a machine that does much else.
const READY_WITHIN: Duration = Duration::from_mins(1);
/// How often a condition is looked at while waiting for it.
const POLL: Duration = Duration::from_millis(10);
/// How often another port is tried when somebody was faster.
const ATTEMPTS: u32 = 10;
/// The message that asks a server for TLS (PostgreSQL protocol 3.0, `SSLRequest`): any server answers with one byte.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A running cluster without passwords and without fsync. Dropping it ends it and removes its data.
#[derive(Debug)]
pub struct Cluster {
    guard: Guard,
    address: SocketAddr,
    binaries: PathBuf,
    databases: AtomicU32,
    folder: TempDir,
}

impl Cluster {
    /// Makes and starts a cluster on a free loopback port, as another user when this process is root's.
    pub fn start() -> Result<Self, Error> {
        let binaries = find()?;
        let user = account::unprivileged()?;
        let folder = tempfile::Builder::new()
            .prefix("testbed-postgres-")
            .tempdir()
            .map_err(Error::io("make a folder for PostgreSQL"))?;
        if let Some((user, group)) = user {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group))
                .map_err(Error::io("hand PostgreSQL's folder to its user"))?;
        }
        initialise(&binaries, folder.path(), user)?;
        let mut attempt = 1;
        let (guard, address) = loop {
            match launch(&binaries, folder.path(), user) {
                Err(Error::Ended { .. }) if attempt < ATTEMPTS => attempt += 1,
                other => break other?,
            }
        };
        Ok(Self {
            guard,
            address,
            binaries,
            databases: AtomicU32::new(0),
            folder,
        })
    }

    /// Creates an empty database and returns its URL, e.g. `postgres://postgres@127.0.0.1:40123/test_1`.
    pub fn create_database(&self) -> Result<String, Error> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed) + 1);
        let mut command = Command::new(self.binaries.join("createdb"));
        command.args([
            "-h",
            &self.address.ip().to_string(),
            "-p",
            &self.address.port().to_string(),
        ]);
        command.args(["-U", "postgres", &name]);
        run(command, &format!("create database {name}"))?;
        Ok(format!("postgres://postgres@{}/{name}", self.address))
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.guard.pid().as_raw_nonzero().get().unsigned_abs()
    }

    /// The server's log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(log_path(self.folder.path())).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGQUIT is PostgreSQL's immediate shutdown: unlike SIGKILL it frees the shared memory.
        drop(self.guard.end(Signal::QUIT));
    }
}

fn log_path(folder: &Path) -> PathBuf {
    folder.join("postgres.log")
}

fn initialise(binaries: &Path, folder: &Path, user: Option<(u32, u32)>) -> Result<(), Error> {
    let mut command = Command::new(binaries.join("initdb"));
    command.arg("-D").arg(folder.join("data")).current_dir(folder);
    command.args([
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    run(command, "initialise a PostgreSQL cluster")
}

fn run(mut command: Command, action: &str) -> Result<(), Error> {
    let output = command.output().map_err(Error::io(action))?;
    if output.status.success() {
        return Ok(());
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Refused {
        action: action.to_owned(),
        reason,
    })
}

/// Starts the server on a port that is free now and waits until it takes connections; [`Error::Ended`] if the port is gone.
fn launch(binaries: &Path, folder: &Path, user: Option<(u32, u32)>) -> Result<(Guard, SocketAddr), Error> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(Error::io("find a free port"))?;
    let data = folder.join("data");
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={}", address.port()),
        "unix_socket_directories=".to_owned(),
        "fsync=off".to_owned(),
        "full_page_writes=off".to_owned(),
        "shared_buffers=16MB".to_owned(),
        "max_connections=200".to_owned(),
    ];
    let mut arguments = vec![OsString::from("-D"), data.clone().into_os_string()];
    arguments.extend(
        settings
            .iter()
            .flat_map(|setting| [OsString::from("-c"), OsString::from(setting)]),
    );
    let plan = Plan {
        program: binaries.join("postgres"),
        arguments,
        user,
        folder: folder.to_owned(),
        log: log_path(folder),
        signal: "QUIT",
    };
    let mut guard = Guard::spawn(&plan)?;
    let started = Instant::now();
    while !(says_ready(&data) && answers(address)) {
        let program = "PostgreSQL".to_owned();
        if guard.ended()? {
            return Err(Error::Ended {
                program,
                log: guard::tail(&plan.log),
            });
        }
        if started.elapsed() > READY_WITHIN {
            guard.end(Signal::QUIT)?;
            return Err(Error::NotReady {
                program,
                waited: READY_WITHIN,
                log: guard::tail(&plan.log),
            });
        }
        std::thread::sleep(POLL);
    }
    Ok((guard, address))
}

/// Whether the last line of the lock file is the status `ready`.
fn says_ready(data: &Path) -> bool {
    let lock = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    lock.lines().nth(7).is_some_and(|status| status.trim() == "ready")
}

/// Whether a PostgreSQL server answers at the address.
fn answers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(&address, READY_WITHIN) else {
        return false;
    };
    let mut answer = [0];
    stream.set_read_timeout(Some(READY_WITHIN)).is_ok()
        && stream.write_all(&SSL_REQUEST).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && matches!(answer[0], b'S' | b'N')
}
