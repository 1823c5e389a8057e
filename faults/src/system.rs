//! The system under fault: nats-server, proxy and worker, each a process of its own.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use testbed::Program;
use testbed::nats::Server;

use crate::Error;
use crate::client::{Client, Message};
use crate::stage::Stage;
use crate::writer::DEADLINES;

/// How long anything may take to come true; generous, for a machine that does much else.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is looked at meanwhile.
pub const POLL: Duration = Duration::from_millis(5);

/// Everything that runs.
#[derive(Debug)]
pub struct System {
    /// The server, to be killed and paused.
    pub server: Server,
    /// Where the proxy listens.
    pub address: SocketAddr,
    /// This crate's program, which can be a proxy or a worker.
    program: PathBuf,
    proxy: Program,
    worker: Program,
    folder: TempDir,
}

impl System {
    /// Starts everything; `program` is this crate's own.
    ///
    /// # Errors
    ///
    /// When a process cannot be started.
    pub async fn start(program: &Path) -> Result<Self, Error> {
        let server = Server::start()?;
        server.apply_repository().await?;
        let folder = TempDir::new().map_err(Error::Program)?;
        let address = free_address()?;
        let routes = write_routes(folder.path()).map_err(Error::Program)?;
        let words = [
            "proxy".to_owned(),
            server.url(),
            address.to_string(),
            routes.display().to_string(),
        ];
        let proxy = Program::start(program, words, [])?;
        let worker = start_worker(program, &server, folder.path(), None)?;
        let mut system = Self {
            server,
            address,
            program: program.to_owned(),
            proxy,
            worker,
            folder,
        };
        system.wait_until_it_answers().await?;
        Ok(system)
    }

    async fn wait_until_it_answers(&mut self) -> Result<(), Error> {
        let (mut client, begin) = (Client::new(self.address), Instant::now());
        let list = Message::get("/services".to_owned());
        while !client.send(&list, DEADLINES[0]).await.0.is_success() {
            self.check_alive()?;
            if begin.elapsed() > PATIENCE {
                return Err(self.waited("the system's first answer"));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        database(self.folder.path())
    }

    /// Lets the worker finish its work and starts another, which kills itself when it reaches `stage` for the
    /// `passage`-th time.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn replace_worker(&mut self, armed: Option<(Stage, u32)>) -> Result<(), Error> {
        self.worker.stop()?;
        self.worker = start_worker(&self.program, &self.server, self.folder.path(), armed)?;
        Ok(())
    }

    /// Waits until the worker has killed itself.
    ///
    /// # Errors
    ///
    /// When it has not after a minute.
    pub async fn wait_for_the_workers_death(&mut self) -> Result<(), Error> {
        let begin = Instant::now();
        while !self.worker.ended()? {
            if begin.elapsed() > PATIENCE {
                return Err(self.waited("the worker's death"));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Fails if a process has ended that nobody killed.
    ///
    /// # Errors
    ///
    /// Names it.
    pub fn check_alive(&mut self) -> Result<(), Error> {
        if self.proxy.ended()? || self.worker.ended()? {
            return Err(self.waited("a life of proxy and worker without a crash"));
        }
        Ok(())
    }

    /// How often messages were delivered again, so far: deliveries beyond the messages delivered.
    ///
    /// # Errors
    ///
    /// When the server does not answer.
    pub async fn redeliveries(&self) -> Result<u64, Error> {
        let answer = self
            .server
            .jetstream("CONSUMER.INFO.REQUESTS.rating-service", &json!({}))
            .await?;
        let delivered = |field| answer["delivered"][field].as_u64().unwrap_or(0);
        Ok(delivered("consumer_seq").saturating_sub(delivered("stream_seq")))
    }

    /// An error for a condition that did not come true.
    pub fn waited(&self, what: &str) -> Error {
        let logs = format!("proxy:\n{}\nworker:\n{}", self.proxy.log(), self.worker.log());
        Error::Waited {
            what: what.to_owned(),
            waited: PATIENCE,
            logs,
        }
    }
}

/// The system's own routes, with time for the writers' longest deadline.
fn write_routes(folder: &Path) -> std::io::Result<PathBuf> {
    let routes = std::fs::read_to_string(testbed::repository().join("manifests/proxy/routes.yaml"))?;
    let path = folder.join("routes.yaml");
    std::fs::write(&path, routes.replace("timeout: 5s", "timeout: 12s"))?;
    Ok(path)
}

fn database(folder: &Path) -> PathBuf {
    folder.join("ratings.db")
}

fn start_worker(
    program: &Path,
    server: &Server,
    folder: &Path,
    armed: Option<(Stage, u32)>,
) -> Result<Program, Error> {
    let mut words = vec![
        "worker".to_owned(),
        server.url(),
        database(folder).display().to_string(),
    ];
    if let Some((stage, passage)) = armed {
        words.extend([
            "--die".to_owned(),
            stage.word().to_owned(),
            "--passage".to_owned(),
            passage.to_string(),
        ]);
    }
    Ok(Program::start(program, words, [])?)
}

/// An address nobody listens on now.
fn free_address() -> Result<SocketAddr, Error> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(Error::Program)
}
