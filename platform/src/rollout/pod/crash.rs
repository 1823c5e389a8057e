//! Containers that end when they should run.
//!
//! A crash may pass: the program lacks something that comes a moment later. How long it is waited for:
//!
//! - The kubelet starts a container again at once after its first end, and holds it back after the second: some seconds after the first
//!   start, as a rule. If both runs ended with the same exit code, and nothing else of this deployment is under way that could make a
//!   difference to the next run, the report of the second end is the end of the wait. (`CrashLoopBackOff` may be told as late as
//!   ten seconds after that: the kubelet writes it into the status when it looks at the pod the next time.)
//! - If the two ended differently it may be coming further each time; if something else was still under way when the last run began (another
//!   object of the component that is not ready, another component that does not wait for this one), the next run may find what it
//!   lacked. Then it is the third restart, half a minute after the first start, that ends the wait.
//! - A container that twice used too much memory will do so again.
//! - What one waits for outside of the deployment, and expects to come later, is what `--fail-fast=off` is for.

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus};

use super::{View, probe};
use crate::kubernetes::text;
use crate::rollout::Kind;
use crate::rollout::finding::{Finding, Log, Look, Patience};

/// A database that is still coming up explains two restarts; the third ends the wait.
const RESTARTS: i32 = 3;

/// The kubelet holds back the next start.
pub(super) fn looping(view: &View<'_>, status: &ContainerStatus, init: bool) -> Option<Finding> {
    let last = status.last_state.as_ref()?.terminated.as_ref()?;
    Some(crash(view, status, last, Last { previous: true, init }))
}

/// It has ended just now.
pub(super) fn ended(view: &View<'_>, status: &ContainerStatus, init: bool) -> Option<Finding> {
    let last = status.state.as_ref()?.terminated.as_ref()?;
    if last.exit_code == 0 && (init || status.restart_count == 0) {
        return None;
    }
    Some(crash(
        view,
        status,
        last,
        Last {
            previous: false,
            init,
        },
    ))
}

/// Where the run that ended stands.
#[derive(Clone, Copy)]
struct Last {
    previous: bool,
    init: bool,
}

fn crash(view: &View<'_>, status: &ContainerStatus, last: &ContainerStateTerminated, at: Last) -> Finding {
    let message = last.message.as_deref().unwrap_or_default();
    let reason = last.reason.as_deref().unwrap_or_default();
    let mut finding = if is_start_error(reason, message) {
        let why = start_error(message);
        view.finding(why.kind, Patience::None, &status.name, &why.words)
    } else if reason == "OOMKilled" {
        out_of_memory(view, status, at)
    } else if let Some(killed) = probe::killed(view, status, last.exit_code) {
        killed
    } else {
        let what = if at.init { "init container " } else { "" };
        let words = format!("{what}{} {}", ending(last), restarts(status.restart_count));
        view.finding(Kind::Crash, Patience::Whole, &status.name, words.trim_end())
    };
    let repeated = finding.kind == Kind::Crash && view.ends_alike(&status.name);
    if repeated || status.restart_count >= RESTARTS {
        finding.patience = Patience::None;
    }
    // What never started has written nothing.
    if !matches!(finding.kind, Kind::Start | Kind::ImagePlatform) {
        finding.log = Some(Log::new(view.pod, &status.name, at.previous));
        finding.look = Look::Logs;
    }
    finding
}

fn out_of_memory(view: &View<'_>, status: &ContainerStatus, at: Last) -> Finding {
    let limit = memory_limit(view, &status.name).map_or_else(String::new, |limit| format!(" of {limit}"));
    let words = format!(
        "it was killed because it used more memory than its limit{limit} (exit code 137, OOMKilled) {}",
        restarts(status.restart_count)
    );
    // Twice in a row: it needs more, whatever else comes up.
    let patience = if at.previous || status.restart_count > 0 {
        Patience::None
    } else {
        Patience::Whole
    };
    view.finding(Kind::OutOfMemory, patience, &status.name, words.trim_end())
}

fn memory_limit(view: &View<'_>, container: &str) -> Option<String> {
    let spec = view.pod.spec.as_ref()?;
    let all = spec
        .containers
        .iter()
        .chain(spec.init_containers.iter().flatten());
    let found = all.into_iter().find(|one| one.name == container)?;
    let limits = found.resources.as_ref()?.limits.as_ref()?;
    limits.get("memory").map(|limit| text::line(&limit.0))
}

fn restarts(count: i32) -> String {
    match count {
        0 => String::new(),
        1 => "after 1 restart".to_owned(),
        count => format!("after {count} restarts"),
    }
}

/// How a container ended: `ended with exit code 3`, `was killed by signal 11 (SIGSEGV)`.
pub(super) fn ending(last: &ContainerStateTerminated) -> String {
    let by_code = (last.exit_code > 128 && last.exit_code < 160).then_some(last.exit_code - 128);
    let signal = last.signal.filter(|signal| *signal != 0).or(by_code);
    let words = match signal {
        Some(signal) => format!("was killed by signal {signal}{}", name(signal)),
        None => format!("ended with exit code {}", last.exit_code),
    };
    let message = text::line(last.message.as_deref().unwrap_or_default());
    if message.is_empty() {
        words
    } else {
        format!("{words}: {message}")
    }
}

fn name(signal: i32) -> String {
    let signal = rustix::process::Signal::from_named_raw(signal);
    signal.map_or_else(String::new, |signal| {
        format!(" ({signal:?})").to_ascii_uppercase()
    })
}

/// Why the runtime could not start the program.
pub(super) struct StartError {
    pub(super) kind: Kind,
    pub(super) words: String,
}

fn is_start_error(reason: &str, message: &str) -> bool {
    matches!(reason, "StartError" | "ContainerCannotRun") || message.contains("exec format error")
}

/// What a runtime's message means.
pub(super) fn start_error(message: &str) -> StartError {
    let message = text::line(message);
    let why = message.rsplit_once("unable to start container process: ");
    let why = why
        .map_or(message.as_str(), |(_, why)| why)
        .trim_end_matches(": unknown");
    let (kind, words) = if why.contains("exec format error") {
        (
            Kind::ImagePlatform,
            format!("its program is made for another kind of machine than the node's: {why}"),
        )
    } else {
        (Kind::Start, format!("it cannot be started: {why}"))
    };
    StartError { kind, words }
}
