//! What is wrong with a cluster, and what to do next.

use super::components::SYSTEM;
use super::condition::{Condition, Shape};
use super::{Known, Status};
use crate::kubernetes::Health;

/// Fills in whether it is healthy, what is wrong, and what to do next about the first thing that is.
pub(super) fn judge(status: &mut Status, shape: &Shape) {
    let mut found = Vec::new();
    found.extend(of_containers(status, shape));
    if status.condition == Condition::Running {
        found.extend(of_nodes(status));
        found.extend(of_registries(status));
        found.extend(of_components(status));
        found.extend(of_profile(status));
    }
    status.healthy = found.is_empty();
    status.next = found.first().map(|(_, next)| next.clone());
    status.problems = found.into_iter().map(|(problem, _)| problem).collect();
}

/// A problem, and what to do about it.
type Trouble = (String, String);

fn of_containers(status: &Status, shape: &Shape) -> Vec<Trouble> {
    let name = &status.name;
    match status.condition {
        Condition::Running => Vec::new(),
        Condition::Absent => vec![(
            format!("there is no cluster {name}"),
            format!("Create it with `ratectl create-cluster {name}`."),
        )],
        Condition::Stopped => vec![(
            format!("cluster {name} is stopped"),
            format!("Start it with `ratectl start-cluster {name}`."),
        )],
        Condition::HalfMade => {
            let next = format!("Repair it with `ratectl create-cluster {name}`.");
            shape
                .missing()
                .into_iter()
                .map(|missing| (missing, next.clone()))
                .collect()
        }
    }
}

fn of_nodes(status: &Status) -> Vec<Trouble> {
    let name = &status.name;
    let doctor = format!("Find out why with `ratectl doctor {name}`.");
    let mut found = Vec::new();
    // Kubernetes tells of all nodes or of none.
    if let Some(silent) = status.nodes.iter().find(|node| node.ready.is_none()) {
        let why = silent.reason.clone().unwrap_or_default();
        found.push((format!("Kubernetes does not answer: {why}"), doctor.clone()));
    }
    for node in &status.nodes {
        let why = node
            .reason
            .as_deref()
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        if node.ready == Some(false) {
            found.push((format!("node {} is not ready{why}", node.name), doctor.clone()));
        } else if node.cordoned {
            let next = format!(
                "Let pods onto it with `kubectl --context {} uncordon {}`.",
                name.context(),
                node.name
            );
            found.push((format!("node {} is cordoned", node.name), next));
        } else if !node.pressure.is_empty() {
            found.push((
                format!("node {} is short: {}", node.name, node.pressure.join(", ")),
                doctor.clone(),
            ));
        }
    }
    found
}

fn of_registries(status: &Status) -> Vec<Trouble> {
    let trouble = |registry: &super::Registry| match &registry.repositories {
        Known::Known(_) => None,
        Known::Unknown { unknown } => Some((
            format!("registry {} does not answer: {unknown}", registry.name),
            format!("Find out why with `ratectl doctor {}`.", status.name),
        )),
    };
    status.registries.iter().filter_map(trouble).collect()
}

fn of_components(status: &Status) -> Vec<Trouble> {
    let context = status.name.context();
    let Some(components) = status.components.known() else {
        return Vec::new();
    };
    let trouble = |component: &super::Component| {
        let workload = &component.workload;
        let (word, why) = match &workload.health {
            Health::Ready => return None,
            // What Kubernetes brings along comes up after a create or start, and nobody has to wait for it.
            Health::Progressing(_) if workload.namespace == SYSTEM => return None,
            Health::Progressing(why) => ("is on its way", why),
            Health::Degraded(why) => ("is not well", why),
        };
        let kind = workload.kind.to_lowercase();
        Some((
            format!(
                "{} {}/{} {word}: {why}",
                workload.kind, workload.namespace, workload.name
            ),
            format!(
                "Look closer with `kubectl --context {context} --namespace {} describe {kind} {}`.",
                workload.namespace, workload.name
            ),
        ))
    };
    components.iter().filter_map(trouble).collect()
}

fn of_profile(status: &Status) -> Option<Trouble> {
    let Known::Unknown { unknown } = &status.profile else {
        return None;
    };
    let next = format!("Put it there with `ratectl start-cluster {}`.", status.name);
    Some((unknown.clone(), next))
}

#[cfg(test)]
mod tests;
