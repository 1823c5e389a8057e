//! A real nats-server with JetStream, as a child of this process.

mod binary;
mod cluster;
mod definitions;

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use contract::definition::Definitions;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::Error;
use crate::guard::{self, Guard, Plan};

pub use binary::find;
pub use definitions::definitions;

/// How long a server may take to answer; generous, for a machine that does much else.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How often a condition is looked at while waiting for it.
const POLL: Duration = Duration::from_millis(5);

/// A running (or killed, or paused) nats-server. Dropping it kills it and removes its store.
#[derive(Debug)]
pub struct Server {
    guard: Guard,
    address: SocketAddr,
    configuration: String,
    program: PathBuf,
    folder: TempDir,
}

impl Server {
    /// Starts a server on a free loopback port with JetStream and no authentication, ready for clients.
    pub fn start() -> Result<Self, Error> {
        Self::start_with("")
    }

    /// As [`start`](Self::start), with more lines of nats-server configuration, e.g. an `authorization` block.
    pub fn start_with(configuration: &str) -> Result<Self, Error> {
        let program = find()?;
        let folder = tempfile::Builder::new()
            .prefix("testbed-nats-")
            .tempdir()
            .map_err(Error::io("make a folder for nats-server"))?;
        let configuration = configuration.to_owned();
        let (guard, address) = launch(&program, folder.path(), "-1", &configuration)?;
        Ok(Self {
            guard,
            address,
            configuration,
            program,
            folder,
        })
    }

    /// The URL clients connect to, e.g. `nats://127.0.0.1:40123`; stays the same over restarts.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// The address clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.guard.pid().as_raw_nonzero().get().unsigned_abs()
    }

    /// The server's log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(log_path(self.folder.path())).unwrap_or_default()
    }

    /// SIGKILL: the server is gone, its store stays. [`restart`](Self::restart) brings it back.
    pub fn kill(&mut self) -> Result<(), Error> {
        self.guard.end(Signal::KILL)
    }

    /// SIGTERM: the server says goodbye to its clients and ends; its store stays.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.guard.end(Signal::TERM)
    }

    /// Kills the server if it runs and starts it again with the same port and store; ready for clients on return.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.kill()?;
        let port = self.address.port().to_string();
        let started = Instant::now();
        loop {
            match launch(&self.program, self.folder.path(), &port, &self.configuration) {
                Ok((guard, _)) => {
                    self.guard = guard;
                    return Ok(());
                }
                // Somebody's outgoing connection may hold the port for a moment.
                Err(Error::Ended { .. }) if started.elapsed() < READY_WITHIN => {
                    std::thread::sleep(Duration::from_millis(100));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// SIGSTOP: connections stay open, nothing is answered from the return of this call on.
    pub fn pause(&self) -> Result<(), Error> {
        self.guard.pause()
    }

    /// SIGCONT: ends [`pause`](Self::pause).
    pub fn resume(&self) -> Result<(), Error> {
        self.guard.signal(Signal::CONT)
    }

    /// A plain client of this server (no authentication).
    pub async fn client(&self) -> Result<async_nats::Client, Error> {
        async_nats::connect(self.url())
            .await
            .map_err(|error| Error::Refused {
                action: format!("connect to {}", self.url()),
                reason: error.to_string(),
            })
    }

    /// Creates or updates these streams and consumers.
    pub async fn apply(&self, definitions: &Definitions) -> Result<(), Error> {
        definitions::apply(&self.client().await?, definitions).await
    }

    /// The repository's own streams and consumers, applied.
    pub async fn apply_repository(&self) -> Result<(), Error> {
        self.apply(&definitions()?).await
    }

    /// One request to the JetStream API, e.g. `STREAM.INFO.REQUESTS`, and its JSON answer.
    pub async fn jetstream(&self, verb: &str, body: &Value) -> Result<Value, Error> {
        definitions::call(&self.client().await?, verb, body).await
    }
}

fn log_path(folder: &Path) -> PathBuf {
    folder.join("nats-server.log")
}

/// Starts the program and waits until it greets clients.
fn launch(program: &Path, folder: &Path, port: &str, extra: &str) -> Result<(Guard, SocketAddr), Error> {
    let configuration = folder.join("nats-server.conf");
    let text = format!(
        "listen: \"127.0.0.1:{port}\"\nports_file_dir: \"{folder}\"\n\
         jetstream {{ store_dir: \"{folder}/store\", max_mem: 1GB, max_file: 16GB }}\n{extra}\n",
        folder = folder.display(),
    );
    std::fs::write(&configuration, text).map_err(Error::io("write nats-server's configuration"))?;
    let plan = Plan {
        program: program.to_owned(),
        arguments: vec![OsString::from("--config"), configuration.into_os_string()],
        user: None,
        folder: folder.to_owned(),
        log: log_path(folder),
        signal: "KILL",
    };
    let mut guard = Guard::spawn(&plan)?;
    let ports = format!("_{}.ports", guard.pid().as_raw_nonzero());
    let started = Instant::now();
    loop {
        if let Some(address) = read_ports(folder, &ports).filter(greets) {
            return Ok((guard, address));
        }
        let name = || "nats-server".to_owned();
        if guard.ended()? {
            return Err(Error::Ended {
                program: name(),
                log: guard::tail(&plan.log),
            });
        }
        if started.elapsed() > READY_WITHIN {
            guard.end(Signal::KILL)?;
            return Err(Error::NotReady {
                program: name(),
                waited: READY_WITHIN,
                log: guard::tail(&plan.log),
            });
        }
        std::thread::sleep(POLL);
    }
}

/// The client address out of the ports file this process wrote; `None` until it is whole.
fn read_ports(folder: &Path, suffix: &str) -> Option<SocketAddr> {
    let mut entries = std::fs::read_dir(folder).ok()?.flatten();
    let file = entries.find(|entry| entry.file_name().to_string_lossy().ends_with(suffix))?;
    let ports: Value = serde_json::from_slice(&std::fs::read(file.path()).ok()?).ok()?;
    ports
        .pointer("/nats/0")?
        .as_str()?
        .strip_prefix("nats://")?
        .parse()
        .ok()
}

/// Whether the server sends the protocol's first line and offers JetStream in it.
fn greets(address: &SocketAddr) -> bool {
    let Ok(stream) = TcpStream::connect_timeout(address, READY_WITHIN) else {
        return false;
    };
    if stream.set_read_timeout(Some(READY_WITHIN)).is_err() {
        return false;
    }
    let mut line = String::new();
    let read = BufReader::new(stream).read_line(&mut line);
    read.is_ok() && line.starts_with("INFO ") && line.contains("\"jetstream\":true")
}

impl Drop for Server {
    fn drop(&mut self) {
        // The folder's own drop removes the store afterwards.
        drop(self.guard.end(Signal::KILL));
    }
}
