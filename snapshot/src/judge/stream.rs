//! The rules for streams, in their order.

use super::availability::{leaderless, replicas};
use super::{Severity, State, Verdict};
use crate::number::{SECOND, counted, float, later, messages, nanos, span};
use crate::sample::{Discard, StreamSample, StreamSource};
use crate::text::quoted;
use crate::threshold::StreamThresholds;

/// Messages that a mirror or source may be behind without a word.
const SOURCE_LAG: u64 = 1_000;

/// So long it may be silent.
const SOURCE_SEEN: i64 = 60 * SECOND;

/// A stream that has taken nothing for so long is idle.
const IDLE: i64 = 60 * SECOND;

/// Everything a stream is judged by.
#[derive(Clone, Copy, Debug)]
pub struct StreamCircumstances<'a> {
    /// Its newest sample.
    pub sample: &'a StreamSample,
    /// What its owner has set.
    pub thresholds: &'a StreamThresholds,
    /// The server has no answer of it: why.
    pub absent: Option<&'a str>,
}

type Rule = fn(&StreamCircumstances<'_>) -> Option<Verdict>;

const RULES: [Rule; 6] = [offline, lost, full, degraded, behind, limits];

/// Judges by one sample. The first rule that matches wins, unless a later one is worse.
pub fn stream(circumstances: &StreamCircumstances<'_>) -> Verdict {
    let found = RULES.iter().filter_map(|rule| rule(circumstances));
    let worst = found.reduce(|worst, next| {
        if next.severity > worst.severity {
            next
        } else {
            worst
        }
    });
    worst.unwrap_or_else(|| quiet(circumstances))
}

fn help(of: &StreamCircumstances<'_>, verb: &str) -> String {
    format!("nats stream {verb} {}", quoted(&of.sample.name))
}

fn offline(of: &StreamCircumstances<'_>) -> Option<Verdict> {
    let reason = match of.absent {
        Some(reason) => reason,
        None if leaderless(of.sample.cluster.as_ref()) => "it has no leader: most of its replicas are away",
        None => return None,
    };
    Some(Verdict::new(State::Offline, Severity::Crit, reason).helped_by("nats server report jetstream"))
}

fn lost(of: &StreamCircumstances<'_>) -> Option<Verdict> {
    let lost = of.sample.lost.filter(|lost| lost.msgs > 0)?;
    let reason = format!("the server cannot read {} of it back", messages(lost.msgs));
    Some(Verdict::new(State::Loss, Severity::Crit, reason).helped_by(help(of, "info")))
}

fn full(of: &StreamCircumstances<'_>) -> Option<Verdict> {
    let sample = of.sample;
    if sample.discard != Some(Discard::New) {
        return None;
    }
    let size = sample.bytes.checked_div(sample.messages).unwrap_or(0);
    let by_count = sample.max_msgs.map(|most| (sample.messages, most, 1, "messages"));
    let by_bytes = sample.max_bytes.map(|most| (sample.bytes, most, size, "bytes"));
    let worst = [by_count, by_bytes]
        .into_iter()
        .flatten()
        .filter(|(_, most, ..)| *most > 0);
    let (used, most, one, unit) =
        worst.max_by(|one, other| share(one.0, one.1).total_cmp(&share(other.0, other.1)))?;
    let verdict = if used.saturating_add(one) > most {
        let reason = format!("{used} of at most {most} {unit}: it refuses new messages");
        Verdict::new(State::Full, Severity::Crit, reason)
    } else if share(used, most) >= 0.9 {
        let reason = format!("{used} of at most {most} {unit}: when it is full, it refuses new messages");
        Verdict::new(State::NearlyFull, Severity::Warn, reason)
    } else {
        return None;
    };
    Some(verdict.helped_by(format!("nats consumer report {}", quoted(&sample.name))))
}

fn share(used: u64, most: u64) -> f64 {
    float(used) / float(most)
}

fn degraded(of: &StreamCircumstances<'_>) -> Option<Verdict> {
    let lag = of.thresholds.peer_lag_critical.unwrap_or(1_000);
    let verdict = replicas(of.sample.cluster.as_ref(), lag)?.helped_by(help(of, "info"));
    let cluster = of.sample.cluster.as_ref()?;
    let critical = cluster.replicas.iter().any(|replica| {
        let behind = of
            .thresholds
            .peer_lag_critical
            .is_some_and(|most| replica.lag.unwrap_or(0) >= most);
        let silent = of
            .thresholds
            .peer_seen_critical
            .is_some_and(|most| replica.active_ns.unwrap_or(0) >= most);
        behind || silent
    });
    Some(Verdict {
        severity: if critical {
            Severity::Crit
        } else {
            verdict.severity
        },
        ..verdict
    })
}

fn behind(of: &StreamCircumstances<'_>) -> Option<Verdict> {
    let mut all = of.sample.mirror.iter().chain(&of.sample.sources);
    let (severity, reason) = all.find_map(|source| source_fault(of.thresholds, source))?;
    Some(Verdict::new(State::SourceLag, severity, reason).helped_by(help(of, "info")))
}

fn source_fault(thresholds: &StreamThresholds, source: &StreamSource) -> Option<(Severity, String)> {
    let (name, lag) = (&source.name, source.lag.unwrap_or(0));
    let silent = source.active_ns.unwrap_or(0);
    if let Some(error) = &source.error {
        return Some((Severity::Crit, format!("nothing comes from {name}: {error}")));
    }
    if thresholds.lag_critical.is_some_and(|most| lag >= most) {
        return Some((Severity::Crit, format!("{} behind {name}", messages(lag))));
    }
    if thresholds.seen_critical.is_some_and(|most| silent >= most) {
        return Some((
            Severity::Crit,
            format!("nothing was heard of {name} for {}", span(silent)),
        ));
    }
    if source.active_ns.is_none() {
        return Some((Severity::Warn, format!("nothing was ever heard of {name}")));
    }
    if silent > SOURCE_SEEN {
        return Some((
            Severity::Warn,
            format!("nothing was heard of {name} for {}", span(silent)),
        ));
    }
    (lag > SOURCE_LAG).then(|| (Severity::Warn, format!("{} behind {name}", messages(lag))))
}

fn limits(of: &StreamCircumstances<'_>) -> Option<Verdict> {
    let (sample, set) = (of.sample, of.thresholds);
    let by_count = passed(sample.messages, set.msgs_warn, set.msgs_critical, "message");
    let subjects = sample
        .num_subjects
        .and_then(|subjects| passed(subjects, set.subjects_warn, set.subjects_critical, "subject"));
    let (severity, reason) = by_count
        .into_iter()
        .chain(subjects)
        .max_by_key(|(severity, _)| *severity)?;
    Some(Verdict::new(State::Threshold, severity, reason).helped_by(help(of, "info")))
}

/// As `nats server check` does: a warning above its critical limit means that too few are what is wrong.
fn passed(count: u64, warn: Option<u64>, critical: Option<u64>, noun: &str) -> Option<(Severity, String)> {
    let few = matches!((warn, critical), (Some(warn), Some(critical)) if warn > critical);
    let past = |limit: u64| if few { count <= limit } else { count >= limit };
    let (severity, limit) = match (warn, critical) {
        (_, Some(limit)) if past(limit) => (Severity::Crit, limit),
        (Some(limit), _) if past(limit) => (Severity::Warn, limit),
        _ => return None,
    };
    Some((
        severity,
        format!("it has {}: the limit set is {limit}", counted(count, noun)),
    ))
}

fn quiet(of: &StreamCircumstances<'_>) -> Verdict {
    let sample = of.sample;
    let idle = match (sample.last_ts, sample.ts) {
        (Some(last), Some(now)) => later(last, now) >= IDLE,
        _ => sample.last_seq == 0,
    };
    let aged = sample
        .max_age_ns
        .map_or_else(String::new, |age| format!(", kept for {}", span(nanos(age))));
    if idle {
        Verdict::new(State::Idle, Severity::Ok, format!("nothing comes{aged}"))
    } else {
        Verdict::new(
            State::Ok,
            Severity::Ok,
            format!("{}{aged}", messages(sample.messages)),
        )
    }
}
