//! Why a rollout was not waited for to its end.

use std::time::Duration;

use super::Diagnosis;

/// Why a rollout was not waited for to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Waiting does not help: something has to change.
    #[error("the rollout of {component} failed")]
    Failed {
        /// The component's name.
        component: String,
        /// What is wrong; at least one.
        diagnoses: Vec<Diagnosis>,
    },
    /// It took too long.
    #[error("the rollout of {component} was not done after {} s", limit.as_secs())]
    TimedOut {
        /// The component's name.
        component: String,
        /// What it was given.
        limit: Duration,
        /// What is not done, and why; at least one.
        diagnoses: Vec<Diagnosis>,
    },
    /// The API server refuses to show what is waited for.
    #[error("cannot watch the rollout of {component}: {reason}")]
    Watch {
        /// The component's name.
        component: String,
        /// What the API server says.
        reason: String,
    },
    /// It was cancelled.
    #[error("waiting for the rollout was cancelled")]
    Cancelled,
}

impl Error {
    /// What is wrong, if that is known.
    pub fn diagnoses(&self) -> &[Diagnosis] {
        match self {
            Self::Failed { diagnoses, .. } | Self::TimedOut { diagnoses, .. } => diagnoses,
            Self::Watch { .. } | Self::Cancelled => &[],
        }
    }

    /// It in one sentence.
    pub(super) fn brief(&self) -> String {
        match (self, self.diagnoses()) {
            (Self::Failed { .. }, [first, ..]) => format!("{}: {}", first.subject, first.cause),
            (Self::TimedOut { limit, .. }, [first, ..]) => {
                let seconds = limit.as_secs();
                format!("not done after {seconds} s; {}: {}", first.subject, first.cause)
            }
            _ => self.to_string(),
        }
    }
}
