//! The system in a cluster: what every command that deploys, compares or removes parts of it works with.

use std::path::PathBuf;

use platform::{
    deploy::{self, Setup},
    docker::{Endpoint, OnDemand},
    download::Cache,
    event::Events,
    profile::Target,
    project::Project,
};
use tokio_util::sync::CancellationToken;

use super::place::{Place, Site};
use crate::{app::Global, error::Error, progress::Running, ui::Ui};

/// Flags of everything that works on the system in a profile's cluster.
#[derive(Debug, clap::Args)]
pub(super) struct System {
    /// The Docker engine that builds images [default: `DOCKER_HOST`, or the Docker context in use, or the usual socket]
    #[arg(long, value_name = "URL")]
    docker_host: Option<String>,

    /// Use no other source than what `ratectl bundle load` has brought
    #[arg(long)]
    offline: bool,

    #[command(flatten)]
    place: Place,
}

impl System {
    /// The project and the profile; with `changing` a protected one has to be confirmed. Sends nothing.
    pub(super) fn site(&self, ui: &Ui, global: &Global, changing: bool) -> Result<Site, Error> {
        let site = self.place.look(global)?;
        if changing {
            self.place.guard(ui, &site)?;
        }
        Ok(site)
    }

    /// Goes to the profile's cluster, which is verified before anything else is sent there.
    pub(super) async fn setup(&self, site: Site, running: Running) -> Result<Setup, Error> {
        let target = tokio::select! {
            target = site.reach() => target?,
            () = running.cancel.cancelled() => return Err(deploy::Error::Cancelled.into()),
        };
        let engine = Endpoint::find(self.docker_host.as_deref())?;
        let cache = Cache::standard(self.offline);
        Ok(assemble(
            site.project,
            target,
            engine,
            site.state_dir,
            cache,
            running,
        ))
    }
}

/// Goes to the profile's cluster for somebody who looks at it and shows no progress.
pub(super) async fn look(site: &Site, cancel: CancellationToken) -> Result<Setup, Error> {
    let target = site.reach().await?;
    let events = Events::silent();
    let running = Running { events, cancel };
    let (engine, cache) = (Endpoint::find(None)?, Cache::standard(false));
    let (project, state_dir) = (site.project.clone(), site.state_dir.clone());
    Ok(assemble(project, target, engine, state_dir, cache, running))
}

/// What works on a project at the end of a way that has been verified.
pub(super) fn assemble(
    project: Project,
    target: Target,
    engine: Endpoint,
    state_dir: PathBuf,
    cache: Cache,
    running: Running,
) -> Setup {
    let Running { events, cancel } = running;
    Setup {
        project,
        target,
        engine: OnDemand::new(engine),
        state_dir,
        cache,
        events,
        cancel,
    }
}

/// The command as it was typed, for the history of a component.
pub(super) fn command_line() -> String {
    let arguments = std::env::args_os().skip(1);
    let arguments: Vec<String> = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    format!("ratectl {}", arguments.join(" "))
}

/// Who is at work: `ann@laptop`.
pub(super) fn person() -> Option<String> {
    let user = ["USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok())?;
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    Some(match host {
        Some(host) => format!("{user}@{}", host.trim()),
        None => user,
    })
}
