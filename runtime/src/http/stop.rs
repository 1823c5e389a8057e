//! The two steps of the stop, for connections: cheap to ask on every poll.

use std::sync::atomic::{
    AtomicU8,
    Ordering::{Acquire, SeqCst},
};

use tokio::sync::{Notify, futures::Notified};

/// How far the stop has come; it only goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Serving,
    /// Connections finish what they do and close.
    Closing,
    /// Connections end now.
    Killed,
}

/// The stop of one service instance's connections.
#[derive(Debug, Default)]
pub(super) struct Stop {
    phase: AtomicU8,
    changed: Notify,
}

impl Stop {
    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Acquire) {
            0 => Phase::Serving,
            1 => Phase::Closing,
            _ => Phase::Killed,
        }
    }

    /// Goes forward to a phase and wakes who waits for a change.
    pub(super) fn advance(&self, phase: Phase) {
        self.phase.fetch_max(phase as u8, SeqCst);
        self.changed.notify_waiters();
    }

    /// Resolves at the next change. To miss none, poll it once before reading the phase.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Resolves when the stop has begun.
    pub(super) async fn begun(&self) {
        self.reached(Phase::Closing).await;
    }

    /// Resolves when connections are to end at once.
    pub(super) async fn killed(&self) {
        self.reached(Phase::Killed).await;
    }

    async fn reached(&self, phase: Phase) {
        loop {
            let changed = self.changed();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.phase() >= phase {
                return;
            }
            changed.await;
        }
    }
}
