//! How the sources are, and the account they look at.

use super::journal::Entry;
use super::{State, cleaning};
use crate::judge::Severity;
use crate::number::{finite, float, seconds};
use crate::report::{AccountRow, EventKind, SourceRow};
use crate::sample::{AccountSample, Cost, Millis, Source, SourceReport, SourceState};

/// Accounts kept.
const ACCOUNTS: usize = 256;

/// Costs are compared over at least so many milliseconds.
const BETWEEN: Millis = 5_000;

#[derive(Debug)]
pub(super) struct SourceEntry {
    pub(super) report: SourceReport,
    pub(super) at: Millis,
    /// Since when it has been in its state.
    pub(super) since: Millis,
    /// What it had cost at some time before.
    past: (Millis, Cost),
    older: (Millis, Cost),
}

impl State {
    pub(super) fn take_source(&mut self, at: Millis, mut report: SourceReport) {
        cleaning::source(&mut report);
        let source = report.source;
        let Some(entry) = self.sources.get_mut(&source) else {
            let past = (at, report.cost);
            let entry = SourceEntry {
                report,
                at,
                since: at,
                past,
                older: past,
            };
            self.sources.insert(source, entry);
            return;
        };
        if at.saturating_sub(entry.past.0) >= BETWEEN {
            entry.older = entry.past;
            entry.past = (at, report.cost);
        }
        let before = entry.report.state;
        if before != report.state {
            entry.since = at;
            let (severity, text) = said(&report);
            self.journal.note(Entry {
                at,
                kind: EventKind::Source,
                severity,
                object: name(source),
                topic: text.clone(),
                text,
                count: 1,
            });
        }
        entry.at = at;
        entry.report = report;
    }

    pub(super) fn take_account(&mut self, mut sample: AccountSample) {
        cleaning::account(&mut sample);
        if self.accounts.len() >= ACCOUNTS && !self.accounts.contains_key(&sample.account) {
            return;
        }
        let before = self
            .accounts
            .get(&sample.account)
            .and_then(|(before, _)| before.api_errors);
        let new = sample
            .api_errors
            .zip(before)
            .map(|(now, before)| now.saturating_sub(before));
        self.accounts.insert(sample.account.clone(), (sample, new));
    }

    /// Whether the source of streams and consumers has said that it is down.
    pub(super) fn jetstream_is_down(&self) -> bool {
        self.sources
            .get(&Source::Jetstream)
            .is_some_and(|entry| entry.report.state == SourceState::Down)
    }

    pub(super) fn source_rows(&self, now: Millis) -> Vec<SourceRow> {
        self.sources.values().map(|entry| entry.row(now)).collect()
    }

    pub(super) fn account_rows(&self) -> Vec<AccountRow> {
        self.accounts
            .values()
            .map(|(sample, new)| account_row(sample, *new))
            .collect()
    }
}

fn said(report: &SourceReport) -> (Severity, String) {
    let reason = report
        .reason
        .as_deref()
        .map_or_else(String::new, |reason| format!(": {reason}"));
    match report.state {
        SourceState::Up => (Severity::Info, "answers".to_owned()),
        SourceState::Down => (Severity::Warn, format!("does not answer{reason}")),
        SourceState::Connecting => (Severity::Info, format!("connecting{reason}")),
        SourceState::Absent => (Severity::Info, format!("is not there{reason}")),
    }
}

/// As it is written in JSON.
pub(super) fn name(source: Source) -> String {
    match source {
        Source::Jetstream => "jetstream",
        Source::Messages => "messages",
        Source::Advisories => "advisories",
        Source::Services => "services",
        Source::Proxy => "proxy",
        Source::Server => "server",
        Source::Pods => "pods",
        Source::PodMetrics => "pod_metrics",
        Source::KubernetesEvents => "kubernetes_events",
    }
    .to_owned()
}

impl SourceEntry {
    fn row(&self, now: Millis) -> SourceRow {
        let report = &self.report;
        let (then, cost) = self.older;
        let elapsed = seconds(self.at.saturating_sub(then).saturating_mul(1_000_000));
        let per_s =
            |now: u64, before: u64| (elapsed >= 1.0).then(|| float(now.saturating_sub(before)) / elapsed);
        SourceRow {
            source: report.source,
            state: report.state,
            reason: report.reason.clone(),
            endpoint: report.endpoint.clone(),
            version: report.version.clone(),
            round_trip_ms: report.round_trip_ms.and_then(finite),
            interval_ms: report.interval_ms,
            age_ms: now.saturating_sub(self.at).max(0),
            requests: report.cost.requests,
            errors: report.cost.errors,
            bytes: report.cost.bytes,
            requests_per_s: per_s(report.cost.requests, cost.requests),
            bytes_per_s: per_s(report.cost.bytes, cost.bytes),
            p99_ms: report.cost.p99_ms.and_then(finite),
        }
    }
}

fn account_row(sample: &AccountSample, api_errors_new: Option<u64>) -> AccountRow {
    AccountRow {
        account: sample.account.clone(),
        memory_bytes: sample.memory_bytes,
        max_memory_bytes: sample.max_memory_bytes,
        storage_bytes: sample.storage_bytes,
        max_storage_bytes: sample.max_storage_bytes,
        streams: sample.streams,
        consumers: sample.consumers,
        api_total: sample.api_total,
        api_errors: sample.api_errors,
        api_errors_new,
        api_inflight: sample.api_inflight,
        api_level: sample.api_level,
        meta_leader: sample.meta_leader.clone(),
        meta_pending: sample.meta_pending,
    }
}
