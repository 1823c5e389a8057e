//! What is wrong with one pod.

mod container;
mod crash;
mod probe;
mod setup;

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};

use super::Kind;
use super::finding::{Finding, Look, OTHERS, Patience};
use super::scene::Scene;
use super::schedule;
use crate::kubernetes::{pods, text};

/// What is wrong with a pod that should be ready; `None` when it is, is going, or has ended well.
pub(super) fn examine(pod: &Pod, scene: &Scene<'_>) -> Option<Finding> {
    let status = pod.status.as_ref();
    let phase = status.and_then(|status| status.phase.as_deref());
    if pods::is_ready(pod) || pod.metadata.deletion_timestamp.is_some() || phase == Some("Succeeded") {
        return None;
    }
    let status = status?;
    if let (Some("Failed"), Some(reason)) = (phase, status.reason.as_deref()) {
        let message = status.message.as_deref().unwrap_or_default();
        return Some(thrown_out(pod, reason, message));
    }
    if let Some(scheduled) =
        pods::condition(pod, "PodScheduled").filter(|condition| condition.status == "False")
    {
        let message = text::line(scheduled.message.as_deref().unwrap_or_default());
        return Some(unscheduled(pod, &message));
    }
    let warnings = scene.warnings_about(uid(pod));
    let view = View {
        pod,
        warnings,
        makers: scene.makers,
        hopeless: &scene.hopeless,
    };
    if let Some(lost) = setup::lost_node(&view) {
        return Some(lost);
    }
    let inits = status.init_container_statuses.iter().flatten();
    let inits = inits.filter(|container| !has_done_its_part(container));
    let found = inits.map(|container| (container, true));
    let containers = status
        .container_statuses
        .iter()
        .flatten()
        .map(|container| (container, false));
    let mut parts = found.chain(containers);
    let found = parts.find_map(|(container, init)| container::examine(&view, container, init));
    found.or_else(|| setup::examine(&view))
}

/// Whether the node threw it out, or did not take it.
pub(super) fn is_evicted(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    status.is_some_and(|status| status.phase.as_deref() == Some("Failed") && status.reason.is_some())
}

/// A pod, and what else is known about it.
pub(super) struct View<'a> {
    pub(super) pod: &'a Pod,
    /// Newest first.
    pub(super) warnings: Vec<&'a k8s_openapi::api::core::v1::Event>,
    /// Whether what is missing may still be made.
    pub(super) makers: bool,
    /// Containers that end alike every time.
    hopeless: &'a BTreeSet<(String, String)>,
}

impl View<'_> {
    pub(super) fn name(&self) -> &str {
        self.pod.metadata.name.as_deref().unwrap_or_default()
    }

    /// Whether the container's last runs ended alike, and nothing else is under way that may help it.
    pub(super) fn ends_alike(&self, container: &str) -> bool {
        let place = (uid(self.pod).to_owned(), container.to_owned());
        self.hopeless.contains(&place)
    }

    /// A finding about this pod.
    pub(super) fn finding(&self, kind: Kind, patience: Patience, part: &str, words: &str) -> Finding {
        finding(self.pod, kind, patience, part, words)
    }
}

fn finding(pod: &Pod, kind: Kind, patience: Patience, part: &str, words: &str) -> Finding {
    let name = pod.metadata.name.clone().unwrap_or_default();
    let place = if part.is_empty() {
        format!("pod {name}")
    } else {
        format!("pod {name}, container {part}")
    };
    Finding {
        kind,
        patience,
        part: part.to_owned(),
        brief: format!("{name}: {words}"),
        cause: format!("{place}: {words}"),
        involved: vec![uid(pod).to_owned()],
        log: None,
        look: Look::Describe {
            kind: "pod".to_owned(),
            name,
        },
    }
}

fn uid(pod: &Pod) -> &str {
    pod.metadata.uid.as_deref().unwrap_or_default()
}

/// An init container that has succeeded, or a sidecar that has started.
fn has_done_its_part(container: &ContainerStatus) -> bool {
    container.ready || container.started.unwrap_or(false)
}

fn thrown_out(pod: &Pod, reason: &str, message: &str) -> Finding {
    let words = text::line(&format!("thrown out by its node, {reason}: {message}"));
    finding(pod, Kind::Evicted, Patience::For(OTHERS), "", &words)
}

fn unscheduled(pod: &Pod, message: &str) -> Finding {
    let (kind, patience, sentence) = schedule::unschedulable(message);
    let mut finding = finding(pod, kind, patience, "", &format!("no node takes it: {sentence}"));
    if kind == Kind::Volume {
        finding.look = Look::Get("persistentvolumeclaims");
    }
    finding
}
