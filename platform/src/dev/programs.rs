//! A component's process: its placeholders filled, its program found or built.

mod locate;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::event::{Event, Events};
use crate::project::Process;
use crate::project::template::{Placeholder, Template};
use crate::supervise::{Alive, HttpProbe, Launch, LaunchError, Probe, Program, Settings, run_to_end};
use locate::locate;

/// What all components of a system share.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) nats_url: String,
    pub(super) gateway_url: String,
    pub(super) project_dir: PathBuf,
    /// Where each component has a folder of its own.
    pub(super) data_dir: PathBuf,
    pub(super) settings: Settings,
    pub(super) events: Events,
}

/// A component's process, ready to be supervised.
#[derive(Debug)]
pub(super) struct ComponentProgram {
    name: String,
    process: Process,
    surroundings: Arc<Surroundings>,
}

impl ComponentProgram {
    pub(super) fn new(name: &str, process: Process, surroundings: Arc<Surroundings>) -> Self {
        Self {
            name: name.to_owned(),
            process,
            surroundings,
        }
    }

    async fn prepare(&self) -> Result<Launch, LaunchError> {
        if !self.process.directory.is_dir() {
            return Err(LaunchError(format!(
                "its folder {} does not exist",
                self.process.directory.display()
            )));
        }
        let values = self.values()?;
        let fill = |template: &Template| template.fill(|placeholder| values[&placeholder].clone());
        let mut words = self.process.command.iter().map(fill);
        let program = self.program(&words.next().unwrap_or_default()).await?;
        let probe: Box<dyn Probe> = match &self.process.ready {
            Some(url) => Box::new(HttpProbe::new(&fill(url)).map_err(LaunchError)?),
            None => Box::new(Alive),
        };
        Ok(Launch {
            program,
            arguments: words.map(Into::into).collect(),
            env: self
                .process
                .env
                .iter()
                .map(|(name, value)| (name.into(), fill(value).into()))
                .collect(),
            directory: self.process.directory.clone(),
            probe,
        })
    }

    /// What each placeholder stands for, this time.
    fn values(&self) -> Result<BTreeMap<Placeholder, String>, LaunchError> {
        let surroundings = &self.surroundings;
        let [port, admin_port] = free_ports()
            .map_err(|error| LaunchError(format!("no port of the loopback address is free: {error}")))?;
        let data_dir = surroundings.data_dir.join(&self.name);
        std::fs::create_dir_all(&data_dir).map_err(|error| {
            LaunchError(format!(
                "cannot make its data folder {}: {error}",
                data_dir.display()
            ))
        })?;
        let value = |placeholder| match placeholder {
            Placeholder::NatsUrl => surroundings.nats_url.clone(),
            Placeholder::DataDir => data_dir.display().to_string(),
            Placeholder::ProjectDir => surroundings.project_dir.display().to_string(),
            Placeholder::GatewayUrl => surroundings.gateway_url.clone(),
            Placeholder::Port => port.to_string(),
            Placeholder::AdminPort => admin_port.to_string(),
        };
        Ok(Placeholder::ALL
            .into_iter()
            .map(|placeholder| (placeholder, value(placeholder)))
            .collect())
    }

    /// The program's file; builds it if there is none yet.
    async fn program(&self, word: &str) -> Result<PathBuf, LaunchError> {
        if let Some(file) = self.locate(word) {
            return Ok(file);
        }
        let build = &self.process.build;
        if build.is_empty() {
            return Err(LaunchError(format!(
                "there is no program '{word}' beside ratectl or in PATH; install it, or tell in `build` how to make it"
            )));
        }
        self.build().await?;
        self.locate(word).ok_or_else(|| {
            LaunchError(format!(
                "'{}' was built, and there is still no program '{word}'; `built` says where it is left",
                build.join(" ")
            ))
        })
    }

    fn locate(&self, word: &str) -> Option<PathBuf> {
        let own = std::env::current_exe().ok();
        let beside = own.as_deref().and_then(std::path::Path::parent);
        let path = std::env::var_os("PATH").unwrap_or_default();
        locate(
            word,
            &self.process.directory,
            beside,
            &path,
            self.process.built.as_deref(),
        )
    }

    async fn build(&self) -> Result<(), LaunchError> {
        let build = &self.process.build;
        let Surroundings { events, settings, .. } = self.surroundings.as_ref();
        events.send(Event::Building {
            component: self.name.clone(),
            command: build.clone(),
        });
        let failed =
            |reason: String| LaunchError(format!("its build '{}' failed: {reason}", build.join(" ")));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = locate(&build[0], &self.process.directory, None, &path, None);
        let launch = Launch {
            program: program.ok_or_else(|| failed(format!("there is no program '{}' in PATH", build[0])))?,
            arguments: build[1..].iter().map(Into::into).collect(),
            env: Vec::new(),
            directory: self.process.directory.clone(),
            probe: Box::new(Alive),
        };
        match run_to_end(&self.name, &launch, settings, events).await {
            Ok(ending) if ending.is_success() => Ok(()),
            Ok(ending) => Err(failed(ending.to_string())),
            Err(error) => Err(failed(error.to_string())),
        }
    }
}

impl Program for ComponentProgram {
    fn name(&self) -> &str {
        &self.name
    }

    fn launch(&mut self) -> BoxFuture<'_, Result<Launch, LaunchError>> {
        Box::pin(self.prepare())
    }
}

/// Two different free ports. Somebody else may take one before the component does; the next start gets others.
fn free_ports() -> io::Result<[u16; 2]> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (first, second) = (bind()?, bind()?);
    Ok([first.local_addr()?.port(), second.local_addr()?.port()])
}
