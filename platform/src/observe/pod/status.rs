//! What kubectl shows as STATUS of a pod, so that nobody has to translate.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus, Pod, PodStatus};

/// `Running`, `CrashLoopBackOff`, `Init:0/1`, `Terminating`.
pub(super) fn word(pod: &Pod) -> String {
    if pod.metadata.deletion_timestamp.is_some() {
        return "Terminating".to_owned();
    }
    let Some(status) = &pod.status else {
        return "Unknown".to_owned();
    };
    let phase = status.reason.clone().or_else(|| status.phase.clone());
    initializing(pod, status)
        .or_else(|| {
            status
                .container_statuses
                .iter()
                .flatten()
                .rev()
                .find_map(of_container)
        })
        .or(phase)
        .unwrap_or_else(|| "Unknown".to_owned())
}

/// The state of the first init container that has not done its work.
fn initializing(pod: &Pod, status: &PodStatus) -> Option<String> {
    let all = pod.spec.as_ref()?.init_containers.as_ref()?.len();
    for (done, container) in status.init_container_statuses.iter().flatten().enumerate() {
        let state = container.state.as_ref();
        let ended = state.and_then(|state| state.terminated.as_ref());
        let is_over = ended.is_some_and(|ended| ended.exit_code == 0);
        if is_over || container.started == Some(true) {
            continue;
        }
        let why = ended
            .map(end)
            .or_else(|| waiting(state?).filter(|why| why != "PodInitializing"));
        return Some(match why {
            Some(why) => format!("Init:{why}"),
            None => format!("Init:{done}/{all}"),
        });
    }
    None
}

fn of_container(container: &ContainerStatus) -> Option<String> {
    let state = container.state.as_ref()?;
    waiting(state).or_else(|| state.terminated.as_ref().map(end))
}

fn waiting(state: &ContainerState) -> Option<String> {
    state.waiting.as_ref()?.reason.clone()
}

fn end(terminated: &ContainerStateTerminated) -> String {
    let code = match terminated.signal {
        Some(signal) if signal != 0 => format!("Signal:{signal}"),
        _ => format!("ExitCode:{}", terminated.exit_code),
    };
    terminated
        .reason
        .clone()
        .filter(|reason| !reason.is_empty())
        .unwrap_or(code)
}
