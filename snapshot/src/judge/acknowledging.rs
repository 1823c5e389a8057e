//! Messages are out: do they come back, and for good?

use super::consumer::Circumstances;
use super::delivering::LONGEST;
use super::{Severity, State, Verdict};
use crate::lag::deliveries;
use crate::number::{SECOND, float, later, messages, rate, span};
use crate::text::quoted;

/// How far back repeated deliveries are counted.
const STORM: i64 = 30 * SECOND;

pub(super) fn stall(of: &Circumstances<'_>) -> Option<Verdict> {
    let sample = of.sample;
    let crit = |reason| Some(Verdict::new(State::AckStall, Severity::Crit, reason).helped_by(of.look()));
    if let (Some(limit), Some(acked), Some(now)) = (
        of.thresholds.last_ack_critical,
        sample.ack_floor.last_active_ns,
        sample.ts,
    ) && sample.num_ack_pending > 0
        && later(acked, now) >= limit
    {
        let since = span(later(acked, now));
        return crit(format!(
            "nothing was acknowledged for {since}: the limit set is {}",
            span(limit)
        ));
    }
    let most = sample.max_ack_pending.filter(|most| *most > 0)?;
    let last = of.history.last()?;
    let stuck = of.lasting(|point| {
        u64::from(point.num_ack_pending) >= most
            && point.stream_seq == last.stream_seq
            && point.floor_seq == last.floor_seq
    })?;
    if stuck < of.ack_wait().min(LONGEST) {
        return None;
    }
    crit(format!(
        "{most} messages are out, as many as may be, and for {} none was acknowledged",
        span(stuck)
    ))
}

pub(super) fn saturated(of: &Circumstances<'_>) -> Option<Verdict> {
    let out = of.sample.num_ack_pending;
    if let Some(limit) = of.thresholds.outstanding_ack_critical
        && out >= limit
    {
        let reason = format!(
            "{} are out unacknowledged: the limit set is {limit}",
            messages(out)
        );
        return Some(Verdict::new(State::AckSat, Severity::Crit, reason).helped_by(of.look()));
    }
    let most = of.sample.max_ack_pending.filter(|most| *most > 0)?;
    let near = |out: f64| out >= 0.9 * float(most);
    let waits = of.sample.num_pending > 0 && near(float(out));
    let lasts = of.lasting(|point| near(point.num_ack_pending.into()) && point.num_pending > 0);
    let help = of.nats("edit");
    (waits && lasts.is_some_and(|lasts| lasts >= 3 * SECOND)).then(|| {
        Verdict::new(
            State::AckSat,
            Severity::Warn,
            format!(
                "{out} of at most {most} messages are out: the limit of unacknowledged messages holds it back"
            ),
        )
        .helped_by(format!("{help} --max-pending {}", most.saturating_mul(2)))
    })
}

pub(super) fn redelivery(of: &Circumstances<'_>) -> Option<Verdict> {
    let sample = of.sample;
    let floor = sample.ack_floor.stream_seq.saturating_add(1);
    let help = format!("nats stream get {} {floor}", quoted(of.stream));
    if let Some(limit) = of.thresholds.redelivery_critical
        && sample.num_redelivered >= limit
    {
        let reason = format!(
            "{} were delivered more than once: the limit set is {limit}",
            messages(sample.num_redelivered)
        );
        return Some(Verdict::new(State::RedeliveryStorm, Severity::Crit, reason).helped_by(help));
    }
    let (all, again) = deliveries(of.history.window(STORM));
    if again == 0 || of.history.len() < 3 {
        return None;
    }
    let share = float(again) / float(all);
    let per_s = of.derived.rates.map_or(0.0, |rates| rates.redeliver_per_s);
    // A storm that is over is one no more, though the half minute still shows it.
    let now = of
        .derived
        .rates
        .is_none_or(|rates| rates.redeliver_per_s >= 0.1 * rates.deliver_per_s);
    let full = now && of.history.covers() >= STORM - 2 * SECOND;
    let verdict = if full && again >= 3 && all == again {
        let reason =
            format!("all {all} deliveries of the last 30 s were repetitions: no new message gets through");
        Verdict::new(State::RedeliveryStorm, Severity::Crit, reason)
    } else if full && again >= 3 && share >= 0.5 {
        let reason = format!(
            "{:.0} % of deliveries are repetitions, {} now",
            share * 100.0,
            rate(per_s)
        );
        Verdict::new(State::RedeliveryStorm, Severity::Crit, reason)
    } else if share >= 0.1 {
        let reason = format!("{:.0} % of deliveries in 30 s were repetitions", share * 100.0);
        Verdict::new(State::Redelivery, Severity::Warn, reason)
    } else {
        return None;
    };
    Some(verdict.helped_by(help))
}
