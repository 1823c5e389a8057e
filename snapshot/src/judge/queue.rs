//! The queue itself: is it late, does it shrink, does it lose?

use super::consumer::Circumstances;
use super::{Severity, State, Verdict};
use crate::number::{SECOND, from_seconds, messages, rate, span, waiting};
use crate::text::quoted;

/// A queue must be there for so long before it is called late: a burst is not.
const LATE: i64 = 30 * SECOND;

/// A consumer without deliveries for so long is idle.
const IDLE: i64 = 60 * SECOND;

/// A queue that takes longer than this to empty is not called shrinking, in seconds.
const SHRINKS: f64 = 6.0 * 3600.0;

pub(super) fn loss(of: &Circumstances<'_>) -> Option<Verdict> {
    let reason = if of.derived.skipped > 0 {
        format!(
            "up to {} left the stream undelivered",
            messages(of.derived.skipped)
        )
    } else if of.lost > 0 {
        format!(
            "at least {} left the stream undelivered in the last half minute",
            messages(of.lost)
        )
    } else {
        return None;
    };
    let help = format!("nats stream info {}", quoted(of.stream));
    Some(Verdict::new(State::Loss, Severity::Crit, reason).helped_by(help))
}

/// Warns in the last hour and the last quarter of the time that a message stays, whichever is shorter; critical are ten
/// minutes and a tenth. A stream that keeps a minute is not alarmed about a second.
pub(super) fn runway(of: &Circumstances<'_>) -> Option<Verdict> {
    let runway = of.derived.runway?;
    let severity = if runway.nanos < (600 * SECOND).min(runway.horizon_nanos / 10) {
        Severity::Crit
    } else if runway.nanos < (3600 * SECOND).min(runway.horizon_nanos / 4) {
        Severity::Warn
    } else {
        return None;
    };
    let reason = format!("messages will be lost undelivered in {}", span(runway.nanos));
    let help = format!("nats stream edit {}", quoted(of.stream));
    Some(
        Verdict::new(State::Runway, severity, reason)
            .helped_by(help)
            .estimated(),
    )
}

pub(super) fn limits(of: &Circumstances<'_>) -> Option<Verdict> {
    let sample = of.sample;
    let reason = if let Some(limit) = of.thresholds.waiting_critical
        && sample.num_waiting >= limit
    {
        format!("{} requests wait: the limit set is {limit}", sample.num_waiting)
    } else if of.thresholds.pinned
        && let Some(group) = sample
            .priority_groups
            .iter()
            .find(|group| group.pinned_client_id.is_none())
    {
        format!("priority group {} is pinned to nobody", group.group)
    } else {
        return None;
    };
    Some(Verdict::new(State::Threshold, Severity::Crit, reason).helped_by(of.nats("info")))
}

/// Whether the queue shrinks at a pace that ends.
fn shrinks(of: &Circumstances<'_>) -> bool {
    of.derived.eta_s.is_some_and(|eta| eta < SHRINKS)
        && of.derived.trend_per_s.is_some_and(|trend| trend < 0.0)
}

pub(super) fn lagging(of: &Circumstances<'_>) -> Option<Verdict> {
    if let Some((severity, reason)) = beyond(of) {
        return Some(Verdict::new(State::Lagging, severity, reason).helped_by(of.look()));
    }
    let late = of.lasting(|point| point.num_pending > of.derived.allowed)?;
    let trend = of.derived.trend_per_s?;
    if late < LATE || shrinks(of) {
        return None;
    }
    let old = of
        .derived
        .time_lag
        .filter(|lag| lag.nanos > 0)
        .map_or_else(String::new, |lag| {
            format!(
                ", the next is {}{} old",
                if lag.exact { "" } else { "~" },
                span(lag.nanos)
            )
        });
    let goes = if trend > 0.05 {
        format!("the queue grows by {}", rate(trend))
    } else {
        "the queue does not shrink".to_owned()
    };
    let reason = format!("{goes}: {}{old}", waiting(of.sample.num_pending));
    Some(Verdict::new(State::Lagging, Severity::Warn, reason).helped_by(of.look()))
}

/// What its owner has set for its queue, if that is passed.
fn beyond(of: &Circumstances<'_>) -> Option<(Severity, String)> {
    let (wait, set) = (of.sample.num_pending, of.thresholds);
    if let Some(limit) = set.unprocessed_critical
        && wait >= limit
    {
        return Some((
            Severity::Crit,
            format!("{}: the limit set is {limit}", waiting(wait)),
        ));
    }
    let lag = of.derived.time_lag?.nanos;
    let limits = [
        (Severity::Crit, set.time_lag_critical),
        (Severity::Warn, set.time_lag_warn),
    ];
    limits.into_iter().find_map(|(severity, limit)| {
        let limit = limit.filter(|limit| lag >= *limit)?;
        let reason = format!(
            "the next message is {} old: the limit set is {}",
            span(lag),
            span(limit)
        );
        Some((severity, reason))
    })
}

pub(super) fn catching_up(of: &Circumstances<'_>) -> Option<Verdict> {
    let eta = of.derived.eta_s?;
    // A queue whose messages expire shrinks too, but nobody works it off.
    of.derived.rates.filter(|rates| rates.deliver_per_s > 0.0)?;
    (of.sample.num_pending > of.derived.allowed && shrinks(of)).then(|| {
        let reason = format!(
            "{}, empty in {}",
            waiting(of.sample.num_pending),
            span(from_seconds(eta))
        );
        Verdict::new(State::CatchingUp, Severity::Ok, reason)
    })
}

pub(super) fn quiet(of: &Circumstances<'_>) -> Option<Verdict> {
    of.sample.ts?;
    let sample = of.sample;
    let nothing = sample.num_pending == 0 && sample.num_ack_pending == 0;
    let unused = sample.delivered.consumer_seq == 0 || of.undelivered().is_some_and(|since| since >= IDLE);
    Some(if nothing && unused {
        Verdict::new(State::Idle, Severity::Ok, "nothing to do")
    } else if sample.num_pending == 0 {
        Verdict::new(State::Ok, Severity::Ok, "nothing waits")
    } else {
        Verdict::new(State::Ok, Severity::Ok, waiting(sample.num_pending))
    })
}
