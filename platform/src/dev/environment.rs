//! A running system: what it stands on, what runs in it, and how it ends.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;

use super::lock::{self, Lock};
use super::programs::{ComponentProgram, Surroundings};
use super::{Error, Nats, Options};
use crate::event::Events;
use crate::nats_server::{self, NatsServer, Search};
use crate::project::Project;
use crate::streams::{self, Difference, JetStream};
use crate::supervise::{self, Backoff, Phase, Settings, Status, Supervised};

/// Where data lives in the project's folder.
const DATA_DIR: &str = ".ratectl/dev";
/// Between SIGTERM and SIGKILL for components. With nats-server's own, less than the two seconds a stop may take.
const COMPONENT_GRACE: Duration = Duration::from_secs(1);
/// Between SIGTERM and SIGKILL for nats-server, which needs little: its store is good after a SIGKILL as well.
const NATS_GRACE: Duration = Duration::from_millis(500);
/// How long nats-server may take to start; a large store on a busy machine needs a while.
const NATS_READY_WITHIN: Duration = Duration::from_mins(1);

/// What kind of part of the system something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The NATS server.
    Nats,
    /// A component's process.
    Process,
}

/// A part of the running system, as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Component {
    /// Its name; in events it is the `component`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How it is doing.
    #[serde(flatten)]
    pub status: Status,
}

/// A running system. Dropping it stops everything too, without waiting for the end.
#[derive(Debug)]
pub struct Environment {
    nats_url: String,
    data_dir: PathBuf,
    differences: Vec<Difference>,
    settings: Settings,
    events: Events,
    components: Vec<Supervised>,
    nats: Option<Supervised>,
    lock: Lock,
}

/// Who runs a project at the moment, in its usual data folder; `None` when nobody does.
///
/// # Errors
/// When the lock's file cannot be looked at.
pub fn running(project: &Project) -> Result<Option<lock::Holder>, Error> {
    lock::holder(&project.root.join(DATA_DIR))
}

/// Takes the lock, finds or starts the NATS server, and makes streams and consumers as defined.
///
/// # Errors
/// The first step that fails; whatever was started before it is stopped.
pub async fn prepare(project: &Project, options: &Options, events: &Events) -> Result<Environment, Error> {
    let definitions = project.streams.as_deref().map(streams::load).transpose()?;
    let data_dir = options
        .data_dir
        .clone()
        .unwrap_or_else(|| project.root.join(DATA_DIR));
    create(&data_dir)?;
    let lock = Lock::take(&data_dir)?;
    lock::guards_gone(&data_dir).await?;
    let settings = Settings {
        guard: options.guard.clone(),
        hold: Some(data_dir.join(lock::GUARDS_FILE)),
        grace: COMPONENT_GRACE,
        backoff: Backoff::default(),
    };
    let (nats, nats_url) = match &options.nats {
        Nats::Running { url } => (None, url.clone()),
        Nats::Own { binary, port } => {
            let search = Search::new(binary.clone(), Some(&project.root));
            let binary = nats_server::obtain(&search, events).await?;
            let server = NatsServer::new(binary, data_dir.join("nats"), *port);
            let (nats, url) = start_nats(server, *port, &settings, events).await?;
            (Some(nats), url)
        }
    };
    let jetstream = JetStream::connect(&nats_url).await?;
    let differences = match definitions {
        Some(definitions) => streams::apply(&jetstream, &definitions, events).await?,
        None => Vec::new(),
    };
    let (events, components) = (events.clone(), Vec::new());
    Ok(Environment {
        nats_url,
        data_dir,
        differences,
        settings,
        events,
        components,
        nats,
        lock,
    })
}

/// The folder, with a note for git that its content is not source.
fn create(data_dir: &Path) -> Result<(), Error> {
    let unusable = |source| Error::DataDir {
        path: data_dir.to_owned(),
        source,
    };
    std::fs::create_dir_all(data_dir).map_err(unusable)?;
    let ignore = data_dir.join(".gitignore");
    if !ignore.exists() {
        std::fs::write(&ignore, "*\n").map_err(|source| Error::DataDir {
            path: ignore.clone(),
            source,
        })?;
    }
    Ok(())
}

async fn start_nats(
    server: NatsServer,
    port: Option<u16>,
    settings: &Settings,
    events: &Events,
) -> Result<(Supervised, String), Error> {
    if let Some(port) = port.filter(|port| *port != 0) {
        // The server would say so too, but only in its log.
        drop(
            TcpListener::bind((Ipv4Addr::LOCALHOST, port))
                .map_err(|source| Error::NatsPort { port, source })?,
        );
    }
    let settings = Settings {
        grace: NATS_GRACE,
        ..settings.clone()
    };
    let nats = supervise::start(server, settings, events.clone());
    let settled = tokio::time::timeout(NATS_READY_WITHIN, nats.first_outcome()).await;
    let status = settled.unwrap_or_else(|_| nats.status());
    if let (Phase::Ready, Some(url)) = (status.phase, status.url) {
        return Ok((nats, url));
    }
    let reason = status
        .reason
        .unwrap_or_else(|| format!("no answer within {NATS_READY_WITHIN:?}"));
    let log = nats.last_lines();
    nats.stop().await;
    Err(Error::NatsNotReady { reason, log })
}

impl Environment {
    /// Where NATS is, with credentials if they were given.
    pub fn nats_url(&self) -> &str {
        &self.nats_url
    }

    /// Where the data of this system lives.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// What was found, and done, about streams and consumers.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Starts every component that is a process, side by side. `gateway_url` is what `${GATEWAY_URL}` stands for, and what
    /// a second instance is told.
    ///
    /// # Errors
    /// When the lock's file cannot be written.
    pub fn start_components(&mut self, project: &Project, gateway_url: &str) -> Result<(), Error> {
        self.lock.publish(gateway_url, &self.nats_url)?;
        let surroundings = Arc::new(Surroundings {
            nats_url: self.nats_url.clone(),
            gateway_url: gateway_url.to_owned(),
            project_dir: project.root.clone(),
            data_dir: self.data_dir.join("components"),
            settings: self.settings.clone(),
            events: self.events.clone(),
        });
        for (name, process) in project.processes() {
            let program = ComponentProgram::new(name, process.clone(), Arc::clone(&surroundings));
            self.components.push(supervise::start(
                program,
                self.settings.clone(),
                self.events.clone(),
            ));
        }
        Ok(())
    }

    /// Every part that is a process, as it is now: the NATS server if it is ours, then components in the project's order.
    pub fn components(&self) -> Vec<Component> {
        let part = |kind| {
            move |part: &Supervised| Component {
                name: part.name().to_owned(),
                kind,
                status: part.status(),
            }
        };
        let nats = self.nats.iter().map(part(Kind::Nats));
        nats.chain(self.components.iter().map(part(Kind::Process)))
            .collect()
    }

    /// Waits until every component is ready, or failed for good. Has no time limit of its own.
    pub async fn ready(&self) -> Vec<Component> {
        join_all(self.components.iter().map(Supervised::settled)).await;
        self.components()
    }

    /// Stops everything: components first, side by side, then the NATS server. Returns when all of it has ended, within
    /// two seconds. Data stays.
    pub async fn stop(self) {
        join_all(self.components.into_iter().map(Supervised::stop)).await;
        if let Some(nats) = self.nats {
            nats.stop().await;
        }
    }
}
