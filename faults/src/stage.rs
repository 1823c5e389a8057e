//! The points of a request at which the worker can be made to die.

use std::fmt;
use std::str::FromStr;

/// A point in the worker's order of work: transaction, reply, acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The message is read, nothing is done yet.
    BeforeTransaction,
    /// Effect, events and answer are in the database; nobody knows yet.
    AfterCommit,
    /// The answer is handed to NATS; the message is not acknowledged.
    AfterReply,
    /// The answer has left the process; the acknowledgement is next.
    BeforeAck,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [
        Self::BeforeTransaction,
        Self::AfterCommit,
        Self::AfterReply,
        Self::BeforeAck,
    ];

    /// One word for a command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::BeforeTransaction => "before-transaction",
            Self::AfterCommit => "after-commit",
            Self::AfterReply => "after-reply",
            Self::BeforeAck => "before-ack",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word().replace('-', " "))
    }
}

/// The word names no stage.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no stage of that name; the stages are before-transaction, after-commit, after-reply, before-ack"
)]
pub struct UnknownStage;

impl FromStr for Stage {
    type Err = UnknownStage;

    fn from_str(word: &str) -> Result<Self, UnknownStage> {
        Self::ALL
            .into_iter()
            .find(|stage| stage.word() == word)
            .ok_or(UnknownStage)
    }
}
