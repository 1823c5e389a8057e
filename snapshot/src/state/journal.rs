//! What happened, the newest last; equal things close together are one.

use std::collections::VecDeque;

use super::State;
use crate::judge::{Severity, Verdict};
use crate::report::{EventKind, EventRow};
use crate::sample::{AdvisoryKind, AdvisorySample, KubernetesEventsSample, Millis};

use super::cleaning;

/// Events kept.
const KEPT: usize = 500;

/// How far back an equal event is looked for, in events and in time.
const NEAR: (usize, u64) = (64, 60_000);

#[derive(Debug, Default)]
pub(super) struct Journal {
    entries: VecDeque<Entry>,
}

/// One event.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) at: Millis,
    pub(super) kind: EventKind,
    pub(super) severity: Severity,
    pub(super) object: String,
    /// What makes two events equal, besides kind and object.
    pub(super) topic: String,
    pub(super) text: String,
    pub(super) count: u64,
}

impl Journal {
    pub(super) fn note(&mut self, entry: Entry) {
        let same = |other: &Entry| {
            (other.kind, &other.object, &other.topic) == (entry.kind, &entry.object, &entry.topic)
                && entry.at.abs_diff(other.at) < NEAR.1
        };
        let found = self
            .entries
            .iter()
            .enumerate()
            .rev()
            .take(NEAR.0)
            .find(|(_, other)| same(other));
        let earlier = found
            .map(|(index, _)| index)
            .and_then(|index| self.entries.remove(index));
        let (count, at) = earlier.map_or((0, entry.at), |earlier| (earlier.count, earlier.at.max(entry.at)));
        let count = count.saturating_add(entry.count);
        if self.entries.len() == KEPT {
            if self.entries.front().is_some_and(|oldest| entry.at < oldest.at) {
                return;
            }
            self.entries.pop_front();
        }
        // What is told late belongs between what it happened between.
        let later = self.entries.iter().rev().take_while(|other| other.at > at);
        let place = self.entries.len() - later.count();
        self.entries.insert(place, Entry { at, count, ..entry });
    }

    /// A state has changed.
    pub(super) fn changed(&mut self, at: Millis, object: String, before: &str, now: &Verdict) {
        let name = now.state.name();
        self.note(Entry {
            at,
            kind: EventKind::State,
            severity: now.severity,
            object,
            topic: format!("{before} {name}"),
            text: format!("{before} → {name}: {}", now.reason),
            count: 1,
        });
    }

    /// Something of a stream or consumer that no server tells.
    pub(super) fn seen(&mut self, at: Millis, object: String, severity: Severity, text: &str) {
        self.note(Entry {
            at,
            kind: EventKind::State,
            severity,
            object,
            topic: text.to_owned(),
            text: text.to_owned(),
            count: 1,
        });
    }

    /// The newest first.
    pub(super) fn rows(&self, now: Millis) -> impl Iterator<Item = EventRow> {
        self.entries.iter().rev().map(move |entry| EventRow {
            at_ms: entry.at,
            age_ms: now.saturating_sub(entry.at).max(0),
            kind: entry.kind,
            severity: entry.severity,
            object: entry.object.clone(),
            text: entry.text.clone(),
            count: entry.count,
        })
    }
}

impl State {
    pub(super) fn take_advisory(&mut self, at: Millis, mut sample: AdvisorySample) {
        cleaning::advisory(&mut sample);
        let object = match (&sample.stream, &sample.consumer) {
            (Some(stream), Some(consumer)) => format!("{stream}/{consumer}"),
            (Some(name), None) | (None, Some(name)) => name.clone(),
            (None, None) => "server".to_owned(),
        };
        let (severity, said) = meaning(sample.kind);
        let seq = sample
            .stream_seq
            .map_or_else(String::new, |seq| format!(" (message {seq}"));
        let times = match sample.deliveries {
            None => String::new(),
            Some(1) => ", delivered once".to_owned(),
            Some(times) => format!(", delivered {times} times"),
        };
        let end = if seq.is_empty() { "" } else { ")" };
        let times = if seq.is_empty() { String::new() } else { times };
        let reason = sample
            .reason
            .as_deref()
            .map_or_else(String::new, |reason| format!(": {reason}"));
        self.journal.note(Entry {
            at,
            kind: EventKind::Advisory,
            severity,
            object,
            topic: format!(
                "{:?}{}",
                sample.kind,
                if sample.kind == AdvisoryKind::Other {
                    &reason
                } else {
                    ""
                }
            ),
            text: format!("{said}{seq}{times}{end}{reason}"),
            count: sample.count.max(1),
        });
    }

    pub(super) fn take_kubernetes(&mut self, at: Millis, sample: KubernetesEventsSample) {
        for mut event in sample.events {
            cleaning::kubernetes(&mut event);
            self.journal.note(Entry {
                at: event.last_ms.map_or(at, |last| last.min(at)),
                kind: EventKind::Kubernetes,
                severity: if event.warning {
                    Severity::Warn
                } else {
                    Severity::Info
                },
                object: format!("{}/{}", event.namespace, event.name),
                topic: event.reason.clone(),
                text: format!("{} {}: {}", event.kind, event.reason, event.message),
                count: 1,
            });
        }
    }
}

fn meaning(kind: AdvisoryKind) -> (Severity, &'static str) {
    match kind {
        AdvisoryKind::MaxDeliveries => (Severity::Warn, "delivered as often as it may be: parked"),
        AdvisoryKind::MsgNaked => (Severity::Info, "given back by a worker"),
        // By a worker, or by the server because the message is gone: it says the reason.
        AdvisoryKind::MsgTerminated => (Severity::Warn, "given up"),
        AdvisoryKind::ConsumerCreated => (Severity::Info, "consumer created"),
        AdvisoryKind::ConsumerDeleted => (Severity::Info, "consumer deleted"),
        AdvisoryKind::ConsumerPause => (Severity::Info, "paused or resumed"),
        AdvisoryKind::ConsumerPinned => (Severity::Info, "pinned to a client"),
        AdvisoryKind::ConsumerUnpinned => (Severity::Info, "pinned to no client"),
        AdvisoryKind::ConsumerLeaderElected => (Severity::Info, "consumer has a new leader"),
        AdvisoryKind::ConsumerQuorumLost => (Severity::Crit, "consumer has no leader"),
        AdvisoryKind::StreamCreated => (Severity::Info, "stream created"),
        AdvisoryKind::StreamUpdated => (Severity::Info, "stream changed"),
        AdvisoryKind::StreamDeleted => (Severity::Warn, "stream deleted"),
        AdvisoryKind::StreamLeaderElected => (Severity::Info, "stream has a new leader"),
        AdvisoryKind::StreamQuorumLost => (Severity::Crit, "stream has no leader"),
        AdvisoryKind::StreamBatchAbandoned => (Severity::Warn, "a batch was not finished"),
        AdvisoryKind::ServerOutOfStorage => (Severity::Crit, "the server has no room"),
        AdvisoryKind::ServerRemoved => (Severity::Warn, "server removed from the cluster"),
        AdvisoryKind::ApiLimitReached => (Severity::Crit, "the API dropped requests: too many"),
        AdvisoryKind::DomainLeaderElected => (Severity::Info, "the cluster has a new meta leader"),
        AdvisoryKind::Other => (Severity::Info, "advisory"),
    }
}
