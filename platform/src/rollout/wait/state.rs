//! How one target is, at one moment.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use super::settled::{Now, Runs};
use crate::kubernetes::rollout::{Rollout, Rule};
use crate::rollout::finding::{Finding, Patience};
use crate::rollout::scene::Scene;
use crate::rollout::target::{Group, Target};
use crate::rollout::{Kind, examine};

use super::endings::Run;

/// A new custom resource without a status: its controller gets so long to write one, as there may be none that does.
const FIRST_STATUS: Duration = Duration::from_secs(3);
/// An object that is older than this is not new, even where the clocks of cluster and machine differ somewhat.
const NEW: i64 = 60;

/// What is seen of a target.
pub(super) enum Seen {
    /// Nothing yet: its kind is being listed.
    Nothing,
    /// Its rollout is done.
    Done,
    /// It is not.
    Open(Box<Open>),
}

/// A target whose rollout is not done.
pub(super) struct Open {
    pub(super) target: Target,
    pub(super) object: Value,
    /// How far it is.
    pub(super) reason: String,
    pub(super) findings: Vec<Finding>,
    /// Of the containers of its newest pods.
    pub(super) runs: Vec<Run>,
    /// Whether it is over, whatever happens.
    pub(super) over: bool,
    /// When to look again though nothing has changed, where only time tells.
    pub(super) again: Option<Instant>,
}

/// What a look goes by, besides the objects.
pub(super) struct Since<'a> {
    /// When the wait began.
    pub(super) began: Instant,
    /// Since when containers run.
    pub(super) runs: &'a Runs,
}

/// Looks at one target.
pub(super) fn see(group: &Group, target: &Target, scene: Option<&Scene<'_>>, since: &Since<'_>) -> Seen {
    if group.watched.objects().is_none() {
        return Seen::Nothing;
    }
    let Some(object) = group.object(target) else {
        if removes_itself(target) {
            return Seen::Done;
        }
        return Seen::Open(Box::new(gone(target)));
    };
    let rollout = target.rule.judge(&object);
    let reason = match &rollout {
        Rollout::Done if lacks_status(group, target, &object, since.began.elapsed()) => {
            let reason = "its controller has not looked at it yet".to_owned();
            let mut open = open(target, object, reason);
            open.again = Some(since.began + FIRST_STATUS);
            return Seen::Open(Box::new(open));
        }
        Rollout::Done if target.rule.keeps_pods() => return settled(target, object, scene, since.runs),
        Rollout::Done => return Seen::Done,
        Rollout::Progressing(reason) | Rollout::Failing(reason) | Rollout::Failed(reason) => reason.clone(),
    };
    // Without the pods there is nothing to find out yet; their watch begins with the first look.
    let looked = scene.is_some() || !target.rule.has_pods();
    let findings = looked.then(|| examine::examine(target, &object, &rollout, scene));
    let pods = scene.map_or_else(Vec::new, |scene| scene.newest_pods(target.rule, &object));
    let mut open = open(target, object, reason);
    open.runs = pods.into_iter().flat_map(Run::of).collect();
    open.findings = findings.unwrap_or_default();
    open.over = target.rule == Rule::Job && matches!(rollout, Rollout::Failed(_));
    Seen::Open(Box::new(open))
}

/// Whether a workload that is available stays so, which only its pods tell.
fn settled(target: &Target, object: Value, scene: Option<&Scene<'_>>, runs: &Runs) -> Seen {
    let Some(scene) = scene else {
        return Seen::Open(Box::new(open(target, object, String::new())));
    };
    let pods = scene.newest_pods(target.rule, &object);
    let now = Now {
        here: Instant::now(),
        there: Timestamp::now(),
    };
    let Some(unsettled) = runs.unsettled(&object, &pods, now) else {
        return Seen::Done;
    };
    let mut open = open(target, object, unsettled.reason);
    open.runs = pods.into_iter().flat_map(Run::of).collect();
    open.again = unsettled.until;
    Seen::Open(Box::new(open))
}

fn open(target: &Target, object: Value, reason: String) -> Open {
    Open {
        target: target.clone(),
        object,
        reason,
        findings: Vec::new(),
        runs: Vec::new(),
        over: false,
        again: None,
    }
}

impl Open {
    /// Whether it may still become ready by itself, and so bring what others lack.
    pub(super) fn is_under_way(&self) -> bool {
        let hopeless = |finding: &Finding| {
            finding.patience == Patience::None || matches!(finding.kind, Kind::Crash | Kind::OutOfMemory)
        };
        !self.runs.iter().any(Run::is_repeated) && !self.findings.iter().any(hopeless)
    }
}

/// For each, whether something else is under way that may bring what it lacks: another one of them, or something beside them.
pub(super) fn helped(open: &[Open], beside: bool) -> Vec<bool> {
    let under_way = open.iter().filter(|open| open.is_under_way()).count();
    let others = |open: &Open| under_way - usize::from(open.is_under_way());
    open.iter().map(|open| beside || others(open) > 0).collect()
}

fn gone(target: &Target) -> Open {
    let finding = examine::gone(target);
    let reason = finding.brief.clone();
    Open {
        findings: vec![finding],
        ..open(target, Value::Null, reason)
    }
}

/// Whether it goes by itself once it is done.
fn removes_itself(target: &Target) -> bool {
    target.rule == Rule::Job && target.wanted.pointer("/spec/ttlSecondsAfterFinished").is_some()
}

fn lacks_status(group: &Group, target: &Target, object: &Value, waited: Duration) -> bool {
    let status = object.get("status").and_then(Value::as_object);
    let made = object
        .pointer("/metadata/creationTimestamp")
        .and_then(Value::as_str);
    let made = made.and_then(|made| made.parse::<Timestamp>().ok());
    let age = made.map(|made| Timestamp::now().as_second() - made.as_second());
    target.rule == Rule::Conditions
        && group.has_status
        && status.is_none_or(serde_json::Map::is_empty)
        && age.is_some_and(|age| age < NEW)
        && waited < FIRST_STATUS
}
