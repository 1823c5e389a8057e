//! Pods: whether they are ready, and if not, why.

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod, PodCondition};
use k8s_openapi::jiff::Timestamp;

use super::text;

/// Reasons for which a container waits and that do not pass by themselves.
const STUCK: [&str; 9] = [
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImageInspectError",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
];

/// Whether the pod is Ready and stays.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    let ready = condition(pod, "Ready").is_some_and(|condition| condition.status == "True");
    ready && pod.metadata.deletion_timestamp.is_none()
}

/// Whether all its containers were started at `started` or later.
pub(super) fn runs_since(pod: &Pod, started: Option<Timestamp>) -> bool {
    let Some(started) = started else { return true };
    let mut containers = containers(pod).peekable();
    containers.peek().is_some()
        && containers.all(|container| {
            let running = container.state.as_ref().and_then(|state| state.running.as_ref());
            let since = running.and_then(|running| running.started_at.as_ref());
            since.is_some_and(|since| since.0 >= started)
        })
}

/// Why a pod is not ready, in a few words; `None` when it is, or has ended well.
pub(crate) fn trouble(pod: &Pod) -> Option<String> {
    if is_ready(pod) {
        return None;
    }
    if pod.metadata.deletion_timestamp.is_some() {
        return Some("terminating".to_owned());
    }
    let status = pod.status.as_ref()?;
    if status.phase.as_deref() == Some("Succeeded") {
        return None;
    }
    if status.phase.as_deref() == Some("Failed") && status.reason.is_some() {
        return Some(said(status.reason.as_deref(), status.message.as_deref()));
    }
    if let Some(scheduled) = condition(pod, "PodScheduled").filter(|condition| condition.status == "False") {
        return Some(said(scheduled.reason.as_deref(), scheduled.message.as_deref()));
    }
    let inits = status.init_container_statuses.iter().flatten();
    let stuck = inits.filter(|container| !container.ready && !container.started.unwrap_or(false));
    let stuck = stuck.chain(containers(pod)).find_map(container_trouble);
    Some(stuck.unwrap_or_else(|| "not started yet".to_owned()))
}

/// Whether waiting does not help, as far as one can tell: something outside of the pod has to change, or it has crashed repeatedly.
pub(super) fn is_stuck(pod: &Pod) -> bool {
    if is_ready(pod) || pod.metadata.deletion_timestamp.is_some() {
        return false;
    }
    let status = pod.status.as_ref();
    let failed = status.and_then(|status| status.phase.as_deref()) == Some("Failed");
    let unschedulable = condition(pod, "PodScheduled").is_some_and(|condition| condition.status == "False");
    let inits = status.and_then(|status| status.init_container_statuses.as_ref());
    let mut waiting = inits
        .into_iter()
        .flatten()
        .chain(containers(pod))
        .filter_map(|container| {
            let waiting = container.state.as_ref()?.waiting.as_ref()?;
            waiting.reason.as_deref()
        });
    failed || unschedulable || waiting.any(|reason| STUCK.contains(&reason))
}

fn container_trouble(container: &ContainerStatus) -> Option<String> {
    if container.ready {
        return None;
    }
    let state = container.state.as_ref()?;
    let name = &container.name;
    if let Some(waiting) = &state.waiting {
        let last = container
            .last_state
            .as_ref()
            .and_then(|last| last.terminated.as_ref());
        let reason = waiting.reason.as_deref();
        // Its message only says how long it waits; what counts is how the container ended.
        if let (Some("CrashLoopBackOff"), Some(last)) = (reason, last) {
            return Some(format!("CrashLoopBackOff: container {name} {}", ending(last)));
        }
        return Some(said(reason, waiting.message.as_deref()));
    }
    if let Some(terminated) = &state.terminated {
        return Some(format!("container {name} {}", ending(terminated)));
    }
    Some(format!("container {name} runs and is not ready"))
}

/// How a container ended.
pub(crate) fn ending(terminated: &ContainerStateTerminated) -> String {
    let reason = terminated
        .reason
        .as_deref()
        .filter(|reason| !matches!(*reason, "Error" | "Completed"));
    let how = match (terminated.exit_code, terminated.signal) {
        (_, Some(signal)) if signal != 0 => format!("was killed by signal {signal}"),
        (code, _) => format!("ended with exit code {code}"),
    };
    let message = terminated.message.as_deref().unwrap_or_default();
    let how = reason.map_or(how.clone(), |reason| format!("{how}, {reason}"));
    text::line(&if message.is_empty() {
        how
    } else {
        format!("{how}: {message}")
    })
}

fn said(reason: Option<&str>, message: Option<&str>) -> String {
    let words = [reason, message]
        .into_iter()
        .flatten()
        .filter(|words| !words.is_empty());
    let words: Vec<&str> = words.collect();
    if words.is_empty() {
        "for no given reason".to_owned()
    } else {
        text::line(&words.join(": "))
    }
}

fn containers(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let statuses = pod
        .status
        .as_ref()
        .and_then(|status| status.container_statuses.as_ref());
    statuses.into_iter().flatten()
}

pub(crate) fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<&'a PodCondition> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == kind)
}

#[cfg(test)]
mod tests;
