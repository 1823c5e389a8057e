//! When a process stops, why, and what it still waits for.
//!
//! A stop has two steps. **Soft**: accept nothing new, finish what has begun. **Hard**: end now. The first SIGTERM or
//! SIGINT is soft; the second one, or the end of the drain time, is hard. Tasks that must be waited for are started
//! with [`Shutdown::spawn`].
//!
//! ```no_run
//! # async fn example() -> std::io::Result<std::process::ExitCode> {
//! use runtime::lifecycle::Shutdown;
//! let shutdown = Shutdown::new();
//! shutdown.watch_signals(std::time::Duration::from_secs(25))?;
//! let stop = shutdown.clone();
//! shutdown.spawn(async move {
//!     stop.draining().await; // a listener would close here
//! });
//! let reason = shutdown.finished().await;
//! # Ok(reason.exit_code())
//! # }
//! ```

mod reason;
mod signals;
#[cfg(test)]
mod tests;

use std::{
    future::Future,
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use reason::{Reason, Signal};

/// The stop switch of a process (or of a part of it), cheap to clone; all clones are the same switch.
#[derive(Clone, Debug)]
pub struct Shutdown {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    reason: Arc<OnceLock<Reason>>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// A switch that nobody has pulled.
    pub fn new() -> Self {
        let hard = CancellationToken::new();
        Self {
            soft: hard.child_token(),
            hard,
            tasks: TaskTracker::new(),
            reason: Arc::default(),
        }
    }

    /// Starts the soft stop. The first reason given is the one kept.
    pub fn drain(&self, reason: Reason) {
        self.keep(reason);
        self.soft.cancel();
    }

    /// Starts the hard stop (and with it the soft one). The first reason given is the one kept.
    pub fn end(&self, reason: Reason) {
        self.keep(reason);
        self.hard.cancel();
    }

    fn keep(&self, reason: Reason) {
        // A later reason is a consequence of the first: only the first explains the stop.
        let first = self.reason.get_or_init(|| reason);
        tracing::debug!(reason = %first, "stopping");
    }

    /// Resolves when the soft stop has begun.
    pub fn draining(&self) -> impl Future<Output = ()> + Send + 'static {
        self.soft.clone().cancelled_owned()
    }

    /// Resolves when the hard stop has begun.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        self.hard.clone().cancelled_owned()
    }

    /// Whether the soft stop has begun.
    pub fn is_draining(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Whether the hard stop has begun.
    pub fn is_ended(&self) -> bool {
        self.hard.is_cancelled()
    }

    /// The soft token, for code that wants a token of its own (children end with it).
    pub fn soft_token(&self) -> &CancellationToken {
        &self.soft
    }

    /// The hard token, for code that wants a token of its own (children end with it).
    pub fn hard_token(&self) -> &CancellationToken {
        &self.hard
    }

    /// Why the stop began; `None` while running.
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.get()
    }

    /// A part of this process that can be stopped alone: stopping the whole stops the part, not the other way round.
    /// Its tasks are its own, so wait for it with its own [`Shutdown::finished`].
    #[must_use]
    pub fn part(&self) -> Self {
        let hard = self.hard.child_token();
        let part = Self {
            soft: hard.child_token(),
            hard,
            tasks: TaskTracker::new(),
            reason: Arc::default(),
        };
        let (whole, soft) = (self.clone(), part.clone());
        // Not tracked: it ends with either switch and nobody needs to wait for it.
        drop(tokio::spawn(async move {
            tokio::select! {
                () = whole.draining() => soft.drain(whole.reason().cloned().unwrap_or(Reason::Requested)),
                () = soft.draining() => {}
            }
        }));
        part
    }

    /// Starts a task that [`Shutdown::finished`] waits for. The task must itself heed [`Shutdown::draining`]; at the hard
    /// stop it is dropped at its next await.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let ended = self.ended();
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = ended => {}
                () = task => {}
            }
        })
    }

    /// Waits for the stop, then for the tasks started with [`Shutdown::spawn`] (which the hard stop drops).
    pub async fn finished(&self) -> Reason {
        self.draining().await;
        self.tasks.close();
        self.tasks.wait().await;
        self.reason().cloned().unwrap_or(Reason::Requested)
    }

    /// Turns SIGTERM and SIGINT into the soft stop, a second one or `drain_timeout` after the first into the hard stop.
    ///
    /// # Errors
    /// When the process cannot register a signal handler.
    pub fn watch_signals(&self, drain_timeout: Duration) -> io::Result<JoinHandle<()>> {
        let signals = signals::Signals::register()?;
        Ok(tokio::spawn(signals::obey(self.clone(), signals, drain_timeout)))
    }
}
