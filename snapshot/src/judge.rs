//! What a consumer's or stream's numbers mean: a state, how bad it is, one sentence why, and the command that helps.

mod acknowledging;
mod availability;
mod consumer;
mod delivering;
mod queue;
mod settled;
mod stream;

use serde::{Deserialize, Serialize};

pub use consumer::{Circumstances, Workers, consumer};
pub use settled::{Patience, Settled};
pub use stream::{StreamCircumstances, stream};

/// How bad a state is, the worst last.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    #[default]
    Ok,
    /// Worth knowing, nothing wrong.
    Info,
    /// Not known: no fresh sample.
    Unknown,
    /// Somebody should look.
    Warn,
    /// Somebody has to act.
    Crit,
}

/// What a stream or consumer is in.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum State {
    /// Too few samples to say.
    #[default]
    Warm,
    /// It does not answer, or has no leader.
    Offline,
    /// A replica is behind or away.
    Degraded,
    /// No fresh sample.
    Stale,
    /// Messages have left the stream undelivered.
    Loss,
    /// Messages are about to.
    Runway,
    /// Paused on purpose.
    Paused,
    /// Messages wait and nobody takes them.
    NoConsumer,
    /// As many messages are out as may be, and none is acknowledged.
    AckStall,
    /// Nearly as many messages are out as may be.
    AckSat,
    /// Most deliveries are repetitions.
    RedeliveryStorm,
    /// Many deliveries are repetitions.
    Redelivery,
    /// The server does not deliver though it could.
    ServerStall,
    /// Nothing moves.
    Stall,
    /// More messages come than go.
    Lagging,
    /// A limit that its owner has set is passed.
    Threshold,
    /// A stream refuses messages.
    Full,
    /// A stream will soon.
    NearlyFull,
    /// A stream is behind what it mirrors or takes from.
    SourceLag,
    /// A queue is being worked off.
    CatchingUp,
    /// As it should be.
    Ok,
    /// As it should be, with nothing to do.
    Idle,
}

impl State {
    /// As it is written: `NO-CONSUMER`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warm => "WARM",
            Self::Offline => "OFFLINE",
            Self::Degraded => "DEGRADED",
            Self::Stale => "STALE",
            Self::Loss => "LOSS",
            Self::Runway => "RUNWAY",
            Self::Paused => "PAUSED",
            Self::NoConsumer => "NO-CONSUMER",
            Self::AckStall => "ACK-STALL",
            Self::AckSat => "ACK-SAT",
            Self::RedeliveryStorm => "REDELIVERY-STORM",
            Self::Redelivery => "REDELIVERY",
            Self::ServerStall => "SERVER-STALL",
            Self::Stall => "STALL",
            Self::Lagging => "LAGGING",
            Self::Threshold => "THRESHOLD",
            Self::Full => "FULL",
            Self::NearlyFull => "NEARLY-FULL",
            Self::SourceLag => "SOURCE-LAG",
            Self::CatchingUp => "CATCHING-UP",
            Self::Ok => "OK",
            Self::Idle => "IDLE",
        }
    }
}

/// How sure a verdict is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The server says so, or it follows from what it says.
    #[default]
    Exact,
    /// It rests on an estimate, or on a pattern.
    Estimated,
    /// There are too few samples, or they are old.
    Low,
}

/// A judgement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What it is in.
    pub state: State,
    /// How bad that is.
    pub severity: Severity,
    /// Why: one sentence without a period.
    pub reason: String,
    /// What to type.
    pub command: Option<String>,
    /// How sure.
    pub confidence: Confidence,
}

impl Verdict {
    pub(crate) fn new(state: State, severity: Severity, reason: impl Into<String>) -> Self {
        Self {
            state,
            severity,
            reason: reason.into(),
            command: None,
            confidence: Confidence::Exact,
        }
    }

    pub(crate) fn helped_by(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    pub(crate) fn estimated(mut self) -> Self {
        self.confidence = Confidence::Estimated;
        self
    }
}

#[cfg(test)]
mod tests;
