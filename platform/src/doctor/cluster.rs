//! The cluster: whether its containers are there and run, and whether its nodes are ready.

use super::{Finding, scene::Scene};
use crate::cluster::State;
use crate::kubernetes::NodeSummary;
use crate::status::condition::{Condition, Shape};

pub(super) const CHECK: &str = "cluster";

struct Facts {
    name: String,
    shape: Shape,
    /// What Kubernetes says of its nodes, or why it does not; asked only where a server runs.
    nodes: Option<Result<Vec<NodeSummary>, String>>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let found = match scene.found(CHECK).await {
        Ok(found) => found,
        Err(skipped) => return skipped,
    };
    let runs = found.servers().any(|server| server.state == State::Running);
    let nodes = match scene.kubernetes().await {
        _ if !runs => None,
        Ok(cluster) => Some(
            cluster
                .nodes()
                .await
                .map_err(|error| crate::causes::causes(&error)),
        ),
        Err(why) => Some(Err(why.to_owned())),
    };
    vec![judge(&Facts {
        name: found.name.clone(),
        shape: Shape::of(found),
        nodes,
    })]
}

fn judge(facts: &Facts) -> Finding {
    let Facts { name, shape, nodes } = facts;
    match shape.condition() {
        Condition::Absent => Finding::skipped(CHECK, format!("there is no cluster {name}")),
        Condition::Stopped => Finding::warning(
            CHECK,
            format!("cluster {name} is stopped"),
            format!("`ratectl start-cluster {name}`"),
        ),
        Condition::HalfMade => Finding::error(
            CHECK,
            format!("cluster {name} is half there: {}", shape.missing().join(", ")),
            format!("`ratectl create-cluster {name}` repairs it"),
        ),
        Condition::Running => match nodes {
            Some(Ok(nodes)) => of_nodes(name, nodes),
            Some(Err(why)) => Finding::error(
                CHECK,
                format!("the API server of cluster {name} does not answer: {why}"),
                format!(
                    "`docker logs --tail 50 k3d-{name}-server-0` may tell why; `ratectl start-cluster {name}`"
                ),
            ),
            None => Finding::skipped(CHECK, "no server runs"),
        },
    }
}

fn of_nodes(name: &str, nodes: &[NodeSummary]) -> Finding {
    let unready: Vec<String> = nodes
        .iter()
        .filter(|node| !node.ready)
        .map(|node| format!("{}: {}", node.name, node.reason.as_deref().unwrap_or("not ready")))
        .collect();
    let ready = nodes.len() - unready.len();
    if !unready.is_empty() || nodes.is_empty() {
        return Finding::error(
            CHECK,
            format!(
                "{ready} of {} nodes of cluster {name} are ready; {}",
                nodes.len(),
                unready.join("; ")
            ),
            "`kubectl describe node` shows what a node lacks",
        );
    }
    if let Some(node) = nodes.iter().find(|node| node.cordoned) {
        return Finding::warning(
            CHECK,
            format!("node {} is cordoned: no new pod gets there", node.name),
            format!("`kubectl uncordon {}`", node.name),
        );
    }
    if let Some(node) = nodes.iter().find(|node| !node.pressure.is_empty()) {
        return Finding::warning(
            CHECK,
            format!("node {} is short: {}", node.name, node.pressure.join(", ")),
            "give the engine's machine more, or remove what is not needed",
        );
    }
    let count = if nodes.len() == 1 {
        "its node is".to_owned()
    } else {
        format!("all {} nodes are", nodes.len())
    };
    Finding::ok(CHECK, format!("cluster {name} runs, {count} ready"))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    fn node(ready: bool, cordoned: bool, pressure: &[&str]) -> NodeSummary {
        NodeSummary {
            name: "k3d-dev-server-0".to_owned(),
            role: "server",
            ready,
            reason: None,
            version: "v1.34.4".to_owned(),
            address: None,
            cordoned,
            age_seconds: 60,
            pressure: pressure.iter().map(|kind| (*kind).to_owned()).collect(),
        }
    }

    #[test_case(&[node(true, false, &[])] => Verdict::Ok; "ready")]
    #[test_case(&[node(true, false, &[]), node(false, false, &[])] => Verdict::Error; "one is not")]
    #[test_case(&[] => Verdict::Error; "none has registered")]
    #[test_case(&[node(true, true, &[])] => Verdict::Warning; "cordoned")]
    #[test_case(&[node(true, false, &["DiskPressure"])] => Verdict::Warning; "short of disk")]
    fn nodes(nodes: &[NodeSummary]) -> Verdict {
        of_nodes("dev", nodes).verdict
    }

    #[test_case(&[State::Running, State::Running] => Verdict::Ok; "running")]
    #[test_case(&[State::Exited, State::Exited] => Verdict::Warning; "stopped")]
    #[test_case(&[State::Running, State::Created] => Verdict::Error; "half there")]
    #[test_case(&[] => Verdict::Skipped; "absent")]
    fn containers(states: &[State]) -> Verdict {
        let named = |(number, state): (usize, &State)| (format!("k3d-dev-server-{number}"), *state);
        let shape = Shape::new(states.iter().enumerate().map(named).collect(), Vec::new());
        let nodes = Some(Ok(vec![node(true, false, &[])]));
        judge(&Facts {
            name: "dev".to_owned(),
            shape,
            nodes,
        })
        .verdict
    }
}
