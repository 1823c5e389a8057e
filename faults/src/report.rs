//! What a run found: numbers for each fault, and the judgement.

mod table;

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use crate::checker::{self, Verdict};
use crate::fault::Phase;
use crate::history::{Attempt, Outcome, Write};

/// What one run found.
#[derive(Debug)]
pub struct Report {
    /// Writers at work.
    pub writers: usize,
    /// One a fault, in order.
    pub rows: Vec<Row>,
    /// Events in the stream.
    pub events: usize,
    /// Writes attempted.
    pub writes: usize,
    /// What is wrong.
    pub verdict: Verdict,
}

/// What happened while one fault was under way.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The fault, and how often.
    pub fault: String,
    /// Requests sent.
    pub attempts: usize,
    /// Writes answered with success.
    pub succeeded: usize,
    /// Requests that repeated an unsuccessful one.
    pub retried: usize,
    /// Requests that repeated a successful one, to compare the answers.
    pub replayed: usize,
    /// Answers other than success by status, and broken connections.
    pub failures: BTreeMap<String, usize>,
    /// Writes first tried here that were lost.
    pub lost: usize,
    /// Writes first tried here that took effect twice.
    pub doubled: usize,
    /// Requests that ended too late.
    pub late: usize,
    /// The request that took longest.
    pub slowest: Duration,
    /// Messages delivered again.
    pub redeliveries: u64,
    /// The longest time from the end of the fault to a success.
    pub recovery: Option<Duration>,
    /// The time from the end of the last fault until every writer had succeeded again.
    pub whole: Duration,
}

impl Row {
    /// Counts the attempts sent in a phase.
    pub fn of_phase(number: usize, phase: &Phase, history: &[Write], verdict: &Verdict) -> Self {
        let mut row = Self {
            fault: format!("{} x{}", phase.fault, phase.times),
            ..Self::default()
        };
        for write in history {
            let mut before = None;
            for attempt in &write.attempts {
                if attempt.phase == number {
                    row.count(attempt, before);
                }
                before = Some(attempt.outcome.is_success());
            }
            if write.attempts.first().is_some_and(|first| first.phase == number) {
                row.lost += usize::from(verdict.lost.contains(&write.key));
                row.doubled += usize::from(verdict.doubled.contains(&write.key));
            }
        }
        row
    }

    /// Counts an attempt; `before` says whether there was one before it, and whether that succeeded.
    fn count(&mut self, attempt: &Attempt, before: Option<bool>) {
        self.attempts += 1;
        self.retried += usize::from(before == Some(false));
        self.replayed += usize::from(before == Some(true));
        self.late += usize::from(checker::is_late(attempt));
        self.slowest = self.slowest.max(attempt.took);
        let failure = match &attempt.outcome {
            Outcome::Answered(answer) if answer.is_success() => {
                self.succeeded += 1;
                return;
            }
            Outcome::Answered(answer) => answer.status.to_string(),
            Outcome::Broken(_) => "broken".to_owned(),
        };
        *self.failures.entry(failure).or_default() += 1;
    }
}

impl Report {
    /// Writes the table and the judgement.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written.
    pub fn print(&self, out: &mut impl io::Write) -> io::Result<()> {
        table::write(self, out)
    }
}
