//! Whether this process should be given work, and if not, why.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use serde::Serialize;

use crate::lifecycle::Shutdown;

/// Why a check that nobody has set yet is not met.
const STARTING: &str = "starting";

/// The checks of a process. Clones share them.
#[derive(Clone, Debug)]
pub struct Readiness {
    checks: Arc<Checks>,
    shutdown: Shutdown,
}

#[derive(Debug, Default)]
struct Checks {
    known: Mutex<Vec<Known>>,
    /// How many are not met, to ask on every request.
    unmet: AtomicUsize,
}

#[derive(Debug)]
struct Known {
    state: State,
    /// Before the first time, "not ready" is a part of starting and no cause for alarm.
    was_met: bool,
}

/// The state of one check.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct State {
    /// The name.
    pub name: String,
    /// Whether it is met.
    pub ok: bool,
    /// Why not; absent when it is met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// All checks at one moment.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Report {
    /// Whether all are met and no stop has begun.
    pub ready: bool,
    /// Each check, in the order they were made.
    pub checks: Vec<State>,
}

/// The handle of one check. Clones set the same check.
#[derive(Clone, Debug)]
pub struct Check {
    checks: Arc<Checks>,
    index: usize,
}

impl Readiness {
    /// No checks: ready, until the stop begins.
    pub fn new(shutdown: &Shutdown) -> Self {
        Self {
            checks: Arc::default(),
            shutdown: shutdown.clone(),
        }
    }

    /// A new check, which is not met ("starting") until somebody says so.
    pub fn check(&self, name: impl Into<String>) -> Check {
        let mut known = self.checks.lock();
        known.push(Known {
            state: State {
                name: name.into(),
                ok: false,
                reason: Some(STARTING.to_owned()),
            },
            was_met: false,
        });
        self.checks.unmet.fetch_add(1, Relaxed);
        Check {
            checks: Arc::clone(&self.checks),
            index: known.len() - 1,
        }
    }

    /// Whether all checks are met and no stop has begun; cheap enough for every request.
    pub fn is_ready(&self) -> bool {
        self.checks.unmet.load(Relaxed) == 0 && !self.shutdown.is_draining()
    }

    /// All checks, and the stop as one more when it has begun.
    pub fn report(&self) -> Report {
        let mut checks: Vec<State> = self
            .checks
            .lock()
            .iter()
            .map(|known| known.state.clone())
            .collect();
        if self.shutdown.is_draining() {
            let reason = match self.shutdown.reason() {
                Some(reason) => format!("draining: {reason}"),
                None => "draining".to_owned(),
            };
            checks.push(State {
                name: "running".to_owned(),
                ok: false,
                reason: Some(reason),
            });
        }
        Report {
            ready: checks.iter().all(|check| check.ok),
            checks,
        }
    }
}

impl Check {
    /// The check is met.
    pub fn ready(&self) {
        self.set(None);
    }

    /// The check is not met; the sentence says why, and at best what helps.
    pub fn not_ready(&self, reason: impl Into<String>) {
        self.set(Some(reason.into()));
    }

    fn set(&self, reason: Option<String>) {
        let mut known = self.checks.lock();
        let Known { state, was_met } = &mut known[self.index];
        if state.reason == reason && state.ok == reason.is_none() {
            return;
        }
        match &reason {
            None => tracing::info!(check = %state.name, "ready"),
            Some(reason) if *was_met => tracing::warn!(check = %state.name, %reason, "not ready any more"),
            Some(reason) => tracing::info!(check = %state.name, %reason, "not ready yet"),
        }
        *was_met |= reason.is_none();
        state.ok = reason.is_none();
        state.reason = reason;
        let unmet = known.iter().filter(|known| !known.state.ok).count();
        self.checks.unmet.store(unmet, Relaxed);
    }
}

impl Checks {
    fn lock(&self) -> MutexGuard<'_, Vec<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::Reason;

    #[test]
    fn a_check_is_not_met_until_it_is_set_and_says_why_when_it_fails() {
        let readiness = Readiness::new(&Shutdown::new());
        assert!(readiness.is_ready());
        let (nats, store) = (readiness.check("nats"), readiness.check("store"));
        nats.ready();
        assert!(!readiness.is_ready());
        store.clone().ready();
        assert!(readiness.is_ready() && readiness.report().ready);
        nats.not_ready("no connection");
        let report = readiness.report();
        assert!(!readiness.is_ready() && !report.ready);
        let expected = State {
            name: "nats".to_owned(),
            ok: false,
            reason: Some("no connection".to_owned()),
        };
        assert_eq!(report.checks[0], expected);
        assert_eq!(
            report.checks[1],
            State {
                name: "store".to_owned(),
                ok: true,
                reason: None
            }
        );
    }

    #[test]
    fn a_process_that_drains_is_not_ready_and_says_why() {
        let shutdown = Shutdown::new();
        let readiness = Readiness::new(&shutdown);
        readiness.check("nats").ready();
        shutdown.drain(Reason::Failure("the store is gone".to_owned()));
        assert!(!readiness.is_ready());
        let report = readiness.report();
        assert_eq!(
            report.checks[1].reason.as_deref(),
            Some("draining: the store is gone")
        );
        assert!(!report.ready);
    }
}
