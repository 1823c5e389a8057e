//! The system as separate processes: nats-server, proxy, and a worker that echoes or keeps ratings.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use testbed::Program;
use testbed::nats::Server;

use crate::Error;
use crate::accounting::Process;
use crate::http::{Exchange, Workload as _};
use crate::sample::Sample;

/// How long a program may take until the whole system answers.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How often it is asked meanwhile.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// A running system.
#[derive(Debug)]
pub struct Stack {
    /// Where the proxy listens for requests.
    pub address: SocketAddr,
    server: Server,
    proxy: Program,
    worker: Program,
}

/// Which worker answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// Gives back the body it gets; see [`crate::echo`].
    Echo,
    /// The rating service on SQLite.
    Rating,
}

impl Stack {
    /// Starts everything and waits until a request is answered.
    ///
    /// # Errors
    ///
    /// When a program is not built, does not start or does not answer.
    pub async fn start(worker: Worker) -> Result<Self, Error> {
        let server = Server::start()?;
        server.apply_repository().await?;
        let (address, admin) = (free_address()?, free_address()?);
        let proxy = start_proxy(&server.url(), address, admin)?;
        let worker_program = start_worker(worker, &server.url())?;
        let mut stack = Self {
            address,
            server,
            proxy,
            worker: worker_program,
        };
        stack.wait_until_it_answers().await?;
        Ok(stack)
    }

    /// Everything that runs, and the load generator.
    pub fn processes(&self) -> Vec<Process> {
        let process = |name, pid| Process { name, pid };
        vec![
            process("nats-server", self.server.pid()),
            self.proxy(),
            process("worker", self.worker.pid()),
            Process::own("generator"),
        ]
    }

    /// Where nats-server listens.
    pub fn nats_url(&self) -> String {
        self.server.url()
    }

    /// The proxy's process.
    pub fn proxy(&self) -> Process {
        Process {
            name: "proxy",
            pid: self.proxy.pid(),
        }
    }

    /// Ends the worker, so that nobody answers any more.
    ///
    /// # Errors
    ///
    /// When it cannot be ended.
    pub fn stop_worker(&mut self) -> Result<(), Error> {
        Ok(self.worker.stop()?)
    }

    /// Any answer of a worker will do: one that refuses the sample is at work, too.
    async fn wait_until_it_answers(&mut self) -> Result<(), Error> {
        let mut request = Vec::new();
        Sample.write_next(&mut request);
        let begin = Instant::now();
        loop {
            if let Ok(mut exchange) = Exchange::open(self.address).await
                && exchange.send(&request).await.is_ok_and(|status| status < 500)
            {
                return Ok(());
            }
            let ended = [("proxy", self.proxy.ended()?), ("worker", self.worker.ended()?)];
            let dead = ended.iter().find(|(_, ended)| *ended).map(|(name, _)| *name);
            if dead.is_some() || begin.elapsed() > READY_WITHIN {
                return Err(Error::NotReady {
                    program: dead.unwrap_or("the whole system").to_owned(),
                    waited: READY_WITHIN,
                    log: format!("proxy:\n{}\nworker:\n{}", self.proxy.log(), self.worker.log()),
                });
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }
}

/// An address nobody listens on now.
fn free_address() -> Result<SocketAddr, Error> {
    let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    bound.map_err(|source| Error::Connect {
        address: "a free port of 127.0.0.1".into(),
        source,
    })
}

fn start_proxy(nats: &str, address: SocketAddr, admin: SocketAddr) -> Result<Program, Error> {
    let routes = testbed::repository().join("manifests/proxy/routes.yaml");
    let environment = [
        ("PROXY_NATS__URLS", nats.to_owned()),
        ("PROXY_LISTEN", address.to_string()),
        ("PROXY_ADMIN_LISTEN", admin.to_string()),
        ("PROXY_ROUTES", routes.display().to_string()),
        // All clients are of one address.
        ("PROXY_FEED__MAX_CLIENTS_PER_ADDRESS", "5000".to_owned()),
    ];
    Ok(Program::start(
        &beside("http-to-nats-proxy", "proxy")?,
        [] as [&str; 0],
        environment,
    )?)
}

fn start_worker(worker: Worker, nats: &str) -> Result<Program, Error> {
    match worker {
        Worker::Echo => {
            let own = own()?;
            Ok(Program::start(&own, ["echo-worker", nats], [])?)
        }
        Worker::Rating => {
            let environment = [
                ("RATING_NATS__URLS", nats.to_owned()),
                ("RATING_DATABASE__URL", "sqlite:ratings.db".to_owned()),
                ("RATING_ADMIN_LISTEN", free_address()?.to_string()),
            ];
            let program = beside("rating-service", "rating-service")?;
            Ok(Program::start(&program, [] as [&str; 0], environment)?)
        }
    }
}

/// The benchmark's own program.
fn own() -> Result<PathBuf, Error> {
    std::env::current_exe().map_err(|source| Error::Start {
        program: "the benchmark itself".into(),
        source,
    })
}

/// A program of the workspace, built in the same way as the benchmark's own.
fn beside(name: &str, package: &'static str) -> Result<PathBuf, Error> {
    let path = own()?.parent().unwrap_or(Path::new(".")).join(name);
    if path.is_file() {
        Ok(path)
    } else {
        Err(Error::NotBuilt { path, package })
    }
}
