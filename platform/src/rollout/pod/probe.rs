//! Probes that fail.

use k8s_openapi::api::core::v1::{ContainerStatus, Event};

use super::View;
use crate::kubernetes::text;
use crate::rollout::Kind;
use crate::rollout::finding::{Finding, Log, Look, Patience};

/// A container that runs and is not ready.
pub(super) fn not_ready(view: &View<'_>, status: &ContainerStatus) -> Finding {
    let said = failures(view, &status.name).next();
    let mut finding = match said.as_deref().and_then(parse) {
        Some((probe, why)) => {
            let mut finding = view.finding(
                Kind::Probe,
                Patience::Whole,
                &status.name,
                &format!("its {probe} probe fails: {why}"),
            );
            finding.brief = format!("{}: {probe} probe failing: {why}", view.name());
            finding
        }
        None => view.finding(
            Kind::NotReady,
            Patience::Whole,
            &status.name,
            "it runs and is not ready yet",
        ),
    };
    finding.log = Some(Log::new(view.pod, &status.name, false));
    finding.look = Look::Logs;
    finding
}

/// A container that was ended because its liveness or startup probe failed.
pub(super) fn killed(view: &View<'_>, status: &ContainerStatus, exit_code: i32) -> Option<Finding> {
    // By SIGTERM, by SIGKILL after it, or by itself on SIGTERM.
    let messages = failures(view, &status.name);
    let (probe, why) = messages
        .filter_map(|message| parse(&message).map(|(probe, why)| (probe.to_owned(), why.to_owned())))
        .find(|(probe, _)| probe != "readiness")?;
    let words = format!("it was ended because its {probe} probe failed: {why} (exit code {exit_code})");
    Some(view.finding(Kind::Probe, Patience::Whole, &status.name, &words))
}

/// What its probes said, newest first.
fn failures(view: &View<'_>, container: &str) -> impl Iterator<Item = String> {
    let path = format!("{{{container}}}");
    let about = move |warning: &&Event| {
        let part = warning.involved_object.field_path.as_deref().unwrap_or_default();
        warning.reason.as_deref() == Some("Unhealthy") && part.ends_with(&path)
    };
    let warnings: Vec<&Event> = view.warnings.iter().copied().filter(about).collect();
    warnings
        .into_iter()
        .filter_map(|warning| warning.message.as_deref().map(text::line))
}

/// `readiness` and why, of `Readiness probe failed: why`.
fn parse(message: &str) -> Option<(&str, &str)> {
    let (probe, why) = message.split_once(" probe ")?;
    let why = why.split_once(": ").map_or(why, |(_, why)| why);
    let probe = match probe {
        "Readiness" => "readiness",
        "Liveness" => "liveness",
        "Startup" => "startup",
        _ => return None,
    };
    Some((probe, why))
}
