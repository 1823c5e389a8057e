//! One consumer: its samples, what follows from them, and the judgement that holds.

use std::collections::VecDeque;

use super::journal::Journal;
use super::worker::Crew;
use crate::judge::{self, Circumstances, Patience, Settled, Severity, Verdict};
use crate::lag::{Derived, Evidence, Exact, History, Point, StreamHistory, Taken};
use crate::latency::Histogram;
use crate::number::{SECOND, later, messages, nanos};
use crate::sample::{ConsumerSample, Millis, Retention, ServerNanos, StreamSample};
use crate::threshold::Thresholds;

/// A loss is told for so long.
const LOSS: i64 = 30 * SECOND;

/// Three samples over so long are enough to judge by.
const SEASONED: i64 = 20 * SECOND;

/// Sampled times of acknowledgement are kept for so many milliseconds.
const ACK_TIMES: Millis = 60_000;

#[derive(Debug, Default)]
pub(super) struct ConsumerEntry {
    pub(super) sample: Option<Box<ConsumerSample>>,
    pub(super) thresholds: Thresholds,
    pub(super) history: History,
    pub(super) exact: Exact,
    pub(super) derived: Derived,
    pub(super) settled: Settled,
    /// Since when the state holds.
    pub(super) since: Millis,
    /// When its last sample came.
    pub(super) seen: Option<Millis>,
    /// When it was last named, with or without a sample.
    pub(super) heard: Millis,
    pub(super) interval: Millis,
    pub(super) absent: Option<String>,
    pub(super) ack_times: VecDeque<(Millis, Histogram)>,
    /// When its messages were last asked for: next, oldest unacknowledged.
    pub(super) asked: [Option<Millis>; 2],
    lost: Option<(ServerNanos, u64)>,
    samples: u32,
}

/// What surrounds a consumer when it is judged.
pub(super) struct Around<'a> {
    pub(super) at: Millis,
    pub(super) stream_name: &'a str,
    pub(super) stream: Option<(&'a StreamSample, &'a StreamHistory)>,
    pub(super) crew: Option<&'a Crew>,
    pub(super) patience: Patience,
}

impl ConsumerEntry {
    /// Takes a sample in and judges it.
    pub(super) fn take(
        &mut self,
        sample: ConsumerSample,
        interval: Millis,
        around: &Around<'_>,
        journal: &mut Journal,
    ) {
        let heard = std::mem::replace(&mut self.heard, around.at);
        self.interval = interval;
        if let Some(reason) = self.restart(&sample) {
            journal.seen(around.at, object(around, &sample.name), Severity::Info, reason);
        }
        let before = self.history.last().copied();
        match Point::of(&sample).map(|point| self.history.push(point)) {
            Some(Taken::Same) => {
                // An answer of before is no sign of life.
                self.heard = heard;
                return;
            }
            Some(Taken::Reset) => {
                self.begin();
                journal.seen(
                    around.at,
                    object(around, &sample.name),
                    Severity::Info,
                    "its numbers went back: begun anew",
                );
            }
            Some(Taken::Purged(gone)) => {
                let text = format!("{} left its queue undelivered at once", messages(gone));
                journal.seen(around.at, object(around, &sample.name), Severity::Info, &text);
            }
            Some(Taken::Added) | None => {}
        }
        if self
            .sample
            .as_ref()
            .is_none_or(|old| old.metadata != sample.metadata)
        {
            self.thresholds = Thresholds::of(&sample.metadata);
        }
        self.seen = Some(around.at);
        self.absent = None;
        self.samples = self.samples.saturating_add(1);
        self.sample = Some(Box::new(sample));
        self.count_loss(before, around);
        self.derive(around);
        self.judge(around, journal);
    }

    /// The server has no answer of it.
    pub(super) fn miss(
        &mut self,
        name: &str,
        reason: &str,
        interval: Millis,
        around: &Around<'_>,
        journal: &mut Journal,
    ) {
        self.heard = around.at;
        self.interval = interval;
        self.absent = Some(reason.to_owned());
        if self.sample.is_some() {
            self.judge(around, journal);
        } else {
            let next = Verdict::new(judge::State::Offline, Severity::Crit, reason)
                .helped_by("nats server report jetstream");
            self.settle(next, name, around, journal);
        }
    }

    /// Nothing has come for too long.
    pub(super) fn stale(&mut self, at: Millis, down: bool) -> Option<judge::State> {
        let silent = at.saturating_sub(self.heard);
        let limit = if down {
            self.interval.min(2_000)
        } else {
            self.interval
        };
        if silent <= limit.saturating_mul(3) || self.settled.verdict().state == judge::State::Stale {
            return None;
        }
        self.since = at;
        let mut verdict = Verdict::new(
            judge::State::Stale,
            Severity::Unknown,
            stale_reason(&self.settled),
        );
        verdict.confidence = judge::Confidence::Low;
        self.settled.hold(verdict)
    }

    /// Everything that follows from the newest sample.
    pub(super) fn derive(&mut self, around: &Around<'_>) {
        let Some(sample) = &self.sample else { return };
        self.derived = Derived::of(&Evidence {
            sample,
            history: &self.history,
            stream: around.stream,
            exact: &self.exact,
            thresholds: &self.thresholds,
        });
    }

    fn judge(&mut self, around: &Around<'_>, journal: &mut Journal) {
        let Some(sample) = &self.sample else { return };
        let crew = around.crew;
        let verdict = judge::consumer(&Circumstances {
            stream: around.stream_name,
            sample,
            history: &self.history,
            derived: &self.derived,
            thresholds: &self.thresholds,
            absent: self.absent.as_deref(),
            lost: self.lost_now(),
            workers: crew.map_or(&judge::Workers::Unknown, |crew| &crew.workers),
            component: crew.and_then(|crew| crew.component.as_deref()),
        });
        let name = sample.name.clone();
        self.settle(verdict, &name, around, journal);
    }

    fn settle(&mut self, verdict: Verdict, name: &str, around: &Around<'_>, journal: &mut Journal) {
        // Where samples are far between, the time they span says as much as their number.
        let seasoned = self.samples >= 3 && self.history.covers() >= SEASONED;
        let samples = self.samples.max(if seasoned { Patience::LIVE.warm } else { 0 });
        if let Some(before) = self.settled.take(verdict, samples, around.patience) {
            self.since = around.at;
            let now = self.settled.verdict();
            if before != judge::State::Warm || now.severity >= Severity::Warn {
                journal.changed(around.at, object(around, name), before.name(), now);
            }
        } else if self.samples <= 1 && self.since == 0 {
            self.since = around.at;
        }
    }

    /// Another consumer has taken the name: why it is another.
    fn restart(&mut self, sample: &ConsumerSample) -> Option<&'static str> {
        let old = self.sample.as_ref()?;
        let (before, now) = (old.created_ns?, sample.created_ns?);
        if before == now {
            return None;
        }
        self.history.clear();
        self.begin();
        Some("was created anew")
    }

    fn begin(&mut self) {
        self.exact = Exact::default();
        self.settled = Settled::default();
        self.lost = None;
        self.samples = 0;
        self.since = self.heard;
    }

    /// What left the queue undelivered because the stream has dropped it, between the last sample and this one.
    fn count_loss(&mut self, before: Option<Point>, around: &Around<'_>) {
        let (Some(before), Some(now), Some((stream, history))) =
            (before, self.sample.as_deref().and_then(Point::of), around.stream)
        else {
            return;
        };
        // One that takes all subjects and was delivered fewer messages than it has gone on by has passed over the others.
        let all = self
            .sample
            .as_ref()
            .is_some_and(|sample| sample.filter_subjects.is_empty());
        let delivered = now.consumer_seq.saturating_sub(before.consumer_seq);
        let passed = now
            .stream_seq
            .saturating_sub(before.stream_seq)
            .saturating_sub(delivered);
        let gone = now.vanished_since(&before).max(if all { passed } else { 0 });
        let dropped = history
            .at(now.ts)
            .is_some_and(|then| then.first_seq > before.stream_seq.saturating_add(1));
        let lag = self.derived.time_lag.map_or(0, |lag| lag.nanos);
        if gone == 0 || !dropped || stream.retention != Some(Retention::Limits) || !by_limit(stream, lag) {
            return;
        }
        let recent = self
            .lost
            .filter(|(ts, _)| later(*ts, now.ts) < LOSS)
            .map_or(0, |(_, count)| count);
        self.lost = Some((now.ts, recent.saturating_add(gone)));
    }

    fn lost_now(&self) -> u64 {
        let now = self.sample.as_ref().and_then(|sample| sample.ts);
        match (self.lost, now) {
            (Some((ts, count)), Some(now)) if later(ts, now) < LOSS => count,
            _ => 0,
        }
    }

    pub(super) fn take_ack_times(&mut self, at: Millis, times: Histogram) {
        self.ack_times
            .retain(|(then, _)| at.saturating_sub(*then) <= ACK_TIMES);
        if self.ack_times.len() >= 60 {
            self.ack_times.pop_front();
        }
        self.ack_times.push_back((at, times));
    }

    /// How much it needs a look, then how long its queue is; with a first part of 0 it needs none. What is about to change
    /// its state needs one soon, to be sure.
    pub(super) fn urgency(&self) -> (u64, i64, u64) {
        let severity = match self.settled.verdict().severity {
            Severity::Ok | Severity::Info | Severity::Unknown => 0,
            Severity::Warn => 1,
            Severity::Crit => 2,
        };
        let wait = self.sample.as_ref().map_or(0, |sample| sample.num_pending);
        let soon = self.settled.is_changing() || wait > self.derived.allowed;
        let lag = self.derived.time_lag.map_or(0, |lag| lag.nanos);
        ((severity << 1) | u64::from(soon), lag, wait)
    }
}

/// Whether one of the stream's limits can have dropped what was `lag` old. What no limit explains, somebody has purged.
fn by_limit(stream: &StreamSample, lag: i64) -> bool {
    let near = |used: u64, most: Option<u64>| most.is_some_and(|most| used >= most / 10 * 9);
    let aged = stream
        .max_age_ns
        .filter(|age| *age > 0)
        .is_some_and(|age| lag >= nanos(age) / 10 * 8);
    aged || near(stream.messages, stream.max_msgs) || near(stream.bytes, stream.max_bytes)
}

fn stale_reason(settled: &Settled) -> String {
    format!(
        "no fresh numbers; it was {} before",
        settled.verdict().state.name()
    )
}

fn object(around: &Around<'_>, name: &str) -> String {
    format!("{}/{name}", around.stream_name)
}
