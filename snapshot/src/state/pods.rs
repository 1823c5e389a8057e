//! Pods and what they use.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::cleaning;
use crate::judge::Severity;
use crate::number::{counted, float, span};
use crate::report::{LeftOut, PodRow};
use crate::sample::{Millis, PodMetricsSample, PodSample, PodUsage, PodsSample};
use crate::text::quoted;

/// Pods kept.
const PODS: usize = 5_000;

/// How long restarts are told of, in milliseconds.
const RECENT: Millis = 600_000;

/// So long a pod may take to become ready, in milliseconds.
const BEGINS: Millis = 60_000;

/// Words in STATUS that say that a pod does not run.
const FAILS: [&str; 8] = [
    "BackOff",
    "Err",
    "OOMKilled",
    "Failed",
    "Evicted",
    "Invalid",
    "Unknown",
    "Lost",
];

#[derive(Debug, Default)]
pub(super) struct Pods {
    /// By namespace and name.
    pods: BTreeMap<(String, String), PodEntry>,
}

#[derive(Debug)]
pub(super) struct PodEntry {
    pub(super) sample: PodSample,
    usage: Option<PodUsage>,
    /// When it was first seen with so many restarts.
    restarts: VecDeque<(Millis, u64)>,
}

impl Pods {
    pub(super) fn take(&mut self, at: Millis, sample: PodsSample, left_out: &mut LeftOut) {
        let mut named = BTreeSet::new();
        let mut too_many = 0;
        for mut pod in sample.pods {
            cleaning::pod(&mut pod);
            let key = (pod.namespace.clone(), pod.name.clone());
            if sample.complete {
                named.insert(key.clone());
            }
            if let Some(entry) = self.pods.get_mut(&key) {
                entry.take(at, pod);
            } else if self.pods.len() < PODS {
                let restarts = VecDeque::from([(at, pod.restarts)]);
                self.pods.insert(
                    key,
                    PodEntry {
                        sample: pod,
                        usage: None,
                        restarts,
                    },
                );
            } else {
                too_many += 1;
            }
        }
        for gone in sample.gone {
            if let Some((namespace, name)) = gone.split_once('/') {
                self.pods.remove(&(namespace.to_owned(), name.to_owned()));
            }
        }
        if sample.complete {
            self.pods.retain(|key, _| named.contains(key));
        }
        left_out.pods = too_many;
    }

    pub(super) fn take_usage(&mut self, sample: PodMetricsSample) {
        for usage in sample.pods {
            if let Some(entry) = self.pods.get_mut(&(usage.namespace.clone(), usage.name.clone())) {
                entry.usage = Some(usage);
            }
        }
    }

    /// The component of the pod of that name, in whatever namespace.
    pub(super) fn component(&self, pod: &str) -> Option<&str> {
        let found = self.pods.values().find(|entry| entry.sample.name == pod)?;
        found.sample.component.as_deref()
    }

    /// The row of the pod of each name, with the instance that runs in it.
    pub(super) fn rows(&self, now: Millis, workers: &BTreeMap<String, String>) -> Vec<PodRow> {
        self.pods
            .values()
            .map(|entry| entry.row(now, workers.get(&entry.sample.name)))
            .collect()
    }
}

impl PodEntry {
    fn take(&mut self, at: Millis, sample: PodSample) {
        if self.sample.uid != sample.uid {
            self.restarts.clear();
            self.usage = None;
        }
        if self
            .restarts
            .back()
            .is_none_or(|(_, count)| *count != sample.restarts)
        {
            if self.restarts.len() >= 16 {
                self.restarts.pop_front();
            }
            self.restarts.push_back((at, sample.restarts));
        }
        self.sample = sample;
    }

    /// Those that were seen, or of which the last one's time says that it was one of them.
    fn recent_restarts(&self, now: Millis) -> u64 {
        let begin = now.saturating_sub(RECENT);
        let before = self
            .restarts
            .iter()
            .rev()
            .find(|(at, _)| *at <= begin)
            .or(self.restarts.front());
        let seen = before.map_or(0, |(_, count)| self.sample.restarts.saturating_sub(*count));
        let last = self
            .sample
            .last_restart_ms
            .is_some_and(|last| last > begin && self.sample.restarts > 0);
        seen.max(u64::from(last))
    }

    fn row(&self, now: Millis, worker: Option<&String>) -> PodRow {
        let sample = &self.sample;
        let (severity, reason) = self.judge(now);
        let usage = self.usage.as_ref();
        let resources = sample.resources;
        let share = |used: Option<u64>, of: Option<u64>| {
            used.zip(of.filter(|of| *of > 0))
                .map(|(used, of)| float(used) / float(of))
        };
        let (cpu, memory) = (
            usage.map(|usage| usage.cpu_millicores),
            usage.map(|usage| usage.memory_bytes),
        );
        PodRow {
            namespace: sample.namespace.clone(),
            pod: sample.name.clone(),
            status: sample.status.clone(),
            severity,
            command: (severity >= Severity::Warn).then(|| self.command()),
            reason,
            containers_ready: sample.containers_ready,
            containers: sample.containers,
            restarts: sample.restarts,
            restarts_10_min: self.recent_restarts(now),
            last_restart_ms: sample.last_restart_ms.map(|last| now.saturating_sub(last).max(0)),
            last_reason: sample.last_reason.clone(),
            last_exit_code: sample.last_exit_code,
            cpu_millicores: cpu,
            cpu_request_share: share(cpu, resources.cpu_request_millicores),
            cpu_limit_share: share(cpu, resources.cpu_limit_millicores),
            memory_bytes: memory,
            memory_request_share: share(memory, resources.memory_request_bytes),
            memory_limit_share: share(memory, resources.memory_limit_bytes),
            ip: sample.ip.clone(),
            node: sample.node.clone(),
            age_ms: sample
                .created_ms
                .map(|created| now.saturating_sub(created).max(0)),
            component: sample.component.clone(),
            owner: sample.owner.clone(),
            port_forward: sample.port_forward,
            worker: worker.cloned(),
        }
    }

    fn command(&self) -> String {
        let sample = &self.sample;
        let (namespace, name) = (quoted(&sample.namespace), quoted(&sample.name));
        if sample.restarts > 0 {
            format!("kubectl -n {namespace} logs {name} --all-containers --previous")
        } else {
            format!("kubectl -n {namespace} describe pod {name}")
        }
    }

    fn judge(&self, now: Millis) -> (Severity, Option<String>) {
        let sample = &self.sample;
        let status = sample.status.as_str();
        if FAILS.iter().any(|word| status.contains(word)) {
            let more = sample.message.as_ref().or(sample.last_reason.as_ref());
            let reason = more.map_or_else(|| status.to_owned(), |more| format!("{status}: {more}"));
            return (Severity::Crit, Some(reason));
        }
        if sample.terminating {
            return (Severity::Info, None);
        }
        if matches!(status, "Completed" | "Succeeded") {
            return (Severity::Ok, None);
        }
        if sample.containers_ready < sample.containers {
            return self.unready(now);
        }
        let reason = self.restarted(now).or_else(|| self.nearly_full());
        (
            if reason.is_some() {
                Severity::Warn
            } else {
                Severity::Ok
            },
            reason,
        )
    }

    fn unready(&self, now: Millis) -> (Severity, Option<String>) {
        let sample = &self.sample;
        let age = sample.created_ms.map_or(0, |created| now.saturating_sub(created));
        let severity = if age > BEGINS {
            Severity::Warn
        } else {
            Severity::Info
        };
        let ready = format!(
            "{} of {} containers are ready",
            sample.containers_ready, sample.containers
        );
        (severity, Some(sample.message.clone().unwrap_or(ready)))
    }

    fn restarted(&self, now: Millis) -> Option<String> {
        let restarts = Some(self.recent_restarts(now)).filter(|restarts| *restarts > 0)?;
        let times = counted(restarts, "time");
        let why = self
            .sample
            .last_reason
            .as_deref()
            .map_or_else(String::new, |reason| format!(": {reason}"));
        Some(format!(
            "restarted {times} in {}{why}",
            span(RECENT.saturating_mul(1_000_000))
        ))
    }

    fn nearly_full(&self) -> Option<String> {
        let used = float(self.usage.as_ref()?.memory_bytes);
        let limit = float(
            self.sample
                .resources
                .memory_limit_bytes
                .filter(|limit| *limit > 0)?,
        );
        (used >= 0.9 * limit).then(|| format!("uses {:.0} % of the memory it may have", 100.0 * used / limit))
    }
}
