//! Child processes that are kept running.
//!
//! A supervised program is started under a [`crate::guard`], started again with growing pauses when it ends, asked for its
//! readiness, and stopped with everything it started. What it writes and what becomes of it are [`crate::event`]s.

mod backoff;
mod child;
mod http_probe;
mod lines;
mod program;
mod readiness;
mod run;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use backoff::Backoff;
pub use http_probe::HttpProbe;
pub(crate) use run::run_to_end;

pub use program::{Alive, Launch, LaunchError, Probe, Program};

use lines::LastLines;

use crate::event::Events;
use crate::guard::Launcher;

/// How a program is kept running.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How its guard is started.
    pub guard: Launcher,
    /// A file of which the guard holds a shared lock for as long as anything of the program may live.
    pub hold: Option<PathBuf>,
    /// Between SIGTERM and SIGKILL.
    pub grace: Duration,
    /// The pauses before it is started again.
    pub backoff: Backoff,
}

/// What a supervised program is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Started or about to be, not ready yet.
    Starting,
    /// Ready.
    Ready,
    /// Was ready, runs, and is not ready now.
    Unready,
    /// Ended by itself; will be started again.
    Restarting,
    /// Cannot be started.
    Failed,
    /// Stopped as asked.
    Stopped,
}

/// A supervised program as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// What it is doing.
    pub phase: Phase,
    /// Why it is not ready, where there is more to say.
    pub reason: Option<String>,
    /// Its process id while it runs.
    pub pid: Option<u32>,
    /// Where it answers, once it is ready.
    pub url: Option<String>,
    /// How often it was started again.
    pub restarts: u32,
}

/// A program that is kept running for as long as this value lives.
#[derive(Debug)]
pub struct Supervised {
    name: String,
    status: watch::Receiver<Status>,
    last_lines: Arc<LastLines>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// Starts a program and keeps it running. Must be called on a tokio runtime.
pub fn start(program: impl Program, settings: Settings, events: Events) -> Supervised {
    let (status_tx, status) = watch::channel(Status {
        phase: Phase::Starting,
        reason: None,
        pid: None,
        url: None,
        restarts: 0,
    });
    let name = program.name().to_owned();
    let stop = CancellationToken::new();
    let last_lines = Arc::new(LastLines::default());
    let keeper = run::Keeper {
        settings,
        events,
        status: status_tx,
        last_lines: Arc::clone(&last_lines),
        stop: stop.clone(),
    };
    let task = tokio::spawn(keeper.run(program));
    Supervised {
        name,
        status,
        last_lines,
        stop,
        task,
    }
}

impl Supervised {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is doing.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Its last lines of output, of both kinds together.
    pub fn last_lines(&self) -> Vec<String> {
        self.last_lines.get()
    }

    /// Waits until it is ready, failed or stopped.
    pub async fn settled(&self) -> Status {
        self.wait_for(|phase| matches!(phase, Phase::Ready | Phase::Failed | Phase::Stopped))
            .await
    }

    /// Waits until its first start has led to something: it is ready, or it ended.
    pub(crate) async fn first_outcome(&self) -> Status {
        self.wait_for(|phase| phase != Phase::Starting).await
    }

    async fn wait_for(&self, reached: impl Fn(Phase) -> bool) -> Status {
        match self.status.clone().wait_for(|status| reached(status.phase)).await {
            Ok(status) => status.clone(),
            // The task is gone, and with it every change.
            Err(_) => self.status(),
        }
    }

    /// Stops it, with everything it started, and waits until all of that has ended.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // A task that panicked has dropped its child, which ends it.
        drop((&mut self.task).await);
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
