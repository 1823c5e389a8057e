//! How often the engine had to start the cluster's containers again.

use bollard::query_parameters::InspectContainerOptions;
use futures_util::future::join_all;

use super::{Finding, scene::Scene};

pub(super) const CHECK: &str = "restarts";

/// A container, as far as its restarts go.
struct Facts {
    name: String,
    restarts: i64,
    out_of_memory: bool,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let reached = match scene.reached(CHECK).await {
        Ok(reached) => reached,
        Err(skipped) => return skipped,
    };
    let found = match scene.found(CHECK).await {
        Ok(found) => found,
        Err(skipped) => return skipped,
    };
    let inspected = join_all(found.containers().map(async |container| {
        let options = None::<InspectContainerOptions>;
        let told = reached
            .engine
            .api()
            .inspect_container(&container.id, options)
            .await
            .ok()?;
        Some(Facts {
            name: container.name.clone(),
            restarts: told.restart_count.unwrap_or_default(),
            out_of_memory: told.state.and_then(|state| state.oom_killed).unwrap_or_default(),
        })
    }));
    vec![judge(&inspected.await.into_iter().flatten().collect::<Vec<_>>())]
}

fn judge(containers: &[Facts]) -> Finding {
    let told = |container: &Facts| {
        let times = match container.restarts {
            0 => "was killed".to_owned(),
            1 => "was started again once".to_owned(),
            times => format!("was started again {times} times"),
        };
        let memory = if container.out_of_memory {
            ", for want of memory"
        } else {
            ""
        };
        format!("{} {times}{memory}", container.name)
    };
    let restless: Vec<&Facts> = containers
        .iter()
        .filter(|container| container.restarts > 0 || container.out_of_memory)
        .collect();
    let Some(first) = restless.first() else {
        return Finding::ok(CHECK, "no container of the cluster had to be started again");
    };
    let summary: Vec<String> = restless.iter().map(|container| told(container)).collect();
    let fix = format!("`docker logs --tail 50 {}` may tell why", first.name);
    Finding::warning(CHECK, summary.join("; "), fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn container(name: &str, restarts: i64, out_of_memory: bool) -> Facts {
        let name = name.to_owned();
        Facts {
            name,
            restarts,
            out_of_memory,
        }
    }

    #[test]
    fn a_quiet_cluster_is_well() {
        assert_eq!(judge(&[container("a", 0, false)]).verdict, Verdict::Ok);
    }

    #[test]
    fn every_restless_container_is_named_with_how_often() {
        let finding = judge(&[
            container("a", 1, false),
            container("b", 0, false),
            container("c", 3, true),
        ]);
        assert_eq!(finding.verdict, Verdict::Warning);
        assert_eq!(
            finding.summary,
            "a was started again once; c was started again 3 times, for want of memory"
        );
    }
}
