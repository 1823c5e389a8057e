//! What is wrong with one container.

use k8s_openapi::api::core::v1::ContainerStatus;

use super::{View, crash, probe, setup};
use crate::kubernetes::text;
use crate::rollout::Kind;
use crate::rollout::finding::{Finding, MOMENT, OTHERS, Patience};
use crate::rollout::image;

/// What keeps a container from being ready; `None` when it is, or when it waits for others.
pub(super) fn examine(view: &View<'_>, status: &ContainerStatus, init: bool) -> Option<Finding> {
    if status.ready {
        return None;
    }
    let state = status.state.as_ref()?;
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.as_deref().unwrap_or_default();
        let message = waiting.message.as_deref().unwrap_or_default();
        if let Some(trouble) = image::trouble(reason, message, &status.image) {
            let again = trouble.kind == Kind::ImagePull && failed_pulls(view, &status.name) > 1;
            let patience = if again { Patience::None } else { trouble.patience };
            return Some(view.finding(trouble.kind, patience, &status.name, &trouble.words));
        }
        return match reason {
            "CreateContainerConfigError" | "CreateContainerError" => Some(not_created(view, status, message)),
            "RunContainerError" => Some(not_started(view, status, message)),
            "CrashLoopBackOff" => crash::looping(view, status, init),
            _ => None,
        };
    }
    if state.terminated.is_some() {
        return crash::ended(view, status, init);
    }
    Some(probe::not_ready(view, status))
}

/// How often the kubelet has tried in vain to fetch the container's image. A registry may be away for a moment; the second try comes ten
/// seconds after the first.
fn failed_pulls(view: &View<'_>, container: &str) -> i32 {
    let path = format!("{{{container}}}");
    let about = view.warnings.iter().filter(|warning| {
        let part = warning.involved_object.field_path.as_deref().unwrap_or_default();
        let message = warning.message.as_deref().unwrap_or_default();
        warning.reason.as_deref() == Some("Failed")
            && part.ends_with(&path)
            && message.starts_with("Failed to pull image")
    });
    about.map(|warning| warning.count.unwrap_or(1)).sum()
}

/// The kubelet cannot make the container: mostly because of something it refers to.
fn not_created(view: &View<'_>, status: &ContainerStatus, message: &str) -> Finding {
    let message = text::line(message);
    let missing = setup::missing(&message);
    let (kind, patience) = match &missing {
        // Somebody may be about to write it; but not for long, unless there is somebody.
        Some(_) if view.makers => (Kind::MissingConfig, Patience::For(OTHERS)),
        Some(_) => (Kind::MissingConfig, Patience::For(MOMENT)),
        None if message.contains("runAsNonRoot") || message.contains("executable file not found") => {
            (Kind::Start, Patience::None)
        }
        None => (Kind::Start, Patience::For(4 * MOMENT)),
    };
    let words = match &missing {
        Some(missing) => missing.words(),
        None => format!("it cannot be created: {message}"),
    };
    let mut finding = view.finding(kind, patience, &status.name, &words);
    if let Some(missing) = missing {
        finding.look = missing.look();
    }
    finding
}

/// The runtime cannot start it; the kubelet tries again, and will see the same.
fn not_started(view: &View<'_>, status: &ContainerStatus, message: &str) -> Finding {
    let why = crash::start_error(message);
    view.finding(why.kind, Patience::For(MOMENT), &status.name, &why.words)
}
