//! Finding out what is wrong with one object whose rollout is not done.

use k8s_openapi::api::core::v1::Pod;
use serde_json::Value;

use super::finding::{Finding, Log, Look, MOMENT, OTHERS, Patience};
use super::scene::Scene;
use super::target::Target;
use super::{Kind, create, pod};
use crate::kubernetes::rollout::{Rollout, Rule};

/// What is wrong, most certain first; nothing when it simply goes on.
pub(super) fn examine(
    target: &Target,
    object: &Value,
    rollout: &Rollout,
    scene: Option<&Scene<'_>>,
) -> Vec<Finding> {
    let nothing = Scene::default();
    let scene = scene.unwrap_or(&nothing);
    let mut findings = Vec::new();
    if target.rule.has_pods() {
        let pods = scene.newest_pods(target.rule, object);
        findings.extend(create::refused(target, object, rollout, &pods, scene));
        findings.extend(pods.iter().filter_map(|pod| pod::examine(pod, scene)));
        let older = scene.older_pods(target.rule, object);
        let held_up = older
            .iter()
            .filter_map(|pod| Some((*pod, pod::examine(pod, scene)?)));
        findings.extend(held_up.map(|(pod, finding)| never_replaced(pod, finding)));
        too_often_evicted(&mut findings, &pods);
        merge(&mut findings);
    }
    match rollout {
        Rollout::Failed(reason) => given_up(target, object, reason, &mut findings),
        Rollout::Failing(reason) if !target.rule.has_pods() => findings.push(refused(target, object, reason)),
        _ => {}
    }
    findings.sort_by_key(|finding| finding.patience);
    findings
}

/// What nothing else explains, at the end of the wait.
pub(super) fn unexplained(target: &Target, object: &Value, reason: &str) -> Finding {
    Finding {
        kind: Kind::NotReady,
        patience: Patience::Whole,
        part: String::new(),
        brief: reason.to_owned(),
        cause: format!("not ready: {reason}"),
        involved: uid(object).into_iter().collect(),
        log: None,
        look: Look::of(target),
    }
}

/// For an object that was applied and is not there.
pub(super) fn gone(target: &Target) -> Finding {
    Finding {
        kind: Kind::Gone,
        patience: Patience::For(MOMENT),
        part: String::new(),
        brief: "it is not there".to_owned(),
        cause: "it was applied and is not there any more: somebody, or a controller, has deleted it"
            .to_owned(),
        involved: Vec::new(),
        log: None,
        look: Look::of(target),
    }
}

impl Look {
    /// At the object itself.
    pub(super) fn of(target: &Target) -> Self {
        let kind = if target.id.group.is_empty() {
            target.id.kind.to_ascii_lowercase()
        } else {
            format!("{}.{}", target.id.kind.to_ascii_lowercase(), target.id.group)
        };
        Self::Describe {
            kind,
            name: target.id.name.clone(),
        }
    }
}

pub(super) fn uid(object: &Value) -> Option<String> {
    let uid = object.pointer("/metadata/uid").and_then(Value::as_str);
    uid.map(str::to_owned)
}

/// A pod of an earlier template in trouble: a `StatefulSet` waits for it to run before it makes a new one of it.
fn never_replaced(pod: &Pod, mut finding: Finding) -> Finding {
    let was = finding.kind;
    finding.kind = Kind::OlderPod;
    finding.part = format!("{was:?} {}", finding.part);
    // What was wrong with it is not wrong any more, perhaps; that it is replaced will not happen by itself.
    finding.patience = finding.patience.max(Patience::For(MOMENT));
    finding.cause = format!(
        "{}; it is from before this deployment, and a StatefulSet replaces it only when it runs",
        finding.cause
    );
    finding.look = Look::DeletePod(pod.metadata.name.clone().unwrap_or_default());
    finding
}

/// The controller of a custom resource says no, and tries again.
fn refused(target: &Target, object: &Value, reason: &str) -> Finding {
    // Its first words may be about what was there before the last change, or about something that is made at the same time.
    let patience = if target.rule == Rule::Stream {
        Patience::For(MOMENT)
    } else {
        Patience::Alone(MOMENT)
    };
    Finding {
        kind: Kind::Resource,
        patience,
        part: String::new(),
        brief: reason.to_owned(),
        cause: reason.to_owned(),
        involved: uid(object).into_iter().collect(),
        log: None,
        look: Look::of(target),
    }
}

/// Kubernetes, or the controller, has given it up: what is wrong now is why.
fn given_up(target: &Target, object: &Value, reason: &str, findings: &mut Vec<Finding>) {
    if findings.is_empty() || target.rule == Rule::Job {
        let log = findings.first().and_then(|finding| finding.log.clone());
        let explained = findings.first().map(|finding| format!("; {}", finding.cause));
        let kind = match target.rule {
            Rule::Job => Kind::Job,
            rule if rule.has_pods() => Kind::Deadline,
            _ => Kind::Resource,
        };
        let mut given_up = refused(target, object, reason);
        given_up.kind = kind;
        given_up.cause = format!("{reason}{}", explained.unwrap_or_default());
        given_up
            .involved
            .extend(findings.iter().flat_map(|finding| finding.involved.clone()));
        given_up.look = if log.is_some() { Look::Logs } else { given_up.look };
        given_up.log = log;
        *findings = vec![given_up];
    }
    for finding in findings {
        finding.patience = Patience::None;
    }
}

/// A pod that is thrown out once finds another place; the third in a row will not.
fn too_often_evicted(findings: &mut [Finding], pods: &[&Pod]) {
    let evicted = pods.iter().filter(|pod| pod::is_evicted(pod)).count();
    for finding in findings
        .iter_mut()
        .filter(|finding| finding.kind == Kind::Evicted)
    {
        finding.patience = if evicted >= 3 {
            Patience::None
        } else {
            Patience::For(OTHERS)
        };
        if evicted > 1 {
            finding.cause = format!("{} ({evicted} pods so far)", finding.cause);
        }
    }
}

/// Several pods in the same trouble are one finding.
fn merge(findings: &mut Vec<Finding>) {
    let mut merged: Vec<(Finding, usize)> = Vec::new();
    for finding in findings.drain(..) {
        let same = |(one, _): &&mut (Finding, usize)| one.kind == finding.kind && one.part == finding.part;
        match merged.iter_mut().find(same) {
            Some((one, others)) => {
                *others += 1;
                one.patience = one.patience.min(finding.patience);
                one.involved.extend(finding.involved);
            }
            None => merged.push((finding, 0)),
        }
    }
    findings.extend(merged.into_iter().map(|(mut finding, others)| {
        if others > 0 && finding.kind != Kind::Evicted {
            let pods = if others == 1 { "pod" } else { "pods" };
            finding.cause = format!("{} (and {others} more {pods} likewise)", finding.cause);
        }
        finding
    }));
}

impl Log {
    /// A container's log.
    pub(super) fn new(pod: &Pod, container: &str, previous: bool) -> Self {
        Self {
            pod: pod.metadata.name.clone().unwrap_or_default(),
            container: container.to_owned(),
            previous,
        }
    }
}
