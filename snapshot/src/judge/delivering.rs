//! Messages wait: does anybody take them, does the server give them?

use super::consumer::{Circumstances, Workers};
use super::{Severity, State, Verdict};
use crate::lag::Point;
use crate::number::{SECOND, counted, later, messages, span, waiting};
use crate::sample::{Mode, Replay};

/// So long nobody must have asked before that means something by itself.
const UNASKED: i64 = 60 * SECOND;

/// So long a consumer that was busy must be quiet. Three samples at one in two seconds, and some room.
const QUIET: i64 = 3_500_000_000;

/// So long a server may sit on messages for which somebody waits.
const SERVER: i64 = 15 * SECOND;

/// So long nothing may move while messages are there.
const STILL: i64 = 60 * SECOND;

/// The ring ends somewhere: no rule waits longer than this.
pub(super) const LONGEST: i64 = 240 * SECOND;

pub(super) fn no_consumer(of: &Circumstances<'_>) -> Option<Verdict> {
    let sample = of.sample;
    if sample.num_pending == 0 {
        return nobody_is_left(of).map(|verdict| mild(of, verdict.helped_by(of.look())));
    }
    let wait = waiting(sample.num_pending);
    let verdict = match sample.mode {
        Mode::Push if sample.push_bound == Some(false) => {
            let subject = sample
                .deliver_subject
                .as_deref()
                .unwrap_or("its delivery subject");
            Verdict::new(
                State::NoConsumer,
                Severity::Crit,
                format!("{wait} and nobody listens on {subject}"),
            )
        }
        Mode::Push => return None,
        Mode::Pull => nobody_pulls(of, &wait)?,
    };
    Some(mild(of, verdict.helped_by(of.look())))
}

/// Who made an ephemeral consumer and left needs no help: the server removes it.
fn mild(of: &Circumstances<'_>, verdict: Verdict) -> Verdict {
    if of.sample.durable {
        return verdict;
    }
    let after = of.sample.inactive_threshold_ns.map_or_else(String::new, |after| {
        format!(" after {}", span(crate::number::nanos(after)))
    });
    Verdict {
        severity: Severity::Info,
        reason: format!("{}; it is ephemeral and goes by itself{after}", verdict.reason),
        ..verdict
    }
}

/// Nothing waits, because the workers took all that there was, and are gone with it.
fn nobody_is_left(of: &Circumstances<'_>) -> Option<Verdict> {
    let sample = of.sample;
    let left = of.pulled() && *of.workers == Workers::Gone && sample.num_waiting == 0;
    (left && sample.num_ack_pending > 0).then(|| {
        let out = messages(sample.num_ack_pending);
        let verb = if sample.num_ack_pending == 1 { "is" } else { "are" };
        Verdict::new(
            State::NoConsumer,
            Severity::Crit,
            format!("{out} {verb} out, and the workers that have them are gone"),
        )
    })
}

fn nobody_pulls(of: &Circumstances<'_>, wait: &str) -> Option<Verdict> {
    if of.sample.num_waiting > 0 {
        return None;
    }
    let crit = |reason| Some(Verdict::new(State::NoConsumer, Severity::Crit, reason));
    if *of.workers == Workers::Gone {
        return crit(format!("{wait} and its workers are gone"));
    }
    let undelivered = of.undelivered().unwrap_or(0);
    if undelivered >= UNASKED.max(of.ack_wait()) {
        return crit(format!(
            "{wait} and nobody has asked for one for {}",
            span(undelivered)
        ));
    }
    if matches!(of.workers, Workers::Alive(_)) {
        return None;
    }
    let quiet = of
        .lasting(|point| nobody(point) && !point.moved_since_last(of))
        .filter(|quiet| *quiet >= QUIET)?;
    if of.sample.num_ack_pending == 0 {
        unasked(of, quiet)
            .then(|| {
                format!(
                    "{wait}, nobody holds any and nobody has asked for one for {}",
                    span(quiet)
                )
            })
            .and_then(crit)
    } else {
        unanswered(of, quiet)
            .then(|| {
                let out = messages(of.sample.num_ack_pending);
                let quiet = span(quiet);
                format!(
                    "{wait}, and of {out} out none was acknowledged and nobody has asked for more for {quiet}"
                )
            })
            .and_then(crit)
            .map(Verdict::estimated)
    }
}

/// Nobody holds a message and nobody asks for one. One who comes by from time to time does that too, so somebody must have
/// been seen waiting or working, and not as seldom as this.
fn unasked(of: &Circumstances<'_>, quiet: i64) -> bool {
    let (busy, longest) = rhythm(of, quiet);
    let known = busy || of.history.points().any(|point| point.num_waiting > 0);
    known && quiet.saturating_mul(2) >= longest.saturating_mul(3)
}

/// Messages are out and nothing happens, though before it happened all the time. With as many out as may be, it is the
/// answers that are missing, not those who ask.
fn unanswered(of: &Circumstances<'_>, quiet: i64) -> bool {
    let (busy, longest) = rhythm(of, quiet);
    let full = of
        .sample
        .max_ack_pending
        .is_some_and(|most| of.sample.num_ack_pending >= most);
    busy && !full && quiet >= longest.saturating_mul(5)
}

/// Messages wait for which nobody does.
fn nobody(point: &Point) -> bool {
    point.num_pending > 0 && point.num_waiting == 0
}

impl Point {
    /// Whether anything was delivered or acknowledged between this and the newest sample.
    fn moved_since_last(&self, of: &Circumstances<'_>) -> bool {
        of.history.last().is_some_and(|last| last.moved_since(self))
    }
}

/// Whether the consumer was busy before it was quiet, and the longest that it was quiet with messages waiting before that.
fn rhythm(of: &Circumstances<'_>, quiet: i64) -> (bool, i64) {
    let end = of.history.last().map_or(0, |last| last.ts.saturating_sub(quiet));
    let (mut moves, mut run, mut longest) = (0, 0, 0);
    for (before, after) in of.history.points().zip(of.history.points().skip(1)) {
        // What leads to the first quiet sample is a part of this quiet.
        if after.ts >= end {
            break;
        }
        if after.moved_since(before) {
            moves += 1;
            run = 0;
        } else if nobody(after) {
            run = i64::saturating_add(run, later(before.ts, after.ts));
            longest = longest.max(run);
        }
    }
    (moves >= 3, longest)
}

pub(super) fn server_stall(of: &Circumstances<'_>) -> Option<Verdict> {
    // A group's clients may wait for good reasons of their own: another one is pinned, or the queue is too short.
    // And a replay waits between two messages as long as whoever published them.
    let sample = of.sample;
    if !of.pulled() || sample.paused || replays(of) || !sample.priority_groups.is_empty() {
        return None;
    }
    let most = of.sample.max_ack_pending.unwrap_or(u64::MAX);
    let last = of.history.last()?;
    let stuck = of.lasting(|point| {
        point.num_pending > 0
            && point.num_waiting > 0
            && u64::from(point.num_ack_pending) < most
            && point.consumer_seq == last.consumer_seq
    })?;
    (stuck >= SERVER).then(|| {
        let help = if of.sample.cluster.is_some() {
            "cluster step-down"
        } else {
            "info"
        };
        let wait = messages(of.sample.num_pending);
        let asked = counted(of.sample.num_waiting, "request");
        Verdict::new(
            State::ServerStall,
            Severity::Crit,
            format!(
                "{wait} and {asked} for them wait, and the server has delivered nothing for {}",
                span(stuck)
            ),
        )
        .helped_by(of.nats(help))
    })
}

fn replays(of: &Circumstances<'_>) -> bool {
    of.sample.replay == Replay::Original
}

pub(super) fn stall(of: &Circumstances<'_>) -> Option<Verdict> {
    let sample = of.sample;
    let crit = |reason| Some(Verdict::new(State::Stall, Severity::Crit, reason).helped_by(of.look()));
    let undelivered = of.undelivered().unwrap_or(0);
    if let Some(limit) = of.thresholds.last_delivery_critical
        && sample.num_pending > 0
        && undelivered >= limit
    {
        return crit(format!(
            "nothing was delivered for {}: the limit set is {}",
            span(undelivered),
            span(limit)
        ));
    }
    if replays(of) && sample.num_waiting > 0 {
        return None;
    }
    let last = of.history.last()?;
    let still = of.lasting(|point| {
        point.num_pending.saturating_add(point.num_ack_pending.into()) > of.derived.allowed
            && point.consumer_seq == last.consumer_seq
            && point.floor_seq == last.floor_seq
            && point.num_ack_pending == last.num_ack_pending
    })?;
    if still < STILL.max(of.ack_wait()).min(LONGEST) {
        return None;
    }
    let (wait, out) = (sample.num_pending, sample.num_ack_pending);
    crit(format!(
        "{wait} wait, {out} are out, and for {} nothing was delivered or acknowledged",
        span(still)
    ))
}
