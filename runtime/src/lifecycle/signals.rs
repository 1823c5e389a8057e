//! The task that turns signals into the two steps of a stop.

use std::{future::Future, io, time::Duration};

use tokio::signal::unix::{self, SignalKind};

use super::{Reason, Shutdown, Signal};

/// Where signals come from: the operating system, or a test.
pub(super) trait Source: Send {
    /// The next signal.
    fn next(&mut self) -> impl Future<Output = Signal> + Send;
}

/// SIGTERM and SIGINT of this process. From registration on they no longer kill it.
pub(super) struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
}

impl Signals {
    pub(super) fn register() -> io::Result<Self> {
        Ok(Self {
            interrupt: unix::signal(SignalKind::interrupt())?,
            terminate: unix::signal(SignalKind::terminate())?,
        })
    }
}

impl Source for Signals {
    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

/// First signal: soft. Second signal, or `drain_timeout` after any soft stop: hard.
pub(super) async fn obey(shutdown: Shutdown, mut signals: impl Source, drain_timeout: Duration) {
    tokio::select! {
        signal = signals.next() => {
            tracing::info!(%signal, "draining; a second signal ends at once");
            shutdown.drain(Reason::Signal(signal));
        }
        () = shutdown.draining() => {}
    }
    tokio::select! {
        signal = signals.next() => {
            tracing::warn!(%signal, "second signal: ending without waiting");
            shutdown.end(Reason::Signal(signal));
        }
        () = tokio::time::sleep(drain_timeout) => {
            tracing::warn!(drain_timeout_ms = drain_timeout.as_millis(), "drain time is over: ending what is left");
            shutdown.end(Reason::Requested);
        }
        () = shutdown.ended() => {}
    }
}
