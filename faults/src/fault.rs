//! What is done to the system, and how often.

use std::fmt;
use std::time::Duration;

use crate::stage::Stage;

/// One thing done to a running system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: what the others are compared with.
    Nothing,
    /// The worker's process is asked to stop (SIGTERM) and another is started.
    ReplaceWorker,
    /// The worker's process is killed (SIGKILL) when it reaches a point of a request, and started again.
    KillWorker(Stage),
    /// nats-server is killed (SIGKILL) and started again on the same store.
    RestartServer,
    /// nats-server stands still (SIGSTOP) for this long.
    PauseServer(Duration),
    /// Another process holds the database file locked for this long.
    LockDatabase(Duration),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("none"),
            Self::ReplaceWorker => f.write_str("worker replaced"),
            Self::KillWorker(stage) => write!(f, "worker killed {stage}"),
            Self::RestartServer => f.write_str("nats-server killed and restarted"),
            Self::PauseServer(duration) => write!(f, "nats-server paused {} s", duration.as_secs()),
            Self::LockDatabase(duration) => write!(f, "database locked {} s", duration.as_secs()),
        }
    }
}

/// A fault and how often it happens.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// What happens.
    pub fault: Fault,
    /// How often, with a recovery after each.
    pub times: u32,
}

/// Everything that is done in one run, in order.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Writers at work.
    pub writers: usize,
    /// The faults.
    pub phases: Vec<Phase>,
    /// Undisturbed load before the first fault and after each recovery.
    pub calm: Duration,
}

impl Plan {
    /// For every test run: everything once, kills twice.
    pub fn short() -> Self {
        Self::new(2, 1, Duration::from_millis(500))
    }

    /// Everything several times.
    pub fn long() -> Self {
        Self::new(10, 4, Duration::from_secs(2))
    }

    fn new(kills: u32, others: u32, calm: Duration) -> Self {
        let kill = |stage| Phase {
            fault: Fault::KillWorker(stage),
            times: kills,
        };
        let other = |fault| Phase { fault, times: others };
        let mut phases = vec![other(Fault::Nothing), other(Fault::ReplaceWorker)];
        phases.extend(Stage::ALL.map(kill));
        phases.extend([
            other(Fault::RestartServer),
            other(Fault::PauseServer(Duration::from_secs(5))),
            other(Fault::LockDatabase(Duration::from_secs(2))),
        ]);
        Self {
            writers: 64,
            phases,
            calm,
        }
    }
}
