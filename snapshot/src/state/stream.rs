//! One stream: its samples, its consumers, and the judgement that holds.

use std::collections::BTreeMap;

use super::consumer::ConsumerEntry;
use super::journal::Journal;
use crate::judge::{self, Patience, Settled, Severity, StreamCircumstances, Verdict};
use crate::lag::StreamHistory;
use crate::sample::{Millis, Retention, StreamSample};
use crate::threshold::StreamThresholds;

/// That so many messages of a queue are gone at once is no news: they were worked off.
const WORKED_OFF: u64 = 256;

#[derive(Debug, Default)]
pub(super) struct StreamEntry {
    pub(super) sample: Option<Box<StreamSample>>,
    pub(super) thresholds: StreamThresholds,
    pub(super) history: StreamHistory,
    pub(super) settled: Settled,
    pub(super) since: Millis,
    pub(super) seen: Option<Millis>,
    pub(super) heard: Millis,
    pub(super) interval: Millis,
    pub(super) absent: Option<String>,
    pub(super) consumers: BTreeMap<String, ConsumerEntry>,
}

impl StreamEntry {
    pub(super) fn take(
        &mut self,
        at: Millis,
        sample: StreamSample,
        interval: Millis,
        patience: Patience,
        journal: &mut Journal,
    ) {
        let recreated = self.sample.as_ref().is_some_and(
            |old| matches!((old.created_ns, sample.created_ns), (Some(before), Some(now)) if before != now),
        );
        if recreated {
            self.history = StreamHistory::default();
            self.settled = Settled::default();
        }
        if !self.history.push(&sample) || recreated {
            journal.seen(
                at,
                sample.name.clone(),
                Severity::Info,
                "was created anew, or restored",
            );
        }
        let purged = self.sample.as_ref().is_some_and(|old| {
            // Of a queue a few are worked off between any two samples.
            let few = match old.retention {
                Some(Retention::Workqueue | Retention::Interest) => WORKED_OFF,
                _ => 0,
            };
            !recreated && old.messages > few && sample.messages == 0 && sample.first_seq > old.last_seq
        });
        if purged {
            journal.seen(
                at,
                sample.name.clone(),
                Severity::Info,
                "is empty: purged, expired or worked off",
            );
        }
        self.thresholds = StreamThresholds::of(&sample.metadata);
        (self.heard, self.seen, self.interval) = (at, Some(at), interval);
        self.absent = None;
        let name = sample.name.clone();
        self.sample = Some(Box::new(sample));
        self.judge(at, &name, patience, journal);
    }

    pub(super) fn miss(
        &mut self,
        at: Millis,
        name: &str,
        reason: &str,
        interval: Millis,
        patience: Patience,
        journal: &mut Journal,
    ) {
        (self.heard, self.interval) = (at, interval);
        self.absent = Some(reason.to_owned());
        self.judge(at, name, patience, journal);
    }

    fn judge(&mut self, at: Millis, name: &str, patience: Patience, journal: &mut Journal) {
        let nothing = StreamSample::default();
        let verdict = judge::stream(&StreamCircumstances {
            sample: self.sample.as_deref().unwrap_or(&nothing),
            thresholds: &self.thresholds,
            absent: self.absent.as_deref(),
        });
        // Streams are judged by one sample at a time, so there is nothing to wait for at the start.
        if let Some(before) = self.settled.take(verdict, patience.warm, patience) {
            self.since = at;
            let now = self.settled.verdict();
            if before != judge::State::Warm || now.severity >= Severity::Warn {
                journal.changed(at, name.to_owned(), before.name(), now);
            }
        }
    }

    /// Nothing has come for too long.
    pub(super) fn stale(&mut self, at: Millis, down: bool) -> Option<judge::State> {
        let limit = if down {
            self.interval.min(2_000)
        } else {
            self.interval
        };
        let silent = at.saturating_sub(self.heard);
        let known = self.sample.is_some() || self.absent.is_some();
        if !known || silent <= limit.saturating_mul(3) || self.settled.verdict().state == judge::State::Stale
        {
            return None;
        }
        self.since = at;
        let was = self.settled.verdict().state.name();
        let mut verdict = Verdict::new(
            judge::State::Stale,
            Severity::Unknown,
            format!("no fresh numbers; it was {was} before"),
        );
        verdict.confidence = judge::Confidence::Low;
        self.settled.hold(verdict)
    }
}
