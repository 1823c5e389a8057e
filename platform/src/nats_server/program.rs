//! nats-server as a supervised child: JetStream in a folder of ours, on the loopback address alone.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;

use super::{Binary, NAME};
use crate::supervise::{Launch, LaunchError, Probe, Program};

/// More than any greeting of a server is long.
const LONGEST_GREETING: u64 = 64 * 1024;

/// A nats-server with its folder.
#[derive(Debug)]
pub(crate) struct NatsServer {
    binary: Binary,
    /// Configuration, ports file and, in `jetstream`, the data.
    folder: PathBuf,
    port: Option<u16>,
    /// The port of the first start: clients know no other.
    learned: Arc<OnceLock<u16>>,
}

impl NatsServer {
    /// A server with its data in `folder`, on `port` or any that is free.
    pub(crate) fn new(binary: Binary, folder: PathBuf, port: Option<u16>) -> Self {
        Self {
            binary,
            folder,
            port,
            learned: Arc::new(OnceLock::new()),
        }
    }

    fn prepare(&self) -> io::Result<PathBuf> {
        std::fs::create_dir_all(self.folder.join("jetstream"))?;
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            // Of an earlier server: it would tell an old port.
            if path.extension().is_some_and(|extension| extension == "ports") {
                std::fs::remove_file(path)?;
            }
        }
        let port = self
            .learned
            .get()
            .copied()
            .or(self.port)
            .map_or("-1".to_owned(), |port| port.to_string());
        let file = self.folder.join("nats-server.conf");
        std::fs::write(&file, configuration(&self.folder, &port))?;
        Ok(file)
    }
}

/// A disk that fills up is noticed when it does; the default, a share of what is free at the start, would refuse
/// streams whose bounds are larger than that, however little they hold.
fn configuration(folder: &Path, port: &str) -> String {
    format!(
        "listen: \"{address}:{port}\"\nserver_name: ratectl-dev\nports_file_dir: {folder}\n\
         jetstream {{ store_dir: {store}, max_file: 1TB }}\n",
        address = Ipv4Addr::LOCALHOST,
        folder = quoted(folder),
        store = quoted(&folder.join("jetstream")),
    )
}

/// A path as a string of the configuration.
fn quoted(path: &Path) -> String {
    let text = path
        .display()
        .to_string()
        .replace('\\', r"\\")
        .replace('"', "\\\"");
    format!("\"{text}\"")
}

impl Program for NatsServer {
    fn name(&self) -> &str {
        NAME
    }

    fn launch(&mut self) -> BoxFuture<'_, Result<Launch, LaunchError>> {
        let launch = self.prepare().map(|configuration| Launch {
            program: self.binary.path.clone(),
            arguments: vec!["--config".into(), configuration.into()],
            env: Vec::new(),
            directory: self.folder.clone(),
            probe: Box::new(Greeting {
                folder: self.folder.clone(),
                learned: Arc::clone(&self.learned),
            }),
        });
        let launch = launch.map_err(|error| {
            LaunchError(format!(
                "cannot prepare the folder {} of nats-server: {error}",
                self.folder.display()
            ))
        });
        Box::pin(std::future::ready(launch))
    }
}

/// Reads the port the server chose, then lets the server greet: the first line of the protocol says what it can do.
#[derive(Debug)]
struct Greeting {
    folder: PathBuf,
    learned: Arc<OnceLock<u16>>,
}

impl Greeting {
    async fn greet(&self) -> Result<String, String> {
        let address = client_address(&self.folder).ok_or("it has not said yet on which port it listens")?;
        let line = read_greeting(address)
            .await
            .map_err(|error| format!("{address} does not answer: {error}"))?;
        let info = line
            .strip_prefix("INFO ")
            .ok_or("it does not speak the NATS protocol")?;
        let info: Value =
            serde_json::from_str(info).map_err(|error| format!("cannot read its greeting: {error}"))?;
        if info.get("jetstream") != Some(&Value::Bool(true)) {
            return Err("its JetStream is not enabled; its log says why".to_owned());
        }
        // The first port stays the port; a second setting cannot differ.
        let _ = self.learned.set(address.port());
        Ok(format!("nats://{address}"))
    }
}

impl Probe for Greeting {
    fn ask(&mut self) -> BoxFuture<'_, Result<Option<String>, String>> {
        Box::pin(async { self.greet().await.map(Some) })
    }
}

/// From the ports file; `None` until that is whole.
fn client_address(folder: &Path) -> Option<SocketAddr> {
    let mut entries = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    let file = entries.find(|path| path.extension().is_some_and(|extension| extension == "ports"))?;
    let ports: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    ports
        .pointer("/nats/0")?
        .as_str()?
        .strip_prefix("nats://")?
        .parse()
        .ok()
}

async fn read_greeting(address: SocketAddr) -> io::Result<String> {
    let stream = TcpStream::connect(address).await?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_GREETING))
        .read_line(&mut line)
        .await?;
    Ok(line)
}
