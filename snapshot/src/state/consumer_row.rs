//! A consumer as a report shows it.

use super::StreamKey;
use super::consumer::ConsumerEntry;
use super::worker::Crew;
use crate::judge::Confidence;
use crate::lag::TimeLag;
use crate::latency::{Histogram, as_ms};
use crate::number::{finite, later, millis};
use crate::report::{ClusterRow, ConsumerDerived, ConsumerRaw, ConsumerRow, PriorityGroupRow};
use crate::sample::{ConsumerSample, Millis};

/// Samples of the little curve.
const TREND: usize = 30;

pub(super) fn row(
    key: &StreamKey,
    name: &str,
    entry: &ConsumerEntry,
    crew: Option<&Crew>,
    now: Millis,
) -> ConsumerRow {
    let verdict = entry.settled.verdict();
    let trend = entry.history.points();
    let skip = trend.len().saturating_sub(TREND);
    ConsumerRow {
        account: key.account.clone(),
        stream: key.stream.clone(),
        consumer: name.to_owned(),
        state: verdict.state,
        severity: verdict.severity,
        reason: verdict.reason.clone(),
        command: verdict.command.clone(),
        confidence: verdict.confidence,
        since_ms: now.saturating_sub(entry.since).max(0),
        age_ms: entry.seen.map(|seen| now.saturating_sub(seen).max(0)),
        ephemeral: entry.sample.as_ref().is_some_and(|sample| !sample.durable),
        raw: entry.sample.as_deref().map(raw),
        derived: derived(entry),
        trend_num_pending: trend.skip(skip).map(|point| point.num_pending).collect(),
        workers: crew.map_or_else(Vec::new, |crew| crew.names.clone()),
    }
}

fn raw(sample: &ConsumerSample) -> ConsumerRaw {
    let ms = |nanos: u64| nanos / 1_000_000;
    let since = |then: Option<i64>| Some(millis(later(then?, sample.ts?)).max(0));
    ConsumerRaw {
        mode: sample.mode,
        durable: sample.durable,
        ordered: sample.ordered,
        filter_subjects: sample.filter_subjects.clone(),
        ack_policy: sample.ack_policy,
        ack_wait_ms: sample.ack_wait_ns.map(ms),
        max_deliver: sample.max_deliver,
        max_ack_pending: sample.max_ack_pending,
        max_waiting: sample.max_waiting,
        deliver_subject: sample.deliver_subject.clone(),
        deliver_group: sample.deliver_group.clone(),
        inactive_threshold_ms: sample.inactive_threshold_ns.map(ms),
        num_pending: sample.num_pending,
        num_ack_pending: sample.num_ack_pending,
        num_redelivered: sample.num_redelivered,
        num_waiting: sample.num_waiting,
        delivered_consumer_seq: sample.delivered.consumer_seq,
        delivered_stream_seq: sample.delivered.stream_seq,
        last_delivery_ms: since(sample.delivered.last_active_ns),
        ack_floor_consumer_seq: sample.ack_floor.consumer_seq,
        ack_floor_stream_seq: sample.ack_floor.stream_seq,
        last_ack_ms: since(sample.ack_floor.last_active_ns),
        paused: sample.paused,
        pause_remaining_ms: sample.pause_remaining_ns.map(ms),
        push_bound: sample.push_bound,
        priority_groups: sample
            .priority_groups
            .iter()
            .map(|group| PriorityGroupRow {
                group: group.group.clone(),
                pinned_client_id: group.pinned_client_id.clone(),
            })
            .collect(),
        cluster: sample.cluster.as_ref().map(ClusterRow::of),
        created_ms: sample.created_ns.map(millis),
        description: sample.description.clone(),
        metadata: sample.metadata.clone(),
    }
}

fn confidence(lag: &TimeLag) -> Confidence {
    if lag.exact {
        Confidence::Exact
    } else {
        Confidence::Estimated
    }
}

fn derived(entry: &ConsumerEntry) -> ConsumerDerived {
    let Some(sample) = &entry.sample else {
        return ConsumerDerived::default();
    };
    let derived = &entry.derived;
    let rates = derived.rates.as_ref();
    let mut ack_times = Histogram::default();
    entry.ack_times.iter().for_each(|(_, times)| ack_times.add(times));
    let percentile = |share| ack_times.percentile(share).map(as_ms).and_then(finite);
    ConsumerDerived {
        backlog: Some(sample.num_pending.saturating_add(sample.num_ack_pending)),
        deliver_per_s: rates.and_then(|rates| finite(rates.deliver_per_s)),
        new_per_s: rates.and_then(|rates| finite(rates.new_per_s)),
        redeliver_per_s: rates.and_then(|rates| finite(rates.redeliver_per_s)),
        redeliver_share: rates.and_then(|rates| finite(rates.redeliver_per_s / rates.deliver_per_s)),
        ack_per_s: rates.and_then(|rates| rates.ack_per_s).and_then(finite),
        drain_per_s: derived.drain_per_s.and_then(finite),
        eta_s: derived.eta_s.and_then(finite),
        time_lag_ms: derived.time_lag.map(|lag| millis(lag.nanos)),
        time_lag_confidence: derived.time_lag.as_ref().map(confidence),
        ack_age_ms: derived.ack_age.map(|age| millis(age.nanos)),
        ack_age_confidence: derived.ack_age.as_ref().map(confidence),
        runway_ms: derived.runway.map(|runway| millis(runway.nanos)),
        parked: Some(derived.parked),
        skipped: Some(derived.skipped),
        allowed: Some(derived.allowed),
        ack_time_p50_ms: percentile(0.5),
        ack_time_p99_ms: percentile(0.99),
    }
}
