//! A stream as a report shows it.

use super::StreamKey;
use super::stream::StreamEntry;
use crate::judge::Verdict;
use crate::number::{finite, float, later, millis, nanos, seconds};
use crate::report::{ClusterRow, SourceLagRow, StreamDerived, StreamRaw, StreamRow};
use crate::sample::{Millis, StreamSample, StreamSource};

/// Samples of the little curve.
const TREND: usize = 30;

pub(super) fn row(key: &StreamKey, entry: &StreamEntry, now: Millis) -> StreamRow {
    let Verdict {
        state,
        severity,
        reason,
        command,
        confidence,
    } = entry.settled.verdict().clone();
    StreamRow {
        account: key.account.clone(),
        stream: key.stream.clone(),
        state,
        severity,
        reason,
        command,
        confidence,
        since_ms: now.saturating_sub(entry.since).max(0),
        age_ms: entry.seen.map(|seen| now.saturating_sub(seen).max(0)),
        raw: entry.sample.as_deref().map(raw),
        derived: derived(entry),
        trend_publish_per_s: trend(entry),
    }
}

fn trend(entry: &StreamEntry) -> Vec<Option<f64>> {
    let points = entry.history.points();
    let pairs = points.clone().zip(points.skip(1));
    let skip = pairs.len().saturating_sub(TREND);
    pairs
        .skip(skip)
        .map(|(before, after)| {
            let count = float(after.last_seq.saturating_sub(before.last_seq));
            finite(count / seconds(later(before.ts, after.ts)))
        })
        .collect()
}

fn source(sample: &StreamSource) -> SourceLagRow {
    SourceLagRow {
        stream: sample.name.clone(),
        lag: sample.lag,
        active_ms: sample.active_ns.map(millis),
        error: sample.error.clone(),
    }
}

fn raw(sample: &StreamSample) -> StreamRaw {
    StreamRaw {
        subjects: sample.subjects.clone(),
        retention: sample.retention,
        storage: sample.storage,
        discard: sample.discard,
        max_msgs: sample.max_msgs,
        max_msgs_per_subject: sample.max_msgs_per_subject,
        max_bytes: sample.max_bytes,
        max_age_ms: sample.max_age_ns.map(|age| age / 1_000_000),
        messages: sample.messages,
        bytes: sample.bytes,
        first_seq: sample.first_seq,
        last_seq: sample.last_seq,
        num_subjects: sample.num_subjects,
        num_deleted: sample.num_deleted,
        lost_msgs: sample.lost.map(|lost| lost.msgs),
        consumer_count: sample.consumer_count,
        num_replicas: sample.num_replicas,
        cluster: sample.cluster.as_ref().map(ClusterRow::of),
        mirror: sample.mirror.as_ref().map(source),
        sources: sample.sources.iter().map(source).collect(),
        sealed: sample.sealed,
        created_ms: sample.created_ns.map(millis),
        description: sample.description.clone(),
        metadata: sample.metadata.clone(),
    }
}

fn derived(entry: &StreamEntry) -> StreamDerived {
    let Some(sample) = &entry.sample else {
        return StreamDerived::default();
    };
    let rates = entry.history.rates();
    let age = |ts: Option<i64>| Some(later(ts?, sample.ts?).max(0)).filter(|_| sample.messages > 0);
    let limit = limit(sample, age(sample.first_ts));
    let consumers = || entry.consumers.values();
    let lags = consumers().filter_map(|consumer| consumer.derived.time_lag);
    let runways = consumers().filter_map(|consumer| consumer.derived.runway);
    let behind = sample
        .mirror
        .iter()
        .chain(&sample.sources)
        .filter_map(|source| source.lag);
    StreamDerived {
        publish_per_s: rates.and_then(|rates| finite(rates.publish_per_s)),
        growth_per_s: rates.and_then(|rates| rates.growth_per_s).and_then(finite),
        limit_share: limit.map(|(share, _)| share),
        limit: limit.map(|(_, which)| which),
        oldest_ms: age(sample.first_ts).map(millis),
        newest_ms: age(sample.last_ts).map(millis),
        worst_num_pending: consumers()
            .filter_map(|one| Some(one.sample.as_ref()?.num_pending))
            .max(),
        worst_time_lag_ms: lags.map(|lag| millis(lag.nanos)).max(),
        worst_consumer_severity: consumers()
            .map(|consumer| consumer.settled.verdict().severity)
            .max(),
        runway_ms: runways.map(|runway| millis(runway.nanos)).min(),
        source_lag: behind.max(),
    }
}

/// The limit that it is nearest to, as a share of it.
fn limit(sample: &StreamSample, oldest: Option<i64>) -> Option<(f64, &'static str)> {
    let share = |used: u64, most: Option<u64>, which| {
        most.filter(|most| *most > 0)
            .map(|most| (float(used) / float(most), which))
    };
    let aged = oldest.zip(sample.max_age_ns.filter(|age| *age > 0));
    let by_age = aged.map(|(oldest, most)| (seconds(oldest) / seconds(nanos(most)), "age"));
    let all = [
        share(sample.messages, sample.max_msgs, "messages"),
        share(sample.bytes, sample.max_bytes, "bytes"),
        by_age,
    ];
    all.into_iter()
        .flatten()
        .max_by(|one, other| one.0.total_cmp(&other.0))
}
