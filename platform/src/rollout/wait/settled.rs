//! Whether what is available stays so. A container without a readiness probe is available the moment it starts, and one that ends soon after
//! is so again with every restart.

use std::collections::HashMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

/// How long a container that nobody asks whether it is ready has to run.
const UNPROBED: Duration = Duration::from_secs(3);
/// How long a container that has ended before has to run.
const RESTARTED: Duration = Duration::from_secs(10);
/// Starts are told in whole seconds.
const ROUNDING: Duration = Duration::from_secs(1);

/// One run of a container: pod, container, restarts before it.
type Run = (String, String, i32);

/// A moment by two clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    /// By ours, which never jumps.
    pub(super) here: Instant,
    /// By that of the world, as the cluster tells its times.
    pub(super) there: Timestamp,
}

/// When each run of a container was seen first.
#[derive(Debug, Default)]
pub(super) struct Runs {
    seen: HashMap<Run, Instant>,
}

/// What is available, and may not stay so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsettled {
    /// Why it is looked at longer.
    pub(super) reason: String,
    /// Until when; `None` for something that has to change.
    pub(super) until: Option<Instant>,
}

impl Runs {
    /// Takes note of what runs.
    pub(super) fn heed<'a>(&mut self, pods: impl IntoIterator<Item = &'a Pod>, now: Instant) {
        for pod in pods {
            for status in statuses(pod).filter(|status| started(status).is_some()) {
                self.seen.entry(run(pod, status)).or_insert(now);
            }
        }
    }

    /// What of a workload that is available has not run for long enough, longest last; `pods` are those of its newest template.
    pub(super) fn unsettled(&self, workload: &Value, pods: &[&Pod], now: Now) -> Option<Unsettled> {
        let least = workload.pointer("/spec/minReadySeconds").and_then(Value::as_i64);
        let to_run = pods.iter().filter(|pod| is_to_run(pod));
        let found = to_run.flat_map(|pod| {
            let containers = statuses(pod);
            containers.filter_map(|status| self.of_container(pod, status, least.unwrap_or(0), now))
        });
        found.max_by_key(|unsettled| (unsettled.until.is_none(), unsettled.until))
    }

    fn of_container(
        &self,
        pod: &Pod,
        status: &ContainerStatus,
        min_ready: i64,
        now: Now,
    ) -> Option<Unsettled> {
        let name = pod.metadata.name.as_deref().unwrap_or_default();
        let place = format!("{name}, container {}", status.name);
        let Some(started) = started(status) else {
            let reason = format!("{place}: has ended");
            return Some(Unsettled { reason, until: None });
        };
        let restarts = status.restart_count;
        let (least, why) = if restarts > 0 {
            (RESTARTED, format!("it has ended {} before", times(restarts)))
        } else if min_ready > 0 || is_probed(pod, &status.name) {
            // Kubernetes itself has waited.
            return None;
        } else {
            (UNPROBED, "it has no readiness probe".to_owned())
        };
        // The cluster's clock may differ from ours: one of the two is enough.
        let seen = self.seen.get(&run(pod, status)).copied().unwrap_or(now.here);
        let age = u64::try_from(now.there.as_second() - started.as_second()).unwrap_or(0);
        let left = (least + ROUNDING).saturating_sub(Duration::from_secs(age));
        let until = (seen + least).min(now.here + left);
        (until > now.here).then(|| Unsettled {
            reason: format!("{place}: runs, and is watched for {} s as {why}", least.as_secs()),
            until: Some(until),
        })
    }
}

fn run(pod: &Pod, status: &ContainerStatus) -> Run {
    let uid = pod.metadata.uid.clone().unwrap_or_default();
    (uid, status.name.clone(), status.restart_count)
}

fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.as_ref();
    status
        .and_then(|status| status.container_statuses.as_ref())
        .into_iter()
        .flatten()
}

fn started(status: &ContainerStatus) -> Option<Timestamp> {
    let running = status.state.as_ref()?.running.as_ref()?;
    Some(running.started_at.as_ref()?.0)
}

/// Whether it neither goes nor is over.
fn is_to_run(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    pod.metadata.deletion_timestamp.is_none() && !matches!(phase, Some("Succeeded" | "Failed"))
}

/// Whether Kubernetes asks the container if it is ready, or at least whether it has come up.
fn is_probed(pod: &Pod, container: &str) -> bool {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let mut named = containers.filter(|one| one.name == container);
    named.any(|one| one.readiness_probe.is_some() || one.startup_probe.is_some())
}

fn times(count: i32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

#[cfg(test)]
mod tests;
